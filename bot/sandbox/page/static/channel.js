// A channel: its head with who is in it, what is wrong, its messages, and where one writes.
import { useEffect, useRef } from "preact/hooks";
import { act, here, html, icon, now, put, say } from "./live.js";
import { Composer } from "./composer.js";
import { List } from "./list.js";
import { Mark } from "./sidebar.js";
import { ask } from "./place.js";

export function Channel({ slack, channel }) {
    const messages = withSlackbot(slack, channel);
    useRead(channel, slack.messages[channel.id]);
    return html`<div class="main">
        <${Head} slack=${slack} channel=${channel} />
        <${Band} slack=${slack} />
        ${
            messages.length
                ? html`<${List} slack=${slack} channel=${channel.id} messages=${messages} />`
                : html`<${Empty} channel=${channel} />`
        }
        ${
            channel.kind === "dm"
                ? html`<p class="b-ctx off">${say("slack.no_writing")}</p>`
                : html`<${Composer} slack=${slack} channel=${channel} />`
        }
    </div>`;
}

export function Drawer() {
    return html`<button
        class="btn icon quiet menu"
        aria-label=${say("slack.channels")}
        aria-expanded=${Boolean(here.drawer)}
        onClick=${() => {
            put({ drawer: !here.drawer });
            requestAnimationFrame(() => document.querySelector(".drawer nav button")?.focus());
        }}
    >
        ${icon("menu")}
    </button>`;
}

function Head({ slack, channel }) {
    const about = say(`slack.about_${channel.kind}`);
    return html`<div class="ch">
        <${Drawer} />
        <h2><${Mark} channel=${channel} />${channel.name}</h2>
        ${channel.shared && html`<span class="pill warn">${say("slack.shared")}</span>`}
        <p>${about}</p>
        <${Details} slack=${slack} channel=${channel} />
    </div>`;
}

function Details({ slack, channel }) {
    const folded = useFolding();
    return html`<details class="push about" ref=${folded}>
        <summary class="pill">${say("slack.people", { count: channel.people.length })}</summary>
        <div class="card">
            <h3>${say("slack.people", { count: channel.people.length })}</h3>
            <p>${channel.people.map((id) => slack.users[id].name).join(", ")}</p>
            ${channel.kind === "review" && html`<${Sharing} channel=${channel} />`}
            <h3>${say("slack.refused")}</h3>
            ${
                slack.refused.length
                    ? html`<ul>
                          ${slack.refused.map(
                              (call) => html`<li><code>${call.method}</code> ${call.error}</li>`,
                          )}
                      </ul>`
                    : html`<p>${say("slack.none_refused")}</p>`
            }
        </div>
    </details>`;
}

// The same switch as among the faults: a channel that others see is one.
function Sharing({ channel }) {
    const set = (event) =>
        act("faults/set", { name: "slack_shared", on: event.currentTarget.checked });
    return html`<label class="sw">
        <span>${say("slack.share")}</span>
        <input type="checkbox" role="switch" checked=${channel.shared} onChange=${set} />
    </label>`;
}

// Closes what was unfolded by Esc, or by a click elsewhere.
function useFolding() {
    const folded = useRef();
    useEffect(() => {
        const details = folded.current;
        const fold = (event) => {
            const outside = event.type === "click" && !details.contains(event.target);
            if (outside || event.key === "Escape") details.open = false;
        };
        addEventListener("click", fold);
        addEventListener("keydown", fold);
        return () => {
            removeEventListener("click", fold);
            removeEventListener("keydown", fold);
        };
    }, []);
    return folded;
}

const REMEDIES = {
    bot: ["slack.start_bot", "faults/start"],
    down: ["slack.bring_back", "faults/set", { name: "slack_down", on: false }],
    busy: ["slack.bring_back", "faults/set", { name: "slack_busy", on: false }],
};

// What keeps the bot and Slack apart for now, and how to end it; words first, colour second.
export function Band({ slack }) {
    const { trouble } = slack;
    const passing = trouble === "moment";
    const [label, name, given] = REMEDIES[trouble] ?? [];
    return html`<div role="status">
        ${
            trouble &&
            html`<div class=${passing ? "err calm" : "err"}>
                ${icon(passing ? "clock" : "warning")}<span
                    >${say(`slack.trouble_${trouble}`)}</span
                >
                ${label && html`<button class="btn sm" onClick=${() => act(name, given)}>${say(label)}</button>`}
            </div>`
        }
    </div>`;
}

function Empty({ channel }) {
    return html`<div class="scroll">
        <div class="blank">
            ${icon(channel.kind === "dm" ? "chat" : "card")}
            <b>${say(`slack.empty_${channel.kind}`)}</b>
            <p>${say(`slack.empty_${channel.kind}_more`)}</p>
        </div>
    </div>`;
}

// Whoever has a channel before them has read it.
function useRead(channel, messages) {
    const newest = messages
        .flatMap((one) => [one, ...(one.replies ?? [])])
        .reduce((latest, one) => (one.ts > latest ? one.ts : latest), "");
    useEffect(() => {
        if (newest > channel.read) ask("read", { channel: channel.id, ts: newest });
    }, [newest]);
}

// What Slackbot said to this tab's person alone stands among the messages until it is dismissed.
function withSlackbot(slack, channel) {
    const place = slack.viewer + channel.id;
    const said = (here.slackbot ?? []).filter((one) => one.place === place);
    const all = [...slack.messages[channel.id], ...said];
    return all.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

export function slackbot(slack, channel, text) {
    // After all that stands there, even where this tab's clock is a little behind.
    const last = Number(slack.messages[channel].at(-1)?.ts ?? 0) + 0.001;
    const ts = Math.max(now() / 1000, last).toFixed(6);
    const one = { place: slack.viewer + channel, ts, user: "", text };
    const dismiss = () => put({ slackbot: here.slackbot.filter((other) => other.ts !== one.ts) });
    const said = { ...one, slackbot: true, ephemeral: true, dismiss };
    put({ slackbot: [...(here.slackbot ?? []), said] });
}
