// What Slack asks before it sends a press.
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { html, say } from "./live.js";
import { Text } from "./mrkdwn.js";

// `onAnswer(yes)` is called once: by a button, or by Esc, which means no.
export function Confirm({ confirm, context, onAnswer }) {
    const dialog = useRef(null);
    const id = useId();
    useLayoutEffect(() => {
        const node = dialog.current;
        node.showModal();
        return () => node.close(); // gives the focus back to the opener
    }, []);
    const no = (event) => {
        event.preventDefault();
        onAnswer(false);
    };
    const text = (of, key) => (of ? html`<${Text} of=${of} context=${context} />` : say(key));
    const style = confirm.style === "danger" ? "danger" : "primary";
    return html`<dialog
        class="confirm"
        role="alertdialog"
        aria-labelledby=${`${id}t`}
        aria-describedby=${`${id}b`}
        ref=${dialog}
        onCancel=${no}
        onKeyDown=${(event) => event.key === "Escape" && event.stopPropagation()}
    >
        <div class="mh"><h2 id=${`${id}t`}>${text(confirm.title, "blocks.sure")}</h2></div>
        <div class="mb b-sec" id=${`${id}b`}>${text(confirm.text, "blocks.sure")}</div>
        <div class="mf">
            <button type="button" class="btn" onClick=${no}>
                ${text(confirm.deny, "blocks.cancel")}
            </button>
            <button type="button" class="btn ${style}" onClick=${() => onAnswer(true)}>
                ${text(confirm.confirm, "blocks.yes")}
            </button>
        </div>
    </dialog>`;
}
