// What the server shows, kept current, and what a visitor does. One store for the whole page.
import { h } from "preact";
import { useLayoutEffect, useReducer } from "preact/hooks";
import htm from "htm";
import { keep } from "./kept.js";

export const html = htm.bind(h);

// The parts as the server last showed them: {guide, stripe, clock, faults, slack, mail}.
export const parts = {};

// What only this tab knows; change it by `put`.
// tab: what a phone shows (stripe, slack, mail, time); side: what stands left on a tablet (stripe,
// mail); view: what Slack shows; lost: the sandbox was there and is gone; notes: see `notify`.
export const here = {
    viewer: "",
    language: "en",
    theme: "system",
    tab: "slack",
    side: "stripe",
    view: "review",
    connected: false,
    lost: false,
    notes: [],
};

const SHOWN = ["theme", "tab", "side", "view"]; // attributes of <html>, for the style sheets
const listeners = new Set();

// Redraws the calling component whenever a part or `here` changes.
export function useLive() {
    const [, redraw] = useReducer((count) => count + 1, 0);
    useLayoutEffect(() => {
        listeners.add(redraw);
        return () => listeners.delete(redraw);
    }, []);
    return { parts, here };
}

export function put(changes) {
    Object.assign(here, changes);
    for (const name of SHOWN) document.documentElement.dataset[name] = here[name];
    listeners.forEach((tell) => tell());
}

const AGAIN = 2000; // milliseconds until another try, where the browser itself makes none

let source = null;
let greet = () => {};

// Calls `greeting` at every connection: the sandbox may be another one than before.
export const onConnect = (greeting) => (greet = greeting);

// Looks through the eyes of `viewer`, an id of Slack's; "" leaves it to the server.
export function connect(viewer) {
    source?.close();
    keep("viewer", viewer);
    put({ viewer });
    let heard = false;
    const mine = (source = new EventSource(`/live?viewer=${encodeURIComponent(viewer)}`));
    mine.onopen = () => {
        heard = true;
        put({ connected: true, lost: false });
        greet();
    };
    mine.onmessage = (event) => {
        Object.assign(parts, JSON.parse(event.data));
        put({});
    };
    mine.onerror = () => {
        put({ connected: false, lost: here.connected || here.lost });
        if (mine.readyState !== EventSource.CLOSED || mine !== source) return;
        // Refused, not cut: nobody of that id is there (any more), unless it had been there.
        if (viewer && !heard) connect("");
        else setTimeout(() => mine === source && connect(viewer), AGAIN);
    };
}

// Does something; resolves to the answer, or to {problem: {key, with}} when it can't be, which is
// shown to the visitor unless the caller does so (quiet).
export async function act(name, given = {}, { quiet = false } = {}) {
    if (!quiet) put({ notes: [] });
    const answer = await asked(name, { viewer: here.viewer, ...given });
    if (answer.problem && !quiet) notify(answer.problem);
    return answer;
}

async function asked(name, given) {
    try {
        const answer = await fetch(`/do/${name.replace(".", "/")}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(given),
        });
        if (answer.ok) return await answer.json();
        return { problem: { key: "shell.broken", with: { status: answer.status } } };
    } catch {
        return { problem: { key: "shell.gone", with: {} } };
    }
}

const READ = 10_000; // milliseconds that a note, after which nothing need be done, stays

// Tells the visitor {key, with}, until it is dismissed or something else is done.
// tone: "problem" interrupts a screen reader, "note" does not, and goes by itself.
export function notify(problem, tone = "problem") {
    const note = { ...problem, tone };
    put({ notes: [...here.notes.filter(({ key }) => key !== note.key), note] });
    if (tone === "note") setTimeout(dismiss, READ, note);
}

export const dismiss = (note) => put({ notes: here.notes.filter((other) => other !== note) });

// A drawing of icons.svg, beside words or inside a button that has a name of its own.
export const icon = (name) =>
    html`<svg aria-hidden="true"><use href=${`/static/icons.svg#${name}`} /></svg>`;

let words = {};

export async function speak(language) {
    words = await (await fetch(`/words/${language}`)).json();
    document.documentElement.lang = language;
    document.title = say("shell.title");
    put({ language });
}

// A word by "part.key", its {placeholders} filled.
export function say(key, values = {}) {
    const [part, name] = key.split(".");
    const text = words[part]?.[name] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values?.[name] ?? whole);
}

// The sandbox's clock, in milliseconds since 1970.
export const now = () => Date.now() + (parts.clock?.ahead_ms ?? 0);
