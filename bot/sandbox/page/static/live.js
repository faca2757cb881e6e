// What the server shows, kept current, and what a visitor does. One store for the whole page.
import { h } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);

// The parts as the server last showed them: {guide, stripe, clock, faults, slack, mail}.
// here: what only this tab knows: {viewer, language, tab, …}; change it by `put`.
export const parts = {};
export const here = { viewer: null, language: "en", connected: false };

const listeners = new Set();
const told = () => listeners.forEach((tell) => tell());

// Redraws the calling component whenever a part or `here` changes.
export function useLive() {
    const [, redraw] = useReducer((count) => count + 1, 0);
    useEffect(() => {
        listeners.add(redraw);
        return () => listeners.delete(redraw);
    }, []);
    return { parts, here };
}

export function put(changes) {
    Object.assign(here, changes);
    told();
}

let source = null;

export function connect(viewer) {
    if (source) source.close();
    put({ viewer });
    source = new EventSource(`/live?viewer=${encodeURIComponent(viewer ?? "")}`);
    source.onmessage = (event) => {
        Object.assign(parts, JSON.parse(event.data));
        put({ connected: true });
    };
    source.onerror = () => put({ connected: false });
}

// Does something; resolves to the answer, or to {problem: {key, with}} when it can't be.
export async function act(name, given = {}) {
    try {
        const answer = await fetch(`/do/${name}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ viewer: here.viewer, ...given }),
        });
        if (answer.ok) return await answer.json();
    } catch {
        // told below: the sandbox has ended, or its port is gone
    }
    return { problem: { key: "shell.gone", with: {} } };
}

// A drawing of icons.svg, beside words or inside a button that has a name of its own.
export const icon = (name) =>
    html`<svg aria-hidden="true"><use href=${`/static/icons.svg#${name}`} /></svg>`;

let words = {};

export async function speak(language) {
    words = await (await fetch(`/words/${language}`)).json();
    document.documentElement.lang = language;
    put({ language });
}

// A word by "part.key", its {placeholders} filled.
export function say(key, values = {}) {
    const [part, name] = key.split(".");
    const text = words[part]?.[name] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// The sandbox's clock, in milliseconds since 1970.
export const now = () => Date.now() + (parts.clock?.ahead_ms ?? 0);
