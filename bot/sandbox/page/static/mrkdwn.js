// Slack's text, as Slack shows it: https://docs.slack.dev/messaging/formatting-message-text.
// Text stays text: whatever a stranger wrote ends in a text node.
import { html } from "./live.js";
import { Channel, Everybody, Group, Link, Moment, User, emoji, safe } from "./spans.js";

// A text object of Block Kit.
export function Text({ of, context }) {
    if (of.type === "mrkdwn") {
        return html`<${Mrkdwn} text=${of.text} verbatim=${of.verbatim} context=${context} />`;
    }
    return html`${of.emoji === false ? of.text : of.text.replace(NAMED, (_, name) => emoji(name))}`;
}

// With `verbatim` an address is a link only where the sender said so.
export function Mrkdwn({ text, context = {}, verbatim = false }) {
    const pieces = text.split(/```\n?([^]+?)```\n?/);
    return pieces.map((piece, at) => {
        if (at % 2) return html`<pre class="b-pre">${leaf(piece)}</pre>`;
        return groups(piece).map(({ kind, lines }) => {
            const said = lines.flatMap((line, nth) => [
                nth ? "\n" : "",
                ...inline(line, context, verbatim),
            ]);
            if (kind === "quote") return html`<blockquote class="b-quote">${said}</blockquote>`;
            return kind === "bullet" ? html`<span class="b-li">${said}</span>` : said;
        });
    });
}

// Neighbouring lines of one kind. A quote is whole lines; the bullets that people type hang, so
// each stands alone.
function groups(text) {
    const found = [];
    let toTheEnd = false;
    for (const line of text ? text.split("\n") : []) {
        const [mark, arrows] = toTheEnd ? ["", ""] : (line.match(QUOTE) ?? [null]);
        toTheEnd ||= arrows?.replace(/&gt;/g, ">") === ">>>";
        const kind = mark !== null ? "quote" : /^[•◦▪] /.test(line) ? "bullet" : "plain";
        const said = line.slice(mark?.length ?? 0);
        const last = found.at(-1);
        if (last?.kind === kind && kind !== "bullet") last.lines.push(said);
        else found.push({ kind, lines: [said] });
    }
    return found;
}

const QUOTE = /^((?:&gt;|>){3}|(?:&gt;|>)) ?/;
const NAMED = /:([a-z0-9_+'-]+):/g;
const TAGS = { "*": "b", _: "i", "~": "s" };

// Styles stand at the edges of words and hold no space at their own edges; inside code and inside
// <> nothing opens or ends one, so these are masked while styles are looked for.
const STYLED = /(?<![\p{L}\p{N}])([*_~])(?!\s|\1)([^\n]+?)(?<!\s)\1(?![\p{L}\p{N}]|\1)/uy;
const OPAQUE = /`[^`\n]+`|<[^<>\n]+>/g;
const CODE = /`([^`\n]+)`/y;
const REFERENCE = /<([^<>|\n]+)(?:\|([^<>\n]*))?>/y;
const EMOJI = /:([a-z0-9_+'-]+):/y;
// It ends before an escaped < or >, and before what more likely belongs to the sentence.
const ADDRESS = /\bhttps?:\/\/(?:(?!&[lg]t;)[^\s<>`|])*(?!&[lg]t;)[^\s<>`|.,;:!?'")\]]/y;

function inline(text, context, verbatim) {
    const masked = text.replace(OPAQUE, (found) => "\0".repeat(found.length));
    const shown = [];
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
        const found = piece(text, masked, at, context, verbatim);
        if (!found) continue;
        shown.push(leaf(text.slice(start, at)), found.shown);
        start = at + found.length;
        at = start - 1;
    }
    return [...shown, leaf(text.slice(start))];
}

function piece(text, masked, at, context, verbatim) {
    const met = (pattern, source = text) => {
        pattern.lastIndex = at;
        return pattern.exec(source);
    };
    const made = (found, shown) => ({ length: found[0].length, shown });
    let found = null;
    switch (text[at]) {
        case "`":
            found = met(CODE);
            return found && made(found, html`<code>${leaf(found[1])}</code>`);
        case "<":
            found = met(REFERENCE);
            return found && made(found, reference(found, context));
        case ":":
            found = met(EMOJI);
            return found && made(found, emoji(found[1]));
        case "h":
            found = verbatim ? null : met(ADDRESS);
            return found && made(found, link(leaf(found[0])) ?? leaf(found[0]));
        case "*":
        case "_":
        case "~": {
            found = met(STYLED, masked);
            if (!found) return null;
            const inner = text.slice(at + 1, at + found[0].length - 1);
            const tag = TAGS[found[1]];
            return made(found, html`<${tag}>${inline(inner, context, verbatim)}<//>`);
        }
        default:
            return null;
    }
}

// What Slack reads between < and >; what it doesn't know stays as it was written.
function reference([whole, target, label], context) {
    const words = label && leaf(label);
    const name = target.slice(1);
    if (target[0] === "@") return html`<${User} id=${name} label=${words} context=${context} />`;
    if (target[0] === "#") return html`<${Channel} id=${name} label=${words} context=${context} />`;
    if (target[0] !== "!") return link(leaf(target), words) ?? leaf(whole);
    const [kind, ...more] = name.split("^");
    if (kind === "subteam") {
        return html`<${Group} id=${more[0]} label=${words} context=${context} />`;
    }
    if (kind === "date") {
        const [seconds, form = "", url] = more;
        const given = { seconds: Number(seconds), form: leaf(form), url: url && leaf(url) };
        return html`<${Moment} ...${given} fallback=${words ?? whole} context=${context} />`;
    }
    if (["here", "channel", "everyone"].includes(kind)) return html`<${Everybody} range=${kind} />`;
    return words || leaf(whole);
}

const link = (url, words) => safe(url) && html`<${Link} url=${url}>${words || shortly(url)}<//>`;

const shortly = (url) => url.replace(/^mailto:/, "");

// Slack's three entities, and no other.
const leaf = (text) =>
    text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
