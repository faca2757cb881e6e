// What can stand in a line of Slack's text besides letters: links, people, moments, emoji.
import { html, now } from "./live.js";

// An address that may be opened, or null: the web's and mail's, never javascript: and the like.
export function safe(url) {
    try {
        return ["http:", "https:", "mailto:"].includes(new URL(url).protocol) ? url : null;
    } catch {
        return null; // no address at all
    }
}

export const Link = ({ url, children }) =>
    html`<a href=${url} target="_blank" rel="noopener noreferrer">${children}</a>`;

export function User({ id, context, label }) {
    const name = context.users?.[id]?.name ?? label ?? id;
    return html`<span class=${id === context.me ? "at me" : "at"}>@${name}</span>`;
}

export function Group({ id, context, label }) {
    const name = context.groups?.[id] ?? label ?? id;
    return html`<span class="at">@${name.replace(/^@/, "")}</span>`;
}

export function Channel({ id, context, label }) {
    return html`<span class="at">#${context.channels?.[id]?.name ?? label ?? id}</span>`;
}

export const Everybody = ({ range }) => html`<span class="at me">@${range}</span>`;

// A moment in the reader's own zone and language, and the fallback where there is no telling.
export function Moment({ seconds, form, url, fallback, context }) {
    const shown = moment(seconds, form, context) ?? fallback;
    const time = html`<time title=${fallback}>${shown}</time>`;
    return safe(url) ? html`<${Link} url=${url}>${time}<//>` : time;
}

// Slack knows thousands; these are the ones that a visitor may type.
const EMOJI = {
    "+1": "👍",
    bell: "🔔",
    eyes: "👀",
    hourglass: "⌛",
    moneybag: "💰",
    pray: "🙏",
    rotating_light: "🚨",
    smile: "😄",
    tada: "🎉",
    warning: "⚠️",
    wave: "👋",
    white_check_mark: "✅",
    x: "❌",
};

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

const DAY = 86_400_000;
const LONG = { year: "numeric", month: "long", day: "numeric" };
const SHORT = { ...LONG, month: "short" };
const FORMS = {
    date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
    date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
    date: LONG,
    date_short: SHORT,
    date_long: { ...LONG, weekday: "long" },
    time: { timeStyle: "short" },
    time_secs: { timeStyle: "medium" },
};

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting; null for a zone or a
// language that nobody knows.
function moment(seconds, form, { zone, locale }) {
    const at = new Date(seconds * 1000);
    const tell = (options) =>
        new Intl.DateTimeFormat(locale || undefined, { timeZone: zone, ...options }).format(at);
    try {
        return form.replace(/\{(\w+)\}/g, (whole, name) => {
            const near = name.endsWith("_pretty") && nearby(at, zone, locale);
            const options = FORMS[name.replace(/_pretty$/, "")];
            return near || (options ? tell(options) : whole);
        });
    } catch {
        return null;
    }
}

// "yesterday", "today" or "tomorrow", by the days of the reader's own calendar.
function nearby(at, zone, locale) {
    const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
    const midnight = (moment) => Date.parse(calendar.format(moment));
    const days = Math.round((midnight(at) - midnight(now())) / DAY);
    const words = new Intl.RelativeTimeFormat(locale || undefined, { numeric: "auto" });
    return Math.abs(days) <= 1 ? words.format(days, "day") : "";
}
