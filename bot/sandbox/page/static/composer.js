// Where one writes; a slash opens the list of commands: arrows choose, Enter runs, Esc closes.
import { useState } from "preact/hooks";
import { html, say } from "./live.js";
import { slackbot } from "./channel.js";
import { ask } from "./place.js";

export function Composer({ slack, channel }) {
    const [text, setText] = useState("");
    const [at, setAt] = useState(0);
    const [closed, setClosed] = useState(false);
    const [busy, setBusy] = useState(false);
    const offered = closed ? [] : offers(slack.commands, text);
    const change = (value) => {
        setText(value);
        setAt(0);
        setClosed(false);
    };
    const send = async (value) => {
        change("");
        setBusy(true);
        const answer = value.startsWith("/")
            ? await ask("command", { channel: channel.id, text: value })
            : await ask("say", { channel: channel.id, text: value });
        setBusy(false);
        if (answer.problem)
            slackbot(slack, channel.id, say(answer.problem.key, answer.problem.with));
    };
    const choose = (one) => (needsMore(one) ? change(`${one.name} `) : send(one.name));
    const enter = () => {
        const one = offered[at];
        if (one && !text.startsWith(one.name)) choose(one);
        else if (text.trim()) send(text.trim());
    };
    const key = (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) enter();
        else if (step && offered.length) setAt((at + step + offered.length) % offered.length);
        else if (event.key === "Escape" && offered.length) setClosed(true);
        else return;
        event.preventDefault();
    };
    return html`<div class="compose">
        ${
            offered.length > 0 &&
            html`<${Offers} slack=${slack} offered=${offered} at=${at} choose=${choose} />`
        }
        <div class="box">
            <textarea
                rows="1"
                value=${text}
                aria-label=${say("slack.write")}
                placeholder=${say("slack.write_hint")}
                aria-controls=${offered.length ? "commands" : null}
                aria-autocomplete="list"
                aria-activedescendant=${offered.length ? `command-${at}` : null}
                onInput=${(event) => change(event.target.value)}
                onKeyDown=${key}
            />
            <button
                class="btn sm quiet"
                disabled=${busy || !text.trim()}
                onClick=${() => send(text.trim())}
            >
                ${say("slack.send")}
            </button>
        </div>
    </div>`;
}

function Offers({ slack, offered, at, choose }) {
    return html`<div class="cmds">
        <h4>${slack.users[slack.app].name}</h4>
        <ul id="commands" role="listbox" aria-label=${say("slack.commands")}>
            ${offered.map(
                (one, index) =>
                    html`<li
                        key=${one.name}
                        id=${`command-${index}`}
                        role="option"
                        aria-selected=${index === at}
                        class=${index === at ? "on" : ""}
                        ref=${(row) => index === at && row?.scrollIntoView({ block: "nearest" })}
                        onMouseDown=${(event) => event.preventDefault()}
                        onClick=${() => choose(one)}
                    >
                        <code>${one.name} <i>${one.usage}</i></code
                        ><span>${one.help}</span>
                    </li>`,
            )}
        </ul>
    </div>`;
}

// Everything that can still become what is typed, or the one that it is already.
function offers(commands, text) {
    if (!text.startsWith("/")) return [];
    const typed = text.toLowerCase();
    return commands.filter(
        ({ name }) => name.startsWith(typed.trim()) || typed.startsWith(`${name} `),
    );
}

// What stands in brackets may be left out.
const needsMore = ({ usage }) => usage.replace(/\[.*?\]/g, "").trim() !== "";
