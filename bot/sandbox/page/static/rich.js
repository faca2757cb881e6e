// Rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
import { html } from "./live.js";
import { Channel, Everybody, Group, Link, Moment, User, emoji, safe } from "./spans.js";

export const Rich = ({ elements, context }) =>
    html`<div class="b-rich">
        ${elements.map((part) => html`<${Part} part=${part} context=${context} />`)}
    </div>`;

function Part({ part, context }) {
    const border = part.border ? "ruled" : "";
    const inside = () =>
        part.elements.map((span) => html`<${Span} span=${span} context=${context} />`);
    switch (part.type) {
        case "rich_text_list":
            return html`<${List} part=${part} context=${context} />`;
        case "rich_text_quote":
            return html`<blockquote class="b-quote ${border}">${inside()}</blockquote>`;
        case "rich_text_preformatted":
            return html`<pre class="b-pre ${border}">${inside()}</pre>`;
        default:
            return html`<p class="b-sec">${inside()}</p>`;
    }
}

// Slack writes a list inside a list as a neighbour with a deeper indent.
function List({ part, context }) {
    const tag = part.style === "ordered" ? "ol" : "ul";
    const depth = part.indent ?? 0;
    return html`<${tag}
        class=${`b-list depth-${depth % 3} ${part.border ? "ruled" : ""}`}
        style=${{ marginInlineStart: `${depth * 24}px` }}
        start=${tag === "ol" ? (part.offset ?? 0) + 1 : undefined}
    >
        ${part.elements.map(
            (item) =>
                html`<li>
                    ${item.elements.map((span) => html`<${Span} span=${span} context=${context} />`)}
                </li>`,
        )}
    <//>`;
}

const STYLES = { bold: "b", italic: "i", strike: "s", underline: "u", code: "code" };

function Span({ span, context }) {
    return Object.entries(STYLES).reduce(
        (shown, [style, tag]) => (span.style?.[style] ? html`<${tag}>${shown}<//>` : shown),
        plain(span, context),
    );
}

function plain(span, context) {
    switch (span.type) {
        case "text":
            return span.text;
        case "link":
            if (!safe(span.url)) return span.text || span.url;
            return html`<${Link} url=${span.url}>${span.text || span.url}<//>`;
        case "emoji":
            return span.unicode ? drawn(span.unicode) : emoji(span.name);
        case "user":
            return html`<${User} id=${span.user_id} context=${context} />`;
        case "usergroup":
            return html`<${Group} id=${span.usergroup_id} context=${context} />`;
        case "channel":
            return html`<${Channel} id=${span.channel_id} context=${context} />`;
        case "broadcast":
            return html`<${Everybody} range=${span.range} />`;
        case "date":
            return html`<${Moment}
                seconds=${span.timestamp}
                form=${span.format}
                url=${span.url}
                fallback=${span.fallback ?? ""}
                context=${context}
            />`;
        case "color":
            return html`<span class="b-color"
                ><i style=${{ background: span.value }}></i>${span.value}</span
            >`;
        default:
            return span.text ?? `[${span.type}]`;
    }
}

// "1f6a8" or "1f468-200d-1f4bb"; anything else is left as it came.
function drawn(unicode) {
    const codes = unicode.split("-").map((code) => parseInt(code, 16));
    return codes.every((code) => code <= 0x10ffff) ? String.fromCodePoint(...codes) : unicode;
}
