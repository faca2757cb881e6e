import { useRef, useState } from "preact/hooks";
import { act, html, icon, parts, say, useLive } from "./live.js";

const SWITCHES = [
    "slack_down",
    "slack_busy",
    "slack_shared",
    "stripe_down",
    "mail_down",
    "kill_between",
];
const MOODS = ["sensible", "slow", "silent", "broken", "malicious"];

export function Faults() {
    useLive();
    const faults = parts.faults;
    if (!faults) return null;
    return html`<section class="panel p-faults" aria-labelledby="faults-title">
        <details>
            <summary>
                <h2 id="faults-title">${say("faults.title")}</h2>
                <span class="sum2">${summary(faults)}</span>
                <span class="chev">${icon("down")}</span>
            </summary>
            <div class="faults">
                ${SWITCHES.map(
                    (name) => html`<${Switch} name=${name} on=${faults.on.includes(name)} />`,
                )}
                <${Mood} mood=${faults.mood} />
                <${Bot} faults=${faults} />
            </div>
        </details>
    </section>`;
}

function summary(faults) {
    if (faults.bot !== "up") return say(`faults.sum_${faults.bot}`);
    const count = faults.on.length + (["sensible", "real"].includes(faults.mood) ? 0 : 1);
    if (count === 0) return say("faults.none");
    return count === 1 ? say("faults.one") : say("faults.some", { count });
}

function Switch({ name, on }) {
    const flip = (event) => {
        // What is shown is what the sandbox says, not what was clicked.
        event.preventDefault();
        act("faults.set", { name, on: !on });
    };
    return html`<label class="sw">
        <span>${say(`faults.${name}`)}</span>
        <em aria-hidden="true">${say(on ? "faults.on" : "faults.off")}</em>
        <input type="checkbox" role="switch" checked=${on} onClick=${flip} />
    </label>`;
}

function Mood({ mood }) {
    if (mood === "real") return html`<p class="hint">${say("faults.real_model")}</p>`;
    return html`<label class="mood">
        <span>${say("faults.model")}</span>
        <span class="pick">
            <select
                value=${mood}
                onChange=${(event) => act("faults.mood", { mood: event.target.value })}
            >
                ${MOODS.map(
                    (one) =>
                        html`<option value=${one} selected=${one === mood}>
                            ${say(`faults.model_${one}`)}
                        </option>`,
                )}
            </select>
        </span>
    </label>`;
}

function Bot({ faults }) {
    const [busy, setBusy] = useState(false);
    const group = useRef(null);
    const press = async (name) => {
        setBusy(true);
        await act(`faults.${name}`);
        setBusy(false);
        // The button that was pressed was switched off, or has gone: the keyboard stays among them.
        requestAnimationFrame(() => {
            if (document.activeElement === document.body)
                group.current?.querySelector("button")?.focus();
        });
    };
    const button = (name) =>
        html`<button class="btn sm" disabled=${busy} onClick=${() => press(name)}>
            ${say(`faults.${name}`)}
        </button>`;
    const up = faults.bot === "up";
    return html`<div class="resident" ref=${group} role="group" aria-label=${say("faults.bot")}>
        <p role="status">
            <b>${say("faults.bot")}</b> ${say(`faults.bot_${faults.bot}`)}${" "}
            ${faults.bot === "down" && say(`faults.why_${faults.why}`)}
        </p>
        ${
            faults.log.length > 0 &&
            html`<pre tabindex="0" aria-label=${say("faults.log")}>${faults.log.join("\n")}</pre>`
        }
        <div class="three">
            ${up ? html`${button("restart")}${button("stop")}${button("kill")}` : button("start")}
        </div>
    </div>`;
}
