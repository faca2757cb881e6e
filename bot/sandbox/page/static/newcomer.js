// The form that adds a customer. What is wrong is said by the server, under its field.
import { useEffect, useRef, useState } from "preact/hooks";
import { act, here, html, icon, say } from "./live.js";

function Field({ name, wrong, children }) {
    const bad = wrong?.with?.field === name;
    return html`<div class="f ${bad ? "bad" : ""}">
        <label for="add-${name}">${say(`stripe.${name}`)}</label>
        ${
            children ??
            html`<input
                type="text"
                id="add-${name}"
                name=${name}
                autocomplete="off"
                aria-invalid=${bad ? "true" : null}
                aria-describedby=${bad ? `add-${name}-wrong` : null}
            />`
        }
        ${bad && html`<p class="er" id="add-${name}-wrong">${icon("warning")}${say(wrong.key)}</p>`}
    </div>`;
}

function Pick({ name, options, named }) {
    const names = new Intl.DisplayNames(here.language, { type: name });
    return html`<span class="pick">
        <select id="add-${name}" name=${name}>
            ${options.map((one) => html`<option value=${one}>${names.of(named(one))}</option>`)}
        </select>
    </span>`;
}

export function Newcomer({ currencies, languages, added, close }) {
    const form = useRef(null);
    const [wrong, tell] = useState(null);
    useEffect(() => form.current.elements.name.focus(), []);
    const send = async (event) => {
        event.preventDefault();
        const given = Object.fromEntries(new FormData(form.current));
        const { problem, customer } = await act("stripe.add", given, { quiet: true });
        tell(problem ?? null);
        form.current?.elements[problem?.with.field]?.focus();
        if (customer) added(customer);
    };
    const escape = (event) => event.key === "Escape" && close();
    return html`<form
        class="open newcomer"
        ref=${form}
        aria-label=${say("stripe.add")}
        onSubmit=${send}
        onKeyDown=${escape}
        novalidate
    >
        <${Field} name="name" wrong=${wrong} />
        <${Field} name="email" wrong=${wrong} />
        <${Field} name="amount" wrong=${wrong} />
        <${Field} name="currency">
            <${Pick} name="currency" options=${currencies} named=${(one) => one.toUpperCase()} />
        <//>
        <${Field} name="language">
            <${Pick} name="language" options=${languages} named=${(one) => one} />
        <//>
        <p class="tip" role="status">
            ${wrong && !wrong.with?.field ? say(wrong.key) : say("stripe.add_about")}
        </p>
        <div class="line">
            <button class="btn primary">${say("stripe.add_now")}</button>
            <button type="button" class="btn" onClick=${close}>${say("stripe.add_never")}</button>
        </div>
    </form>`;
}
