// What stands around the parts: top bar, tabs, what went wrong.
import { dismiss, here, html, icon, put, say, speak, useLive, act, parts } from "./live.js";
import { keep } from "./kept.js";

const LANGUAGES = { en: "English", fr: "Français", es: "Español" };
const THEMES = ["system", "light", "dark"];

export const languages = Object.keys(LANGUAGES);

async function choose(language) {
    keep("language", language);
    await speak(language);
    await act("guide.open", { language });
}

function theme(chosen) {
    keep("theme", chosen);
    put({ theme: chosen });
}

// For those who come by keyboard: past the guide and Stripe, to where the work is.
function skip(event) {
    event.preventDefault();
    put({ tab: "slack" });
    const slack = document.querySelector(".p-slack");
    slack?.setAttribute("tabindex", "-1");
    slack?.focus();
}

const Pick = ({ id, label, value, options, pick }) => html`
    <span class="pick">
        <label class="sr" for=${id}>${label}</label>
        <select id=${id} value=${value} onChange=${(event) => pick(event.target.value)}>
            ${options.map(([key, name]) => html`<option value=${key} key=${key}>${name}</option>`)}
        </select>
    </span>
`;

export function Top({ children }) {
    useLive();
    return html`
        <a class="skip" href="#slack" onClick=${skip}>${say("shell.skip")}</a>
        <header class="top">
            <h1 class="brand">
                <svg aria-hidden="true"><use href="/static/icons.svg#mark" /></svg>Dunning Desk
            </h1>
            <span class="pill">${say("shell.sandbox")}</span>
            <p class="note">${say("shell.note")}</p>
            ${children}
            <${Pick}
                id="language"
                label=${say("shell.language")}
                value=${here.language}
                options=${Object.entries(LANGUAGES)}
                pick=${choose}
            />
            <${Pick}
                id="theme"
                label=${say("shell.theme")}
                value=${here.theme}
                options=${THEMES.map((name) => [name, say(`shell.theme_${name}`)])}
                pick=${theme}
            />
        </header>
    `;
}

export function Lost() {
    useLive();
    return html`<div role="status">
        ${here.lost && html`<p class="band">${icon("warning")}<span>${say("shell.gone")}</span></p>`}
    </div>`;
}

export function Notes() {
    useLive();
    const told = (tone) =>
        here.notes
            .filter((note) => note.tone === tone)
            .map((note) => html`<${Note} key=${note.key} note=${note} />`);
    return html`<div class="notes">
        <div role="alert">${told("problem")}</div>
        <div role="status">${told("note")}</div>
    </div>`;
}

const Note = ({ note }) => html`
    <div class=${`toast ${note.tone}`}>
        ${icon(note.tone === "problem" ? "warning" : "check")}
        <p>${say(note.key, note.with)}</p>
        <button
            class="btn sm icon quiet"
            aria-label=${say("shell.close")}
            onClick=${() => dismiss(note)}
        >
            ${icon("close")}
        </button>
    </div>
`;

// How much is new where, as far as this viewer can see it.
const news = () => ({
    slack: (parts.slack?.channels ?? []).reduce((sum, one) => sum + (one.unread ?? 0), 0),
    mail: (parts.mail?.mails ?? []).filter((one) => !one.seen).length,
});

const Count = ({ count }) =>
    count > 0 &&
    html`<u
        ><span aria-hidden="true">${count}</span
        ><span class="sr">${say("shell.new", { count })}</span></u
    >`;

const TABS = { stripe: "card", slack: "chat", mail: "mail", time: "clock" };

// A phone's way from part to part.
export function Tabs() {
    useLive();
    const counts = news();
    return html`<nav class="tabs" aria-label=${say("shell.parts")}>
        ${Object.entries(TABS).map(
            ([tab, drawing]) =>
                html`<button
                    key=${tab}
                    aria-current=${here.tab === tab ? "page" : undefined}
                    onClick=${() => put({ tab })}
                >
                    ${icon(drawing)}${say(`shell.tab_${tab}`)}<${Count} count=${counts[tab]} />
                </button>`,
        )}
    </nav>`;
}

// A tablet's left column: Stripe or the mailbox.
export function Sides() {
    useLive();
    const counts = news();
    return html`<div class="wtabs">
        <div class="seg" role="group" aria-label=${say("shell.left")}>
            ${["stripe", "mail"].map(
                (side) =>
                    html`<button
                        key=${side}
                        aria-pressed=${String(here.side === side)}
                        onClick=${() => put({ side })}
                    >
                        ${say(`shell.side_${side}`)}<${Count} count=${counts[side]} />
                    </button>`,
            )}
        </div>
    </div>`;
}
