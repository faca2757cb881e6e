// The customers' phones: an inbox, a mail as its reader sees it, and the page behind its link.
import { useEffect, useRef, useState } from "preact/hooks";
import { act, here, html, icon, now, put, say, useLive } from "./live.js";

const hour = (at) =>
    new Intl.DateTimeFormat(here.language, {
        hour: "2-digit",
        minute: "2-digit",
        hour12: false,
        timeZone: "UTC",
    }).format(at);

// A drawn phone is narrower than a real one, for which letters are made.
const drawn = matchMedia("(min-width: 700px)");

export function Mail() {
    const { parts } = useLive();
    const mails = parts.mail?.mails ?? [];
    const [opened, setOpened] = useState(null);
    const [asText, setAsText] = useState(false);
    const mail = mails.find((one) => one.id === opened);
    const person = mail?.person ?? chosen(mails);
    const open = (one) => {
        setOpened(one.id);
        act("mail/open", { id: one.id });
    };
    return html`<section class="panel p-mail" aria-labelledby="mail-title">
        <div class="ph">
            <h2 id="mail-title" class="parts">
                <span class="part">${say("mail.title")}</span>${" "}
                ${person && html`<span class="part"><i>· </i>${person.called}</span>`}
            </h2>
            <${Views} asText=${asText} onChoose=${setAsText} />
        </div>
        <${Whose}
            mails=${mails}
            person=${person}
            onChoose=${(id) => {
                setOpened(null);
                put({ phone: { id, mails: mails.length } });
            }}
        />
        ${
            asText
                ? html`<${Text}
                      mail=${mail ?? mails.find((one) => one.person.id === person?.id)}
                  />`
                : html`<${Phone} isOpen=${Boolean(mail)}>
                      ${
                          mail
                              ? html`<${Letter}
                                    key=${mail.id}
                                    mail=${mail}
                                    onBack=${() => setOpened(null)}
                                />`
                              : html`<${Inbox} mails=${mails} person=${person} onOpen=${open} />`
                      }
                  <//>`
        }
    </section>`;
}

// Whose phone is shown. A choice lasts until the next mail comes: then its reader's phone rings.
function chosen(mails) {
    const choice = here.phone?.mails === mails.length ? here.phone.id : null;
    return (mails.find((one) => one.person.id === choice) ?? mails[0])?.person;
}

function Views({ asText, onChoose }) {
    const view = (value, key) =>
        html`<button
            type="button"
            aria-pressed=${asText === value}
            onClick=${() => onChoose(value)}
        >
            ${say(key)}
        </button>`;
    return html`<div class="seg push" role="group" aria-label=${say("mail.show_as")}>
        ${view(false, "mail.phone")}${view(true, "mail.text")}
    </div>`;
}

function Whose({ mails, person, onChoose }) {
    const people = new Map(mails.map((one) => [one.person.id, one.person.name]));
    if (people.size < 2) return null;
    const unread = (id) => mails.filter((one) => one.person.id === id && !one.seen).length;
    const named = (id, name) =>
        unread(id) ? say("mail.option", { name, count: unread(id) }) : name;
    return html`<div class="whose">
        <label for="whose">${say("mail.whose")}</label>
        <span class="pick">
            <select id="whose" value=${person.id} onChange=${(e) => onChoose(e.target.value)}>
                ${[...people].map(
                    ([id, name]) => html`<option key=${id} value=${id}>${named(id, name)}</option>`,
                )}
            </select>
        </span>
    </div>`;
}

// The guide leads to the link inside the mail; what it can point at is the phone around it.
function Phone({ isOpen, children }) {
    return html`<div class="dev">
        <div class="phone" tabindex="-1" data-aim=${isOpen ? "paylink" : null}>
            <div class="scr">
                <div class="st" aria-hidden="true"><span>${hour(now())}</span><i></i></div>
                ${children}
            </div>
        </div>
    </div>`;
}

function Inbox({ mails, person, onOpen }) {
    if (!person)
        return html`<div class="blank">
            ${icon("mail")}<b>${say("mail.empty")}</b>
            <p>${say("mail.empty_help")}</p>
        </div>`;
    const theirs = mails.filter((one) => one.person.id === person.id);
    const newest = theirs.find((one) => !one.seen);
    return html`<h3 class="app-h inbox">${say("mail.inbox")}</h3>
        <ul class="scroll">
            ${theirs.map(
                (one, place) =>
                    html`<li key=${theirs.length - place}>
                        <${Row} mail=${one} isAim=${one === newest} onOpen=${onOpen} />
                    </li>`,
            )}
        </ul>`;
}

function Row({ mail, isAim, onOpen }) {
    return html`<button
        type="button"
        class=${`mi ${mail.seen ? "read" : ""}`}
        data-aim=${isAim ? "mail" : null}
        onClick=${() => onOpen(mail)}
    >
        <span class="what">
            <b>
                ${mail.sender}${!mail.seen && html`<span class="sr">, ${say("mail.unread")}</span>`}
                <time>${hour(mail.at)}</time>
            </b>
            <span class="subject" lang=${mail.language}>${mail.subject}</span>
            <span class="preview" lang=${mail.language}>${mail.preview}</span>
        </span>
    </button>`;
}

// The mail's own HTML in a frame without scripts. Its link leads on inside the frame, to a page of
// another origin, which is all that we can see of where it is.
function Letter({ mail, onBack }) {
    const frame = useRef(null);
    const [height, setHeight] = useState(null);
    const [visit, setVisit] = useState(0);
    const [isAway, setAway] = useState(false);
    const measure = () => {
        const inside = frame.current?.contentDocument;
        setAway(!inside);
        if (!inside) return;
        inside.documentElement.style.zoom = drawn.matches ? 0.8 : 1;
        setHeight(Math.ceil(inside.documentElement.getBoundingClientRect().height));
    };
    useEffect(() => {
        addEventListener("resize", measure);
        return () => removeEventListener("resize", measure);
    }, []);
    const again = () => {
        setAway(false);
        setVisit(visit + 1);
    };
    return html`<div class="app-h">
            <button type="button" class="btn sm quiet" onClick=${isAway ? again : onBack}>
                ${icon("back")}${say(isAway ? "mail.back_to_mail" : "mail.inbox")}
            </button>
        </div>
        <div
            class=${isAway ? "read-on away" : "read-on scroll"}
            tabindex=${isAway ? null : 0}
            role="group"
            aria-label=${say("mail.title")}
        >
            ${!isAway && html`<${Head} mail=${mail} />`}
            <iframe
                key=${visit}
                ref=${frame}
                src=${`/mail/${encodeURIComponent(mail.id)}/html`}
                sandbox="allow-forms allow-same-origin"
                title=${
                    isAway ? say("mail.pay_page") : say("mail.letter", { name: mail.person.called })
                }
                style=${{ height: isAway || !height ? "100%" : `${height}px` }}
                onLoad=${measure}
            ></iframe>
        </div>`;
}

function Head({ mail }) {
    return html`<div class="mailb">
        <h3 lang=${mail.language}>${mail.subject}</h3>
        <div class="from">
            <span class="av a1" aria-hidden="true">${[...mail.sender][0]}</span>
            <span>
                <b>${mail.sender}</b>
                <small>${say("mail.to", { name: mail.person.name })}</small>
            </span>
            <time>${hour(mail.at)}</time>
        </div>
    </div>`;
}

function Text({ mail }) {
    if (!mail)
        return html`<div class="blank">
            ${icon("mail")}<b>${say("mail.empty")}</b>
            <p>${say("mail.empty_help")}</p>
        </div>`;
    return html`<div class="scroll sent">
        <dl class="heads">
            ${mail.headers.map(
                ([name, value]) =>
                    html`<div key=${name}>
                        <dt>${name}:</dt>
                        <dd>${value}</dd>
                    </div>`,
            )}
        </dl>
        <p class="hint">${say("mail.test_mode", { name: mail.person.called })}</p>
        <pre class="raw" lang=${mail.language}>${mail.text}</pre>
    </div>`;
}
