// The first minute, step by step. Which step it is the server derives from the world.
import { useLayoutEffect } from "preact/hooks";
import { act, here, html, icon, parts, put, say, useLive } from "./live.js";
import { keep, kept } from "./kept.js";
import { go } from "./place.js";

const STEPS = ["failed", "approve", "mail", "pay"];

// What the step speaks of: where several bear the name, the last one, as cards stand oldest first.
function target(aim) {
    const all = [...document.querySelectorAll(`[data-aim="${aim}"]`)];
    const about = (one) => one.closest("article")?.textContent.includes(parts.guide.customer);
    return all.findLast(about) ?? all.at(-1);
}

// Keeps a ring around the live element of the step, whichever redraw brings or removes it.
function useRing(aim) {
    useLayoutEffect(() => {
        const mark = () => {
            const chosen = aim ? target(aim) : undefined;
            for (const one of document.querySelectorAll("[data-ring]"))
                if (one !== chosen) delete one.dataset.ring;
            if (chosen && !("ring" in chosen.dataset)) chosen.dataset.ring = "";
        };
        mark();
        const watch = new MutationObserver(mark);
        watch.observe(document.getElementById("page"), { childList: true, subtree: true });
        return () => {
            watch.disconnect();
            for (const one of document.querySelectorAll("[data-ring]")) delete one.dataset.ring;
        };
    }, [aim]);
}

// In the frame after next: a list that comes into view scrolls itself at the end of the next one.
const settled = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

// Leads to the step's target, at every width: first to where it stands, then to itself.
function show(step, aim) {
    go({ channel: parts.guide.channel });
    if (aim === "day") put({ tab: "time" });
    else if (step === "mail" || step === "pay") put({ tab: "mail", side: "mail" });
    settled(() => {
        const found = aim && target(aim);
        found?.scrollIntoView({ block: "nearest" });
        found?.focus();
    });
}

function hide(hidden) {
    keep("guide", hidden ? "hidden" : "");
    put({ guide: hidden ? "hidden" : "" });
}

const Step = ({ name, at, now, hint }) => {
    const state = at < now ? "done" : at === now ? "now" : "";
    return html`<li class=${state} aria-current=${state === "now" ? "step" : undefined}>
        <span class="n">
            ${
                state === "done"
                    ? html`${icon("check")}<span class="sr">${say("guide.done")}</span>`
                    : at + 1
            }
        </span>
        <span>
            ${say(`guide.${name}`)}${state === "now" && html`<span class="hint">${hint}</span>`}
        </span>
    </li>`;
};

const Way = ({ step, aim, hint }) => html`
    <ol>
        ${STEPS.map(
            (name, at) =>
                html`<${Step}
                    key=${name}
                    name=${name}
                    at=${at}
                    now=${STEPS.indexOf(step)}
                    hint=${hint}
                />`,
        )}
    </ol>
    <div class="acts">
        <button class="btn sm" onClick=${() => show(step, aim)}>${say("guide.show")}</button>
        <button class="btn sm quiet" onClick=${() => hide(true)}>${say("guide.skip")}</button>
    </div>
    <p class="say" aria-hidden="true">${hint}</p>
`;

const End = ({ step }) => html`
    <p class="end">${icon("check")}<span>${say(`guide.${step}`)}</span></p>
    <div class="acts">
        <button class="btn sm" onClick=${() => act("guide.again")}>${say("guide.again")}</button>
        <button class="btn sm quiet" onClick=${() => hide(true)}>${say("shell.close")}</button>
    </div>
`;

export function Guide() {
    useLive();
    const { step, aim, hint } = parts.guide ?? {};
    const hidden = (here.guide ?? kept("guide")) === "hidden";
    useRing(hidden ? null : aim);
    if (!step || hidden) return null;
    return html`<section class="guide" aria-label=${say("guide.name")} aria-live="polite">
        ${
            STEPS.includes(step)
                ? html`<${Way} step=${step} aim=${aim} hint=${say(`guide.${hint}_hint`)} />`
                : html`<${End} step=${step} />`
        }
    </section>`;
}

// The way back for those who skipped it.
export function GuideAgain() {
    useLive();
    if ((here.guide ?? kept("guide")) !== "hidden") return null;
    return html`<button class="btn sm quiet" onClick=${() => hide(false)}>
        ${say("guide.back")}
    </button>`;
}
