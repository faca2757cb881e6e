// One message as it stands in a channel or a thread, and what comes of pressing something in it.
import { html, icon, say } from "./live.js";
import { Blocks, Mrkdwn } from "./blocks.js";
import { ask, contextOf, me, openThread } from "./place.js";
import { clock, lastReply, moment } from "./when.js";

export function Message({ slack, channel, message, inThread = false }) {
    const press = (block, element, value) => {
        const given = { block_id: block.block_id, action_id: element.action_id, value };
        return ask("press", { channel, ts: message.ts, ...given });
    };
    const context = contextOf(slack, { press });
    return html`<article class=${`msg${message.ephemeral ? " eph" : ""}`}>
        ${message.ephemeral && html`<${Only} channel=${channel} message=${message} />`}
        ${message.broadcast && !inThread && html`<${Broadcast} channel=${channel} message=${message} />`}
        ${
            message.slackbot
                ? html`<span class="av a4" aria-hidden="true">${icon("chat")}</span>`
                : html`<${Face} slack=${slack} user=${message.user} />`
        }
        <div class="said">
            <${By} slack=${slack} message=${message} />
            <${Said} message=${message} context=${context} />
            ${
                !inThread &&
                message.replies &&
                html`<${Replies} slack=${slack} channel=${channel} message=${message} />`
            }
        </div>
    </article>`;
}

function Said({ message, context }) {
    if (message.deleted) return html`<p class="b-ctx">${say("slack.deleted")}</p>`;
    if (message.blocks?.length) {
        return html`<${Blocks} blocks=${message.blocks} context=${context} />`;
    }
    return html`<div class="blocks text">
        <${Mrkdwn} text=${message.text} context=${context} />
    </div>`;
}

function By({ slack, message }) {
    const who = slack.users[message.user || slack.app];
    const reader = me(slack);
    return html`<div class="by">
        <b>${message.slackbot ? "Slackbot" : who.name}</b>
        ${who.bot && !message.slackbot && html`<span class="tag">APP</span>`}
        <time title=${moment(message.ts, reader)}>${clock(message.ts, reader)}</time>
        ${message.edited && html`<small>${say("slack.edited")}</small>`}
    </div>`;
}

function Face({ slack, user }) {
    const who = slack.users[user || slack.app];
    return html`<span class=${`av ${who.bot ? "app" : `a${who.tint}`}`} aria-hidden="true"
        >${who.initials}</span
    >`;
}

function Only({ channel, message }) {
    const dismiss = () =>
        message.dismiss ? message.dismiss() : ask("dismiss", { channel, ts: message.ts });
    return html`<div class="only">
        ${icon("eye")}<span>${say("slack.only_you")}</span>
        <button class="link" onClick=${dismiss}>${say("slack.dismiss")}</button>
    </div>`;
}

function Broadcast({ channel, message }) {
    return html`<div class="only">
        <span>${say("slack.replied")}</span>
        <button class="link" onClick=${() => openThread(channel, message.thread_ts)}>
            ${say("slack.to_thread")}
        </button>
    </div>`;
}

// What Slack shows beside a button whose app did not answer as it should.
export function Trouble({ problem }) {
    return html`<p class="trouble" role="alert">
        ${icon("warning")}<span>${say(problem.key, problem.with)}</span>
    </p>`;
}

const FACES = 4;
function Replies({ slack, channel, message }) {
    const said = message.replies.filter((one) => !one.ephemeral);
    const users = [...new Set(said.map((one) => one.user))].slice(0, FACES);
    const count = said.length;
    if (!count) return null;
    return html`<button class="rep" onClick=${() => openThread(channel, message.ts)}>
        ${users.map((user) => html`<${Face} key=${user} slack=${slack} user=${user} />`)}
        <span>${say(count === 1 ? "slack.reply" : "slack.replies", { count })}</span>
        <small>${lastReply(said.at(-1).ts, me(slack))}</small>
    </button>`;
}
