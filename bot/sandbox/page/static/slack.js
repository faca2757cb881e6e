// The Slack of the page: sidebar, what is open in the middle, a thread beside it, a modal over it.
import { useEffect } from "preact/hooks";
import { here, html, put, useLive } from "./live.js";
import { Modal } from "./modal.js";
import { Channel } from "./channel.js";
import { Home } from "./home.js";
import { Nowhere } from "./nowhere.js";
import { Sidebar } from "./sidebar.js";
import { Thread } from "./thread.js";
import { ask, closeThread, contextOf, follow, placeOf } from "./place.js";

export function Slack() {
    const { parts } = useLive();
    const slack = parts.slack;
    useSpoken(slack);
    useEffect(() => addEventListener("keydown", leave), []);
    if (!slack) return html`<section class="panel p-slack" aria-busy="true"></section>`;
    const place = placeOf(slack);
    return html`<section
        class=${`panel p-slack${here.drawer ? " drawer" : ""}`}
        aria-label="Slack"
        id="slack"
        tabindex="-1"
        onClick=${(event) => {
            if (event.target === event.currentTarget) put({ drawer: false });
            follow(event, slack);
        }}
    >
        <${Sidebar} slack=${slack} place=${place} />
        <${Middle} slack=${slack} place=${place} />
        ${place.thread && html`<${Thread} key=${place.thread.ts} slack=${slack} place=${place} />`}
        <${TopModal} slack=${slack} />
    </section>`;
}

function Middle({ slack, place }) {
    if (place.home) return html`<${Home} key=${slack.viewer} slack=${slack} />`;
    if (!place.channel) return html`<${Nowhere} slack=${slack} />`;
    return html`<${Channel}
        key=${slack.viewer + place.channel.id}
        slack=${slack}
        channel=${place.channel}
    />`;
}

// Only the topmost of a stack is on the screen, as in Slack; it belongs to its person.
function TopModal({ slack }) {
    const view = slack.modals.at(-1);
    if (!view) return null;
    const press = (block, element, value) =>
        ask("press_view", {
            view: view.id,
            block_id: block.block_id,
            action_id: element.action_id,
            value,
        });
    return html`<${Modal}
        key=${slack.modals[0].id}
        view=${view}
        errors=${view.errors}
        context=${contextOf(slack, { press })}
        onSubmit=${(values) => ask("submit", { view: view.id, values })}
        onClose=${() => ask("close", { view: view.id })}
    />`;
}

// A page in French has people who read French; whoever chooses another language keeps it.
function useSpoken(slack) {
    useEffect(() => {
        if (slack) ask("speak", { language: here.language });
    }, [here.language, !slack]);
}

function leave(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (here.drawer) {
        put({ drawer: false });
        document.querySelector(".p-slack .menu")?.focus();
    } else if (here.thread) closeThread();
}
