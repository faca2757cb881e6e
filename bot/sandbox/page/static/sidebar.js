// The sidebar: the app's Home, the channels that this person is in, and who looks.
import { connect, here, html, icon, put, say } from "./live.js";
import { ask, enter, go, me } from "./place.js";

export function Sidebar({ slack, place }) {
    const rooms = slack.channels.filter((one) => one.kind !== "dm");
    const direct = slack.channels.filter((one) => one.kind === "dm");
    const entry = (one) =>
        html`<${Entry} key=${one.id} slack=${slack} channel=${one} place=${place} />`;
    return html`<div class="bar">
        <h2 class="ws">${slack.company}</h2>
        <nav aria-label=${say("slack.channels")}>
            ${
                me(slack).role !== "stranger" &&
                html`<button
                    aria-current=${place.home ? "page" : null}
                    onClick=${() => go({ channel: "home" })}
                >
                    <i>${icon("home")}</i><span class="nm">${slack.users[slack.app].name}</span
                    ><span class="sr">${say("slack.home")}</span>
                </button>`
            }
            ${rooms.length > 0 && html`<h3>${say("slack.channels")}</h3>`} ${rooms.map(entry)}
            ${direct.length > 0 && html`<h3>${say("slack.direct")}</h3>`} ${direct.map(entry)}
        </nav>
        <${Viewer} slack=${slack} />
    </div>`;
}

function Entry({ slack, channel, place }) {
    const current = place.channel?.id === channel.id;
    const unread = current ? 0 : channel.unread;
    return html`<button
        class=${unread ? "new" : ""}
        aria-current=${current ? "page" : null}
        onClick=${() => enter(slack, channel)}
    >
        <i><${Mark} channel=${channel} /></i><span class="nm">${channel.name}</span>
        ${
            unread > 0 &&
            html`<span class="ct" aria-label=${say("slack.unread", { count: unread })}
                >${unread}</span
            >`
        }
    </button>`;
}

export function Mark({ channel }) {
    if (channel.kind === "dm") return icon("chat");
    if (!channel.private) return html`<span aria-hidden="true">#</span>`;
    return html`${icon("lock")}<span class="sr">${say("slack.private")} </span>`;
}

const LANGUAGES = { "en-US": "English", "es-ES": "Español", "fr-FR": "Français" };

function Viewer({ slack }) {
    const { name, role, zone, locale } = me(slack);
    const set = (changes) => ask("viewer_set", changes);
    return html`<div class="who">
        <${Choice}
            label=${say("slack.you_are")}
            value=${slack.viewer}
            options=${slack.viewers.map((one) => [
                one.id,
                `${one.name.split(" ")[0]}, ${say(`slack.role_${one.role}`)}`,
            ])}
            onChange=${become}
        />
        <details>
            <summary>
                ${LANGUAGES[locale]}, ${city(zone)}<span class="sr">
                    – ${say("slack.preferences", { name, role: say(`slack.role_${role}`) })}</span
                >${icon("down")}
            </summary>
            <${Choice}
                label=${say("slack.language")}
                value=${locale}
                options=${Object.entries(LANGUAGES)}
                onChange=${(locale) => set({ locale })}
            />
            <${Choice}
                label=${say("slack.zone")}
                value=${zone}
                options=${slack.zones.map((one) => [one, city(one)])}
                onChange=${(zone) => set({ zone })}
            />
        </details>
    </div>`;
}

function Choice({ label, value, options, onChange }) {
    return html`<label
        >${label}<span class="pick"
            ><select value=${value} onChange=${(event) => onChange(event.target.value)}>
                ${options.map(
                    ([key, text]) =>
                        html`<option key=${key} value=${key} selected=${key === value}>
                            ${text}
                        </option>`,
                )}
            </select></span
        ></label
    >`;
}

const city = (zone) => zone.split("/").at(-1).replaceAll("_", " ");

// Another person sits down before this tab; what was open was somebody else's.
function become(viewer) {
    put({ channel: here.channel === "home" ? "home" : null, thread: null, view: "review" });
    if (here.channel === "home") connectThenOpenHome(viewer);
    else connect(viewer);
}

function connectThenOpenHome(viewer) {
    connect(viewer);
    ask("home");
}
