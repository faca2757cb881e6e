import { html } from "./live.js";
const text = (part) => part?.text?.text ?? part?.text ?? "";
const deep = (part) => (part.elements ? part.elements.map(deep).join("") : (part.text ?? ""));
export const Mrkdwn = ({ text }) => html`<span>${text}</span>`;
export function Blocks({ blocks, context }) {
    return html`<div class="blocks">
        ${blocks.map((block) => {
            if (block.type === "header") return html`<h3 class="b-head">${text(block)}</h3>`;
            if (block.type === "actions")
                return html`<div class="b-act">
                    ${block.elements.map((element) =>
                        element.type === "button"
                            ? html`<button
                                  class=${`btn ${element.style ?? ""}`}
                                  disabled=${context.disabled}
                                  onClick=${() => context.press(block, element)}
                              >
                                  ${text(element)}
                              </button>`
                            : element.type,
                    )}
                </div>`;
            if (block.type === "divider") return html`<hr class="b-div" />`;
            return html`<p>${[text(block), ...(block.fields ?? []).map(text), deep(block)].join(" ")}</p>`;
        })}
    </div>`;
}
export const Modal = ({ view, onSubmit, onClose, context }) =>
    html`<dialog open><h2>${view.title.text}</h2><${Blocks} blocks=${view.blocks} context=${context} /><button class="btn" onClick=${onClose}>Close</button><button class="btn primary" onClick=${() => onSubmit({})}>Submit</button></dialog>`;
