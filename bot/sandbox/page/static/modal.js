// Modals as Slack draws them: https://docs.slack.dev/surfaces/modals.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html, icon, say } from "./live.js";
import { Blocks, Problem } from "./blocks.js";
import { Text } from "./mrkdwn.js";
import { fieldKey, fieldsOf, initial, isWritten, kindOf, refused } from "./values.js";

// `view` is the topmost one; what was typed in those beneath it is kept until the last is closed.
// `errors` are the bot's, by block_id. onSubmit({block_id: value}) may resolve to {problem}.
export function Modal({ view, errors = {}, onSubmit, onClose, context }) {
    const dialog = useRef(null);
    const closing = useRef(null);
    const typed = useRef({});
    const id = useId();
    useLayoutEffect(() => {
        const node = dialog.current;
        return () => node.close(); // gives the focus back to the opener
    }, []);
    // A browser may close a dialog on a second Esc, whatever it was told at the first.
    useLayoutEffect(() => {
        if (!dialog.current.open) dialog.current.showModal();
    });
    async function close(event) {
        event.preventDefault();
        if (closing.current === view.id) return;
        closing.current = view.id;
        const answer = await onClose();
        if (answer?.problem) closing.current = null;
    }
    // Esc leaves the window, and nothing beneath it.
    const struck = (event) => event.key === "Escape" && event.stopPropagation();
    const drafts = (typed.current[view.id] ??= {});
    return html`<dialog aria-labelledby=${id} ref=${dialog} onCancel=${close} onKeyDown=${struck}>
        <${Form}
            key=${view.id}
            id=${id}
            view=${view}
            drafts=${drafts}
            errors=${errors}
            onSubmit=${onSubmit}
            onClose=${close}
            context=${context}
        />
    </dialog>`;
}

function Form({ id, view, drafts, errors, onSubmit, onClose, context }) {
    const form = useRef(null);
    const { values, onValue, shown, submit, busy, problem } = useForm({
        view,
        drafts,
        errors,
        onSubmit,
        form,
    });
    const pushed = Boolean(view.previous_view_id ?? view.previous);
    const text = (of, key) => (of ? html`<${Text} of=${of} context=${context} />` : say(key));
    useEffect(() => {
        if (!form.current.contains(document.activeElement) || !isField(document.activeElement)) {
            firstOf(form.current).focus({ preventScroll: true });
        }
    }, [view.hash]);
    return html`<form
        class=${pushed ? "modal pushed" : "modal"}
        ref=${form}
        novalidate
        onSubmit=${submit}
    >
        <div class="mh">
            ${
                pushed &&
                html`<button
                    type="button"
                    class="btn icon quiet back"
                    aria-label=${say("blocks.back")}
                    onClick=${onClose}
                >
                    ${icon("back")}
                </button>`
            }
            <h2 id=${id}>${text(view.title, "blocks.window")}</h2>
            ${
                !pushed &&
                html`<button
                    type="button"
                    class="btn icon quiet"
                    aria-label=${say("blocks.close")}
                    onClick=${onClose}
                >
                    ${icon("close")}
                </button>`
            }
        </div>
        <div class="mb" tabindex=${view.submit ? -1 : 0} role="group" aria-labelledby=${id}>
            <${Blocks}
                blocks=${view.blocks}
                context=${{ ...context, values, onValue, errors: shown }}
            />
        </div>
        <div class="mf">
            <${Problem} problem=${problem} />
            <button type="button" class="btn" onClick=${onClose}>
                ${text(view.close, view.submit ? "blocks.cancel" : "blocks.close")}
            </button>
            ${
                view.submit &&
                html`<button
                    type="submit"
                    class="btn primary"
                    data-aim="submit"
                    aria-busy=${busy ? "true" : undefined}
                    disabled=${view.submit_disabled || context.disabled}
                >
                    ${text(view.submit)}
                </button>`
            }
        </div>
    </form>`;
}

// What was typed, what is wrong with it, and sending it once.
function useForm({ view, drafts, errors, onSubmit, form }) {
    const [, redraw] = useState(0);
    const [found, setFound] = useState({});
    const [edited, setEdited] = useState(new Set());
    const [attempts, setAttempts] = useState(0);
    const [problem, setProblem] = useState(null);
    const [busy, setBusy] = useState(false);
    const sending = useRef(false);

    const values = alive(view.blocks, drafts);
    const valueOf = (block, element) => values[fieldKey(block, element)] ?? initial(element);
    const shown = Object.fromEntries(
        Object.entries({ ...errors, ...found }).filter(([block]) => !edited.has(block)),
    );

    useEffect(() => setEdited(new Set()), [JSON.stringify(errors)]);
    useEffect(() => firstBad(form.current)?.focus(), [attempts, JSON.stringify(errors)]);

    function onValue(block_id, action_id, value) {
        const block = view.blocks.find((one) => one.block_id === block_id);
        const element = fieldsOf(block).find((one) => one.action_id === action_id);
        drafts[fieldKey(block, element)] = { value, kind: kindOf(element) };
        setEdited((before) => new Set([...before, block_id]));
        redraw((count) => count + 1);
    }

    async function submit(event) {
        event.preventDefault();
        if (sending.current || view.submit_disabled) return;
        const wrong = mistakes(view.blocks, valueOf);
        setFound(wrong);
        setEdited(new Set());
        setProblem(null);
        if (Object.keys(wrong).length === 0) {
            sending.current = true;
            setBusy(true);
            const answer = await onSubmit(sent(view.blocks, values, valueOf));
            setProblem(answer?.problem ?? null);
            sending.current = false;
            setBusy(false);
        }
        setAttempts((count) => count + 1);
    }
    return { values, onValue, shown, submit, busy, problem };
}

// What was typed into the fields that are still there: of the same names, the same kind.
function alive(blocks, drafts) {
    const fields = blocks.flatMap((block) => fieldsOf(block).map((element) => [block, element]));
    const kept = fields.map(([block, element]) => {
        const name = fieldKey(block, element);
        return drafts[name]?.kind === kindOf(element) ? [name, drafts[name].value] : null;
    });
    return Object.fromEntries(kept.filter(Boolean));
}

function mistakes(blocks, valueOf) {
    const wrong = {};
    for (const block of blocks.filter((one) => one.type === "input")) {
        const found = refused(block, valueOf(block, block.element));
        if (found) wrong[block.block_id] = say(...found);
    }
    return wrong;
}

// Every input, and whatever else was touched. An empty text is no text, as with Slack.
function sent(blocks, values, valueOf) {
    const all = {};
    for (const block of blocks) {
        for (const element of fieldsOf(block)) {
            if (block.type !== "input" && !(fieldKey(block, element) in values)) continue;
            const value = valueOf(block, element);
            all[block.block_id] = isWritten(element) ? value || null : value;
        }
    }
    return all;
}

const isField = (node) => node.matches("input, select, textarea");

const FIELDS = ".mb :is(input, select, textarea):not(:disabled)";

// Where to begin: where the view says, else at its first field, else at its words.
const firstOf = (form) =>
    form.querySelector(".mb [data-focus]") ??
    form.querySelector(FIELDS) ??
    form.querySelector(".mb");

function firstBad(form) {
    const bad = form.querySelector("[aria-invalid]");
    return bad?.matches("fieldset") ? bad.querySelector("input") : bad;
}
