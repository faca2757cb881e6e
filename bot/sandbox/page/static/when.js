// Times as Slack writes them: in the reader's zone and language.
import { now, say } from "./live.js";

const made = new Map();

function format(locale, timeZone, options) {
    const key = locale + timeZone + JSON.stringify(options);
    if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale, { timeZone, ...options }));
    return made.get(key);
}

const dateOf = (ts) => new Date(Number(ts) * 1000);

export const clock = (ts, { locale, zone }) =>
    format(locale, zone, { hour: "numeric", minute: "2-digit" }).format(dateOf(ts));

export const moment = (ts, { locale, zone }) =>
    format(locale, zone, { dateStyle: "full", timeStyle: "medium" }).format(dateOf(ts));

// A name for the day that sorts and compares.
const dayKey = (date, zone) =>
    format("sv-SE", zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(date);

export const sameDay = (a, b, { zone }) => dayKey(dateOf(a), zone) === dayKey(dateOf(b), zone);

export const today = (zone) => dayKey(new Date(now()), zone);

// today, yesterday, or another day.
function near(ts, zone) {
    const key = dayKey(dateOf(ts), zone);
    if (key === today(zone)) return "today";
    return key === dayKey(new Date(now() - 86_400_000), zone) ? "yesterday" : "other";
}

export function day(ts, { locale, zone }) {
    const name = near(ts, zone);
    if (name !== "other") return say(`slack.${name}`);
    const options = { weekday: "long", day: "numeric", month: "long" };
    return format(locale, zone, options).format(dateOf(ts));
}

export function lastReply(ts, { locale, zone }) {
    const date = format(locale, zone, { day: "numeric", month: "short" }).format(dateOf(ts));
    const time = clock(ts, { locale, zone });
    return say(`slack.last_reply_${near(ts, zone)}`, { date, time });
}
