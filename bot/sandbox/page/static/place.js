// Where in Slack this tab is, how it goes elsewhere, and what blocks need to know of it.
import { act, here, notify, parts, put } from "./live.js";

export const me = (slack) => slack.viewers.find((one) => one.id === slack.viewer);

// {home} or {channel}, and perhaps {thread: its first message}.
export function placeOf(slack) {
    if (here.channel === "home" && me(slack).role !== "stranger") return { home: true };
    const channel =
        slack.channels.find((one) => one.id === here.channel) ??
        slack.channels.find((one) => one.kind === "review") ??
        slack.channels.find((one) => one.kind !== "dm");
    if (!channel) return {};
    const thread = slack.messages[channel.id].find((one) => one.ts === here.thread);
    return { channel, thread };
}

// Goes to a channel ("home" is the app's), or into a thread; the layout follows `here.view`.
export function go({ channel = here.channel, thread = null, message = null }) {
    const slack = parts.slack;
    const known = slack.channels.find((one) => one.id === channel);
    const kind = channel === "home" ? "home" : (known?.kind ?? "review");
    put({
        channel,
        thread,
        message,
        drawer: false,
        tab: "slack",
        view: thread ? "vip" : kind === "vip" ? "room" : kind,
    });
    if (channel === "home") ask("home").then((answer) => put({ homeProblem: answer.problem }));
}

let opener = null;

// Whoever comes by keyboard goes along into a thread, and back to where they came from.
export function openThread(channel, thread) {
    opener = document.activeElement;
    go({ channel, thread });
    requestAnimationFrame(() => document.querySelector(".thread")?.focus());
}

export function closeThread() {
    go({});
    requestAnimationFrame(() => opener?.isConnected && opener.focus());
}

// A VIP's thread is where they are looked after: the channel opens with the newest one beside it.
export function enter(slack, channel) {
    const newest = slack.messages[channel.id].findLast((one) => one.replies);
    const wide = matchMedia("(min-width: 1200px)").matches;
    go({ channel: channel.id, thread: channel.kind === "vip" && wide ? newest?.ts : null });
}

// A link to a message of this workspace leads to it on the page, not out to the real Slack; any
// other that leaves this machine leads nowhere, and says so.
export function follow(event, slack) {
    const link = event.target.closest?.("a[href]");
    const found = link && new URL(link.href);
    if (!found || ["127.0.0.1", "localhost"].includes(found.hostname)) return;
    event.preventDefault();
    const ours = found.hostname === `${slack.domain}.slack.com`;
    const [, channel, digits] =
        (ours && found.pathname.match(/^\/archives\/(\w+)(?:\/p(\d+))?/)) || [];
    if (!slack.channels.some((one) => one.id === channel)) {
        return notify({ key: ours ? "slack.not_yours" : "slack.outside" }, "note");
    }
    const message = digits && `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    const thread = found.searchParams.get("thread_ts");
    go({ channel, thread, message: thread ?? message });
}

// What blocks.js has to know; `more` says what may be pressed there.
export function contextOf(slack, more = {}) {
    const { zone, locale } = me(slack);
    const channels = Object.fromEntries(slack.channels.map((one) => [one.id, { name: one.name }]));
    const { users, groups, viewer } = slack;
    return { users, channels, groups, me: viewer, zone, locale, ...more };
}

// Does something in Slack; whoever asked shows what went wrong where they asked it.
export const ask = (name, given) => act(`slack/${name}`, given, { quiet: true });
