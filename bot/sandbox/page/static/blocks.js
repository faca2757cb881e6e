// Block Kit as Slack draws it: https://docs.slack.dev/reference/block-kit/blocks.
//
// context = {users, channels, groups, me, zone, locale, disabled, press(block, element, value),
// values, onValue(block_id, action_id, value), errors: {block_id: text}}.
import { useId, useState } from "preact/hooks";
import { html, icon, say } from "./live.js";
import { Element, Picture } from "./elements.js";
import { fromMarkdown } from "./markdown.js";
import { Mrkdwn, Text } from "./mrkdwn.js";
import { Rich } from "./rich.js";
import { isGroup } from "./values.js";

export const Blocks = ({ blocks, context }) =>
    html`<div class="blocks">
        ${blocks.map(
            (block, at) =>
                html`<${Block} key=${block.block_id ?? at} block=${block} context=${context} />`,
        )}
    </div>`;

export { Mrkdwn };

function Block({ block, context }) {
    const Kind = KINDS[block.type] ?? Unknown;
    return html`<${Kind} block=${block} context=${context} />`;
}

const Header = ({ block, context }) =>
    html`<h3 class="b-head parts"><${Parts} of=${[block.text]} context=${context} /></h3>`;

const Divider = () => html`<hr class="b-div" />`;

function Section({ block, context }) {
    const [problem, setProblem] = useState(null);
    const { text, fields, accessory } = block;
    const said = html`${text && html`<div class="b-sec"><${Text} of=${text} context=${context} /></div>`}
    ${fields && html`<${Fields} fields=${fields} context=${context} />`}`;
    if (!accessory) return said;
    const name = accessory.placeholder?.text ?? text?.text ?? fields?.[0]?.text;
    return html`<div class="b-beside">
            <div>${said}</div>
            <${Element}
                element=${accessory}
                block=${block}
                context=${context}
                name=${name}
                onProblem=${setProblem}
            />
        </div>
        <${Problem} problem=${problem} />`;
}

// A list of terms where every field is a bold line and what belongs to it, as they mostly are.
const TERM = /^\*([^*\n]+)\*\n([^]+)$/;

function Fields({ fields, context }) {
    const text = (said, of) => html`<${Text} of=${{ ...of, text: said }} context=${context} />`;
    const terms = fields.map((of) => of.type === "mrkdwn" && of.text.match(TERM));
    if (!terms.every(Boolean)) {
        return html`<div class="b-fields">
            ${fields.map((of) => html`<div class="b-sec">${text(of.text, of)}</div>`)}
        </div>`;
    }
    return html`<dl class="b-fields">
        ${terms.map(([, term, rest], at) => {
            const [value, ...more] = rest.split("\n");
            return html`<div>
                <dt>${text(term, fields[at])}</dt>
                <dd>
                    ${text(value, fields[at])}
                    ${more.length > 0 && html`<small>${text(more.join("\n"), fields[at])}</small>`}
                </dd>
            </div>`;
        })}
    </dl>`;
}

const Context = ({ block, context }) =>
    html`<div class="b-ctx parts"><${Parts} of=${block.elements} context=${context} /></div>`;

// What stands between middle dots is kept on one line where there is room for it; the style sheet
// hides the dot that would begin a line.
const Parts = ({ of, context }) =>
    of
        .flatMap(pieces)
        .map((one, at, all) =>
            one.type === "image"
                ? html`<${Picture} of=${one} />`
                : html`<span class="part"
                      >${all[at - 1]?.text && html`<i>· </i>`}<${Text} of=${one} context=${context}
                  /></span> `,
        );
const pieces = (of) =>
    of.type === "plain_text" ? of.text.split(" · ").map((text) => ({ ...of, text })) : [of];

function Actions({ block, context }) {
    const [problem, setProblem] = useState(null);
    return html`<div class="b-act">
            ${block.elements.map(
                (element, at) =>
                    html`<${Element}
                        key=${element.action_id ?? at}
                        element=${element}
                        block=${block}
                        context=${context}
                        name=${element.placeholder?.text ?? say("blocks.choose")}
                        onProblem=${setProblem}
                    />`,
            )}
        </div>
        <${Problem} problem=${problem} />`;
}

// What Slack says beside a button whose app did not take the press.
export const Problem = ({ problem }) =>
    html`<p class="b-problem" role="status">
        ${
            problem &&
            html`${icon("warning")}<span
                    >${say(problem.key ?? "blocks.no_answer", problem.with)}</span
                >`
        }
    </p>`;

function Input({ block, context }) {
    const [problem, setProblem] = useState(null);
    const id = useId();
    const { element, hint } = block;
    const error = context.errors?.[block.block_id];
    const told = [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(" ") || undefined;
    const label = html`<${Text} of=${block.label} context=${context} />
        ${block.optional && html`<span class="opt">${say("blocks.optional")}</span>`}`;
    const grouped = isGroup(element);
    const field = { id, told, invalid: Boolean(error), legend: grouped && label };
    return html`<div class=${error ? "f bad" : "f"}>
        ${!grouped && html`<label for=${id}>${label}</label>`}
        <${Element}
            element=${element}
            block=${block}
            context=${context}
            field=${field}
            onProblem=${setProblem}
        />
        ${error && html`<p class="er" id=${`${id}e`}>${icon("warning")}<span>${error}</span></p>`}
        ${hint && html`<p class="hint" id=${`${id}h`}><${Text} of=${hint} context=${context} /></p>`}
        <${Problem} problem=${problem} />
    </div>`;
}

const Image = ({ block, context }) =>
    html`<figure class="b-figure">
        ${
            block.title &&
            html`<figcaption><${Text} of=${block.title} context=${context} /></figcaption>`
        }
        <${Picture} of=${block} large />
    </figure>`;

const RichText = ({ block, context }) =>
    html`<${Rich} elements=${block.elements} context=${context} />`;

const Markdown = ({ block, context }) =>
    html`<div class="b-sec">
        <${Mrkdwn} text=${fromMarkdown(block.text)} context=${context} />
    </div>`;

// The first row names the columns. Numbers stand to the right where nobody says otherwise.
function Table({ block, context }) {
    const [head, ...body] = block.rows;
    const settings = block.column_settings ?? [];
    const look = head.map((_, at) => {
        const numbers = body.length > 0 && body.every((row) => NUMBER.test(row[at]?.text ?? ""));
        const { align, is_wrapped: wrapped } = settings[at] ?? {};
        return `${align ?? (numbers ? "right" : "left")} ${wrapped ? "" : "one-line"}`;
    });
    const said = (cell) =>
        cell.type === "raw_text"
            ? cell.text
            : html`<${Rich} elements=${cell.elements} context=${context} />`;
    return html`<div class="b-table">
        <table>
            <thead>
                <tr>
                    ${head.map(
                        (cell, at) => html`<th scope="col" class=${look[at]}>${said(cell)}</th>`,
                    )}
                </tr>
            </thead>
            <tbody>
                ${body.map(
                    (row) =>
                        html`<tr>
                            ${row.map((cell, at) => html`<td class=${look[at]}>${said(cell)}</td>`)}
                        </tr>`,
                )}
            </tbody>
        </table>
    </div>`;
}

const NUMBER = /^[^\p{L}\d]*(?:[A-Z]{3}\s)?\d[\d\s.,’'\u00a0\u202f]*[^\p{L}\d]*(?:[A-Z]{3})?$/u;

// Slack shows nothing at all; here it is better to see what is missing.
const Unknown = ({ block }) =>
    html`<p class="b-odd">${icon("warning")}${say("blocks.unknown", { type: block.type })}</p>`;

const KINDS = {
    header: Header,
    section: Section,
    context: Context,
    divider: Divider,
    actions: Actions,
    input: Input,
    image: Image,
    rich_text: RichText,
    table: Table,
    markdown: Markdown,
};
