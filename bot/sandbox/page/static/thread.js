// A thread: its first message, the replies, and where one replies.
import { useState } from "preact/hooks";
import { html, icon, say } from "./live.js";
import { List } from "./list.js";
import { Trouble } from "./message.js";
import { ask, closeThread } from "./place.js";

export function Thread({ slack, place }) {
    const { channel, thread } = place;
    const replies = thread.replies ?? [];
    const count = replies.filter((one) => !one.ephemeral).length;
    const between =
        count > 0 &&
        html`<p class="day">
            <span>${say(count === 1 ? "slack.reply" : "slack.replies", { count })}</span>
        </p>`;
    return html`<aside class="thread" tabindex="-1" aria-label=${say("slack.thread")}>
        <div class="ch">
            <h2>${say("slack.thread")}</h2>
            <p>${channel.name}</p>
            <button
                class="btn icon quiet push"
                aria-label=${say("slack.close_thread")}
                onClick=${closeThread}
            >
                ${icon("close")}
            </button>
        </div>
        <${List}
            slack=${slack}
            channel=${channel.id}
            messages=${[thread, ...replies]}
            between=${between}
            inThread
        />
        <${Reply} channel=${channel.id} thread=${thread.ts} />
    </aside>`;
}

function Reply({ channel, thread }) {
    const [text, setText] = useState("");
    const [problem, setProblem] = useState(null);
    const send = async () => {
        const said = text.trim();
        if (!said) return;
        if (said.startsWith("/")) return setProblem({ key: "slack.not_in_threads" });
        setText("");
        const answer = await ask("say", { channel, text: said, thread_ts: thread });
        setProblem(answer.problem ?? null);
    };
    const key = (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        send();
    };
    return html`<div class="compose">
        ${problem && html`<${Trouble} problem=${problem} />`}
        <div class="box">
            <textarea
                rows="1"
                value=${text}
                aria-label=${say("slack.reply_in_thread")}
                placeholder=${say("slack.reply_hint")}
                onInput=${(event) => setText(event.target.value)}
                onKeyDown=${key}
            />
            <button class="btn sm quiet" disabled=${!text.trim()} onClick=${send}>
                ${say("slack.send")}
            </button>
        </div>
    </div>`;
}
