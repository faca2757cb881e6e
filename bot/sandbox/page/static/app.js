import { render } from "preact";
import { act, connect, here, html, onConnect, put, speak, useLive } from "./live.js";
import { kept } from "./kept.js";
import { Boundary } from "./boundary.js";
import { Clock } from "./clock.js";
import { Faults } from "./faults.js";
import { Guide, GuideAgain } from "./guide.js";
import { languages, Lost, Notes, Sides, Tabs, Top } from "./shell.js";
import { Mail } from "./mail.js";
import { Slack } from "./slack.js";
import { Stripe } from "./stripe.js";

// In the order in which they are read, and in which Tab goes through them.
const PARTS = { stripe: Stripe, clock: Clock, faults: Faults, slack: Slack, mail: Mail };

const part = ([name, Part]) =>
    html`<${Boundary} key=${name} name=${name}><${Part} /></${Boundary}>`;

function Page() {
    useLive();
    return html`
        <${Top}><${GuideAgain} /></${Top}>
        <${Lost} />
        <${Boundary} name="guide"><${Guide} /></${Boundary}>
        <main class="stage"><${Sides} />${Object.entries(PARTS).map(part)}</main>
        <${Tabs} />
        <${Notes} />
    `;
}

// The language chosen here before, else the first of the browser's that we speak.
const spoken = () =>
    [kept("language"), ...navigator.languages]
        .map((name) => (name ?? "").slice(0, 2))
        .find((name) => languages.includes(name)) ?? "en";

put({ theme: kept("theme") ?? "system" });
await speak(spoken());
onConnect(() => act("guide.open", { language: here.language }, { quiet: true }));
connect(kept("viewer") ?? "");
render(html`<${Page} />`, document.getElementById("page"));
