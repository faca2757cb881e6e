import { render } from "preact";
import { connect, html, say, speak, useLive } from "./live.js";
import { Clock } from "./clock.js";
import { Faults } from "./faults.js";
import { Guide } from "./guide.js";
import { Mail } from "./mail.js";
import { Slack } from "./slack.js";
import { Stripe } from "./stripe.js";

function Page() {
    useLive();
    return html`<${Guide} />
        <main><${Stripe} /><${Clock} /><${Faults} /><${Slack} /><${Mail} /></main>`;
}

await speak("en");
connect("");
render(html`<${Page} />`, document.getElementById("page"));
