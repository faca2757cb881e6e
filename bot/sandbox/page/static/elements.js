// What people press, choose and fill in: https://docs.slack.dev/reference/block-kit/block-elements.
//
// Every element gets {element, block, context, name, field, onProblem}: `name` is its accessible
// name where no label stands beside it; `field` = {id, told, invalid} inside an input block.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html, say } from "./live.js";
import { Confirm } from "./confirm.js";
import { Overflow } from "./overflow.js";
import { Text } from "./mrkdwn.js";
import { safe } from "./spans.js";
import { fieldKey, initial, isGroup, isWritten, offClock, onClock } from "./values.js";

export function Element(props) {
    const { element } = props;
    if (element.type === "button") return html`<${Button} ...${props} />`;
    if (element.type === "overflow") return html`<${Menu} ...${props} />`;
    if (element.type === "image") return html`<${Picture} of=${element} />`;
    if (isWritten(element)) return html`<${Written} ...${props} />`;
    if (isGroup(element)) return html`<${Choices} ...${props} />`;
    if (/_select$/.test(element.type)) return html`<${Select} ...${props} />`;
    if (/picker$/.test(element.type)) return html`<${Picker} ...${props} />`;
    return html`<span class="b-odd">${say("blocks.unknown", { type: element.type })}</span>`;
}

// An image that the page may load; the words for it where it may not, or where it doesn't come.
export function Picture({ of, large }) {
    const [lost, setLost] = useState(false);
    const own = /^data:image\//.test(of.image_url) || originOf(of.image_url) === location.origin;
    if (!own || lost) {
        return html`<span class="b-alt" role="img" aria-label=${of.alt_text}>${of.alt_text}</span>`;
    }
    return html`<img
        class=${large ? "b-img" : "b-pic"}
        src=${of.image_url}
        alt=${of.alt_text}
        onError=${() => setLost(true)}
    />`;
}

const originOf = (url) => (URL.canParse(url) ? new URL(url).origin : null);

// Sends what was done, once its confirm dialog was answered yes; `busy` until there is an answer.
function usePress({ element, block, context, onProblem }) {
    const [busy, setBusy] = useState(false);
    const [question, setQuestion] = useState(null);
    const running = useRef(false);

    async function press(value) {
        if (running.current) return false;
        running.current = true;
        onProblem?.(null);
        try {
            if (element.confirm && !(await new Promise((answer) => setQuestion({ answer })))) {
                return false;
            }
            setBusy(true);
            const answer = await context.press?.(block, element, value);
            if (answer?.problem) onProblem?.(answer.problem);
            return true;
        } finally {
            running.current = false;
            setBusy(false);
        }
    }

    const answered = (yes) => {
        setQuestion(null);
        question.answer(yes);
    };
    const dialog =
        question &&
        html`<${Confirm} confirm=${element.confirm} context=${context} onAnswer=${answered} />`;
    return { press, busy, dialog };
}

// The form's value where there is a form, else the element's own until it is drawn with another.
function useValue({ element, block, context }) {
    const first = initial(element);
    const [own, setOwn] = useState(undefined);
    useEffect(() => setOwn(undefined), [JSON.stringify(first)]);
    if (!context.onValue) return [own === undefined ? first : own, setOwn];
    const kept = context.values?.[fieldKey(block, element)];
    const keep = (value) => context.onValue(block.block_id, element.action_id, value);
    return [kept === undefined ? first : kept, keep];
}

// Keeps a choice and sends it where it acts at once; a confirm answered no takes it back.
function useChoice(props) {
    const [value, keep] = useValue(props);
    const { press, busy, dialog } = usePress(props);
    const acts = !props.field || props.block.dispatch_action;
    async function choose(next) {
        keep(next);
        if (acts && !(await press(next))) keep(value);
    }
    return { value, keep, choose, press, busy, dialog };
}

const attributes = ({ element, context, field, name }, busy) => ({
    id: field?.id,
    "aria-label": field ? undefined : name,
    "aria-describedby": field?.told,
    "aria-invalid": field?.invalid ? "true" : undefined,
    "aria-busy": busy ? "true" : undefined,
    "data-aim": element.action_id,
    "data-focus": element.focus_on_load ? "" : undefined,
    disabled: context.disabled,
});

function Button(props) {
    const { element, context } = props;
    const { press, busy, dialog } = usePress(props);
    const url = safe(element.url);
    const shared = {
        ...attributes({ ...props, name: element.accessibility_label }, busy),
        class: `btn ${element.style ?? ""}`,
    };
    const text = html`<${Text} of=${element.text} context=${context} />`;
    if (url && !element.confirm) {
        const link = { href: url, target: "_blank", rel: "noopener noreferrer" };
        return html`<a ...${shared} ...${link} onClick=${() => press()}>${text}</a>`;
    }
    const pressed = async () => {
        if ((await press()) && url) open(url, "_blank", "noopener");
    };
    return html`<button type="button" ...${shared} onClick=${pressed}>${text}</button>${dialog}`;
}

function Menu(props) {
    const { press, busy, dialog } = usePress(props);
    return html`<${Overflow} ...${props} busy=${busy} onChoose=${press} />${dialog}`;
}

function Select(props) {
    const { element, block, context, field } = props;
    const { value, choose, busy, dialog } = useChoice(props);
    const option = ([id, text]) =>
        html`<option value=${id} selected=${id === value}>${text}</option>`;
    const labelled = (options) => options.map((one) => [one.value, one.text.text]).map(option);
    const offered = element.option_groups
        ? element.option_groups.map(
              (group) =>
                  html`<optgroup label=${group.label.text}>${labelled(group.options)}</optgroup>`,
          )
        : element.options
          ? labelled(element.options)
          : named(element, context).map(option);
    return html`<span class="pick">
            <select
                ...${attributes(props, busy)}
                value=${value ?? ""}
                onChange=${(event) => choose(event.target.value || null)}
            >
                <option value="" disabled=${!(field && block.optional)} hidden=${!field}>
                    ${element.placeholder?.text ?? say("blocks.choose")}
                </option>
                ${offered}
            </select> </span
        >${dialog}`;
}

// People or channels by name, as [id, name].
function named(element, context) {
    const people = /users/.test(element.type);
    const all = Object.entries((people ? context.users : context.channels) ?? {});
    const mark = people ? "" : "# ";
    return all
        .map(([id, one]) => [id, mark + one.name])
        .sort(([, one], [, other]) => one.localeCompare(other));
}

const PICKERS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function Picker(props) {
    const { element, context } = props;
    const { value, choose, busy, dialog } = useChoice(props);
    const timed = element.type === "datetimepicker";
    const shown = timed && value ? onClock(value, context.zone) : value;
    const changed = ({ target }) => {
        const given = target.value || null;
        choose(timed && given ? offClock(given, context.zone) : given);
    };
    return html`<input
            type=${PICKERS[element.type] ?? "text"}
            ...${attributes(props, busy)}
            value=${shown ?? ""}
            onChange=${changed}
        />${dialog}`;
}

const KEYBOARDS = { email_text_input: "email", url_text_input: "url", number_input: "decimal" };
const NEAR = 0.8; // from here on it is said how much room is left

function Written(props) {
    const { element, block, field } = props;
    const { value, keep, press, busy, dialog } = useChoice(props);
    const text = value ?? "";
    const tells = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    const typed = ({ target }) => {
        keep(target.value);
        if (block.dispatch_action && tells.includes("on_character_entered")) press(target.value);
    };
    const struck = (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        const acts = block.dispatch_action && tells.includes("on_enter_pressed");
        if (acts && !(element.multiline && event.shiftKey)) {
            event.preventDefault();
            press(text);
        } else if (element.multiline && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.target.form?.requestSubmit();
        }
    };
    const shared = {
        ...attributes(props, busy),
        placeholder: element.placeholder?.text,
        value: text,
        onInput: typed,
        onKeyDown: struck,
    };
    const most = element.max_length ?? 3000;
    const left = most - [...text].length;
    return html`${
        element.multiline
            ? html`<textarea rows="6" ...${shared}></textarea>`
            : html`<input
                  type="text"
                  inputmode=${KEYBOARDS[element.type]}
                  autocomplete="off"
                  ...${shared}
              />`
    }${
        field &&
        left < most * (1 - NEAR) &&
        html`<p class=${`count ${left < 0 ? "over" : ""}`}>${say("blocks.left", { left })}</p>`
    }
    ${dialog}`;
}

// Radio buttons, checkboxes, and lists of which several are chosen.
function Choices(props) {
    const { element, context, field, name } = props;
    const { value, choose, busy, dialog } = useChoice(props);
    const group = useId();
    const many = element.type !== "radio_buttons";
    const chosen = many ? (value ?? []) : [value];
    const listed = /^multi_/.test(element.type);
    const all = offered(element, context);
    const full = chosen.length >= (element.max_selected_items ?? Infinity);
    const changed = (id, on) => {
        const several = all
            .map((one) => one.value)
            .filter((one) => (one === id ? on : chosen.includes(one)));
        choose(many ? several : id);
    };
    const choice = (one) => {
        const on = chosen.includes(one.value);
        return html`<label class="rad">
            <input
                type=${many ? "checkbox" : "radio"}
                name=${group}
                value=${one.value}
                checked=${on}
                disabled=${context.disabled || (many && full && !on)}
                onChange=${(event) => changed(one.value, event.target.checked)}
            />
            <span>
                <${Text} of=${one.text} context=${context} />
                ${
                    one.description &&
                    html`<small><${Text} of=${one.description} context=${context} /></small>`
                }
            </span>
        </label>`;
    };
    const { disabled, ...shared } = attributes(props, busy);
    return html`<fieldset
            role=${many ? "group" : "radiogroup"}
            class=${listed ? "choices" : ""}
            ...${shared}
            aria-label=${field ? undefined : name}
        >
            ${field?.legend && html`<legend>${field.legend}</legend>`} ${all.map(choice)}
        </fieldset>
        ${dialog}`;
}

function offered(element, context) {
    if (element.option_groups) return element.option_groups.flatMap((group) => group.options);
    if (element.options) return element.options;
    const plain = (text) => ({ type: "plain_text", text, emoji: false });
    return named(element, context).map(([value, text]) => ({ value, text: plain(text) }));
}
