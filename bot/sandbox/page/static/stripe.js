// Stripe's panel: its customers, what can be done about them, and how the bot hears of it.
import { useState } from "preact/hooks";
import { act, here, html, icon, say, useLive } from "./live.js";

const TINTS = 6;
const LOOKS = { paid: "go", failed: "stop", in_part: "warn", disputed: "stop" };

// Minor units as a person of the page's language reads them: 14500 kwd is KWD 14.500.
export function money(amount, currency) {
    const style = { style: "currency", currency: currency.toUpperCase() };
    const shown = new Intl.NumberFormat(here.language, style);
    const places = shown.resolvedOptions().maximumFractionDigits;
    return shown.format(amount / 10 ** places);
}

const day = (seconds, how) =>
    new Intl.DateTimeFormat(here.language, { ...how, timeZone: "UTC" }).format(seconds * 1000);

// The first letters of the first and the last word that begin with one; "?" where none does.
function initials(name) {
    const words = (name ?? "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
    if (!words.length || /^[^\p{L}]/u.test(name)) return "?";
    return [words[0], ...words.slice(1).slice(-1)].map((word) => [...word][0]).join("");
}

function Person({ customer, tint, open, toggle, reasons }) {
    const { name, email, plan, amount, currency, city, status, attempt } = customer;
    const where = email ? city : say("stripe.no_email");
    const facts = [plan, money(amount, currency), where].filter(Boolean).join(" · ");
    return html`<li class=${open ? "open" : ""}>
        <button class="row" aria-expanded=${open} onClick=${toggle}>
            <span class="av a${tint}" aria-hidden="true">${initials(name)}</span>
            <span><b><bdi>${name}</bdi></b><small>${facts}</small></span>
            <span class="pill ${LOOKS[status] ?? ""}">${say(`stripe.status_${status}`, { attempt })}</span>
        </button>
        ${open && html`<${Tools} customer=${customer} reasons=${reasons} />`}
    </li>`;
}

function Tools({ customer, reasons }) {
    const [reason, choose] = useState(customer.reason ?? reasons[0]);
    const [problem, tell] = useState(null);
    const { id, owed, half, currency, not_now } = customer;
    const press = async (name, given = {}) => {
        const answer = await act(`stripe/${name}`, { customer: id, ...given });
        tell(answer.problem ?? null);
    };
    const tool = (name, label, look = "") => html`<button
        class="btn sm ${look}"
        aria-disabled=${name in not_now}
        title=${not_now[name] && say(not_now[name])}
        onClick=${() => press(name)}
    >
        ${label}
    </button>`;
    const again = customer.status === "failed" || customer.status === "in_part";
    return html`<div class="tools">
        <label for="why-${id}">${say("stripe.why")}</label>
        <span class="pick"
            ><select id="why-${id}" value=${reason} onChange=${(e) => choose(e.target.value)}>
                ${reasons.map((one) => html`<option value=${one}>${say(`stripe.reason_${one}`)}</option>`)}
            </select></span
        >
        <button
            class="btn primary"
            data-aim="fail"
            aria-disabled=${"fail" in not_now}
            onClick=${() => press("fail", { reason })}
        >
            ${say(again ? "stripe.fail_again" : "stripe.fail")}
        </button>
        <div class="four">
            ${tool("pay", owed ? say("stripe.pay", { amount: money(owed, currency) }) : say("stripe.pay_nothing"))}
            ${tool("pay_half", say("stripe.pay_half"))} ${tool("void", say("stripe.void"))}
            ${tool("uncollectible", say("stripe.uncollectible"))}
            ${tool("dispute", say("stripe.dispute"))}
            ${tool("cancel", say("stripe.cancel"), "danger")}
        </div>
        <p class="tip" role="status">${problem && say(problem.key, problem.with)}</p>
    </div>`;
}

function Choice({ name, label, value, options }) {
    const choose = (event) => act("stripe/webhooks", { [name]: event.target.value });
    return html`<label
        >${label}<span class="pick"
            ><select value=${value} onChange=${choose}>
                ${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}
            </select></span
        ></label
    >`;
}

function outcome(of) {
    if (of === 0) return say("stripe.outcome_no_answer");
    return typeof of === "number" ? of : say(`stripe.outcome_${of}`);
}

function Webhooks({ webhooks }) {
    const { way, ways, version, versions, log } = webhooks;
    return html`<details class="sub">
        <summary>
            <b>${say("stripe.webhooks")}</b><span class="sum2">${say(`stripe.way_${way}`)}</span>
            <svg class="chev" aria-hidden="true"><use href="/static/icons.svg#down" /></svg>
        </summary>
        <div class="in">
            <${Choice}
                name="way"
                label=${say("stripe.way")}
                value=${way}
                options=${ways.map((one) => [one, say(`stripe.way_${one}`)])}
            />
            <${Choice}
                name="version"
                label=${say("stripe.version")}
                value=${version}
                options=${versions.map((one) => [one, one])}
            />
            <h3>${say("stripe.log")}</h3>
            <ol class="log">
                ${log.map((one) => html`<li><code>${one.type}</code> → ${outcome(one.outcome)}</li>`)}
            </ol>
            ${!log.length && html`<p class="tip">${say("stripe.log_empty")}</p>`}
        </div>
    </details>`;
}

export function Stripe() {
    const { parts } = useLive();
    const [open, turn] = useState(null);
    const { customers, reasons, webhooks } = parts.stripe ?? {};
    const shown = open ?? customers?.[0]?.id;
    return html`<section class="panel p-stripe" aria-labelledby="stripe-title">
        <div class="ph">
            <h2 id="stripe-title">${say("stripe.title")}</h2>
            <span class="pill warn">${say("stripe.test_mode")}</span>
        </div>
        <ul class="scroll cust">
            ${customers?.map(
                (one, at) => html`<${Person}
                    key=${one.id}
                    customer=${one}
                    tint=${(at % TINTS) + 1}
                    open=${one.id === shown}
                    toggle=${() => turn(one.id === shown ? "" : one.id)}
                    reasons=${reasons}
                />`,
            )}
        </ul>
        ${webhooks && html`<${Webhooks} webhooks=${webhooks} />`}
    </section>`;
}
