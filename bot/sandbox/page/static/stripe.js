// Stripe's panel: its customers, what can be done about them, and how the bot hears of it.
import { useEffect, useRef, useState } from "preact/hooks";
import { act, here, html, say, useLive } from "./live.js";
import { Newcomer } from "./newcomer.js";

const TINTS = 6;
const LOOKS = { paid: "go", failed: "stop", in_part: "warn", disputed: "stop" };
const OWING = new Set(["failed", "in_part"]);
const UNHEARD = new Set(["late", "reversed", "lost"]); // the bot hears of it later, or never

// Minor units as a person of the page's language reads them: 14500 kwd is KWD 14.500.
function money(amount, currency) {
    const style = { style: "currency", currency: currency.toUpperCase() };
    const shown = new Intl.NumberFormat(here.language, style);
    const places = shown.resolvedOptions().maximumFractionDigits;
    return shown.format(amount / 10 ** places);
}

const moment = (seconds, how) => new Intl.DateTimeFormat(here.language, how).format(seconds * 1000);

// The first letters of the first and the last word that begin with one; "?" where none does.
function initials(name) {
    const words = (name ?? "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
    if (!words.length || /^[^\p{L}]/u.test(name)) return "?";
    return [words[0], ...words.slice(1).slice(-1)].map((word) => [...word][0]).join("");
}

function Person({ customer, tint, open, follow, toggle, reasons, way }) {
    const { name, email, plan, amount, currency, city, status, attempt } = customer;
    const where = email ? city : say("stripe.no_email");
    const facts = [plan, money(amount, currency), where].filter(Boolean).join(" · ");
    const row = useRef(null);
    useEffect(() => open && follow && row.current.scrollIntoView({ block: "nearest" }), [open]);
    return html`<li ref=${row} class=${open ? "open" : ""}>
        <button class="row" aria-expanded=${open} onClick=${toggle}>
            <span class="av a${tint}" aria-hidden="true">${initials(name)}</span>
            <b><bdi>${name}</bdi></b>
            <span class="pill ${LOOKS[status] ?? ""}">
                ${say(`stripe.status_${status}`, { attempt })}
            </span>
            <small>${facts}</small>
        </button>
        ${open && html`<${Tools} customer=${customer} reasons=${reasons} way=${way} />`}
    </li>`;
}

// What stands between the name and the tools: who they are, and what Stripe plans by itself.
function Facts({ customer }) {
    const { email, since, status, next_attempt } = customer;
    const values = {
        email: email ?? say("stripe.no_email"),
        since: moment(since, { month: "long", year: "numeric" }),
    };
    const when =
        next_attempt && moment(next_attempt, { weekday: "short", day: "numeric", month: "long" });
    return html`<p class="facts">
        ${say("stripe.facts", values)}${" "} ${when && say("stripe.next_try", { when })}
        ${!when && OWING.has(status) && say("stripe.last_try")}
    </p>`;
}

// A tool that can't be used now stays reachable, and says why when it is pressed.
function Tool({ name, look = "sm", customer, press, children }) {
    const why = customer.not_now[name];
    return html`<button
        class="btn ${look}"
        aria-disabled=${why ? "true" : null}
        title=${why && say(why)}
        onClick=${press}
    >
        ${children}
    </button>`;
}

function Tools({ customer, reasons, way }) {
    const [reason, choose] = useState(customer.reason ?? reasons[0]);
    const [said, tell] = useState(null);
    const { id, owed, half, currency, status } = customer;
    const press = async (name, given = {}) => {
        const { problem } = await act(
            `stripe.${name}`,
            { customer: id, ...given },
            { quiet: true },
        );
        const unheard = UNHEARD.has(way) ? { key: `stripe.way_hint_${way}` } : null;
        tell(problem ? { ...problem, no: true } : unheard);
    };
    const tool = (name, label, look) =>
        html`<${Tool} ...${{ name, look, customer }} press=${() => press(name)}>${label}<//>`;
    const priced = (label, amount) =>
        say(`stripe.${label}`, { amount: money(amount || customer.amount, currency) });
    return html`<div class="tools">
        <${Facts} customer=${customer} />
        <label for="why-${id}">${say("stripe.why")}</label>
        <span class="pick">
            <select id="why-${id}" value=${reason} onChange=${(e) => choose(e.target.value)}>
                ${reasons.map((one) => html`<option value=${one}>${say(`stripe.reason_${one}`)}</option>`)}
            </select>
        </span>
        <${Tool}
            name="fail"
            look=${OWING.has(status) ? "" : "primary"}
            customer=${customer}
            press=${() => press("fail", { reason })}
        >
            ${say(OWING.has(status) ? "stripe.fail_again" : "stripe.fail")}
        <//>
        <div class="four">
            ${tool("pay", priced("pay", owed))}
            ${tool("pay_half", owed ? priced("pay_part", half) : say("stripe.pay_half"))}
            ${tool("void", say("stripe.void"))}
            ${tool("uncollectible", say("stripe.uncollectible"))}
            ${tool("dispute", say("stripe.dispute"))}
            ${tool("cancel", say("stripe.cancel"), "sm danger")}
        </div>
        <p class="tip ${said?.no ? "no" : ""}" role="status">${said && say(said.key, said.with)}</p>
    </div>`;
}

function Choice({ name, label, value, options }) {
    const choose = (event) => act("stripe.webhooks", { [name]: event.target.value });
    return html`<label
        >${label}<span class="pick"
            ><select value=${value} onChange=${choose}>
                ${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}
            </select></span
        ></label
    >`;
}

// What became of an event: "invoice.payment_failed → 200".
function Delivery({ type, outcome }) {
    const answered = typeof outcome === "number" && outcome > 0;
    const look = answered && outcome < 300 ? "went" : answered || outcome === 0 ? "stuck" : "";
    const word = outcome === 0 ? "no_answer" : outcome;
    return html`<li>
        <code title=${type}>${type}</code>
        <span class=${look}>→ ${answered ? outcome : say(`stripe.outcome_${word}`)}</span>
    </li>`;
}

function Webhooks({ webhooks }) {
    const { way, ways, version, versions, log } = webhooks;
    const show = ({ target }) => target.open && target.scrollIntoView({ block: "nearest" });
    return html`<details class="sub webhooks" onToggle=${show}>
        <summary>
            <b>${say("stripe.webhooks")}</b>
            <span class="sum2">${say(`stripe.way_${way}`)}</span>
            <svg class="chev" aria-hidden="true"><use href="/static/icons.svg#down" /></svg>
        </summary>
        <div class="in">
            <${Choice}
                name="way"
                label=${say("stripe.way")}
                value=${way}
                options=${ways.map((one) => [one, say(`stripe.way_${one}`)])}
            />
            <p class="tip">${say(`stripe.way_hint_${way}`)}</p>
            <${Choice}
                name="version"
                label=${say("stripe.version")}
                value=${version}
                options=${versions.map((one) => [one, one])}
            />
            <h3>${say("stripe.log")}</h3>
            <ol class="log">
                ${log.map((one) => html`<${Delivery} ...${one} />`)}
            </ol>
            ${!log.length && html`<p class="tip">${say("stripe.log_empty")}</p>`}
        </div>
    </details>`;
}

export function Stripe() {
    const { parts } = useLive();
    const [open, turn] = useState(null);
    const [adding, add] = useState(false);
    const opener = useRef(null);
    const { customers, reasons, webhooks, currencies, languages } = parts.stripe ?? {};
    const close = () => {
        add(false);
        opener.current.focus();
    };
    const added = (customer) => {
        close();
        turn(customer);
    };
    const shown = open ?? customers?.[0]?.id;
    return html`<section class="panel p-stripe" aria-labelledby="stripe-title">
        <div class="ph">
            <h2 id="stripe-title">${say("stripe.title")}</h2>
            <span class="pill warn">${say("stripe.test_mode")}</span>
            <button
                class="btn sm quiet push"
                ref=${opener}
                aria-expanded=${adding}
                onClick=${() => add(!adding)}
            >
                ${say("stripe.add")}
            </button>
        </div>
        <div class="scroll people">
            ${adding && currencies && html`<${Newcomer} ...${{ currencies, languages, added, close }} />`}
            <ul class="cust">
                ${customers?.map(
                    (one, at) =>
                        html`<${Person}
                            key=${one.id}
                            customer=${one}
                            tint=${(at % TINTS) + 1}
                            open=${one.id === shown}
                            follow=${open !== null}
                            toggle=${() => turn(one.id === shown ? "" : one.id)}
                            reasons=${reasons}
                            way=${webhooks.way}
                        />`,
                )}
            </ul>
            ${webhooks && html`<${Webhooks} webhooks=${webhooks} />`}
        </div>
    </section>`;
}
