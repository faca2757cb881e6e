// A list of messages that follows what is new without taking the place from whoever reads above.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { here, html, icon, put, say } from "./live.js";
import { Message } from "./message.js";
import { me } from "./place.js";
import { day, sameDay, today } from "./when.js";

const NEAR = 60; // pixels from the end that still count as being there

export function List({ slack, channel, messages, inThread, between }) {
    const box = useRef();
    const date = today(me(slack).zone);
    const { missed, reach } = useFollowing(box, messages, slack, inThread);
    return html`<div
            class="scroll"
            ref=${box}
            tabindex="0"
            role="log"
            aria-live="off"
            aria-label=${say("slack.messages")}
        >
            ${messages.map(
                (message, index) =>
                    html`<${Row}
                            key=${message.ts}
                            slack=${slack}
                            channel=${channel}
                            message=${message}
                            before=${messages[index - 1]}
                            inThread=${inThread}
                            date=${date}
                        />${index === 0 && between}`,
            )}
        </div>
        ${
            missed &&
            html`<button class="btn sm newer" onClick=${reach}>
                ${icon("down")}${say("slack.new_messages")}
            </button>`
        }`;
}

// Drawn anew only when something in it changed: a day's cards are much to draw, and the clock ticks.
function Row({ slack, channel, message, before, inThread, date }) {
    const reader = me(slack);
    const { zone, locale } = reader;
    const said = useMemo(() => JSON.stringify(message), [message]);
    return useMemo(() => {
        const turns = !inThread && !(before && sameDay(before.ts, message.ts, reader));
        return html`<div data-ts=${message.ts}>
            ${turns && html`<h3 class="day"><span>${day(message.ts, reader)}</span></h3>`}
            <${Message} slack=${slack} channel=${channel} message=${message} inThread=${inThread} />
        </div>`;
    }, [said, before?.ts, date, zone, locale, here.language]);
}

// Stays at the end as long as the reader does, and goes there with what answers them. The last
// message is shown from its headline on when it is taller than the list; a thread from its first.
function useFollowing(box, messages, slack, inThread) {
    const following = useRef(true);
    const set = useRef(-1);
    const seen = useRef(null);
    const [missed, setMissed] = useState(false);
    const last = messages.at(-1);

    const reach = () => {
        const list = box.current;
        if (!list) return;
        const article = [...list.querySelectorAll("article")].at(-1);
        list.scrollTop = list.scrollHeight;
        if (article && article.offsetHeight > list.clientHeight - NEAR / 2) {
            const above = list.getBoundingClientRect().top;
            list.scrollTop += article.getBoundingClientRect().top - above;
        }
        set.current = list.scrollTop;
        following.current = true;
        setMissed(false);
    };
    useLayoutEffect(() => {
        const list = box.current;
        const moved = () => {
            if (Math.abs(list.scrollTop - set.current) < 4) return;
            set.current = -1;
            following.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
            if (following.current) setMissed(false);
        };
        const sized = new ResizeObserver(() => following.current && reach());
        sized.observe(list);
        list.addEventListener("scroll", moved);
        return () => {
            sized.disconnect();
            list.removeEventListener("scroll", moved);
        };
    }, []);
    useLayoutEffect(() => {
        const isNew = last && last.ts > (seen.current ?? "");
        const answers = (one) => one.ephemeral || one.user === slack.viewer;
        const wanted = here.message && box.current.querySelector(`[data-ts="${here.message}"]`);
        if (wanted) {
            put({ message: null });
            wanted.scrollIntoView({ block: "start" });
            following.current = false;
        } else if (inThread && seen.current === null) {
            following.current = box.current.scrollHeight <= box.current.clientHeight;
        } else if (following.current || (isNew && answers(last))) reach();
        else if (isNew) setMissed(true);
        seen.current = last?.ts ?? "";
    }, [slack, messages.length]);
    return { missed, reach };
}
