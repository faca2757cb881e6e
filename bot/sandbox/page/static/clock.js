import { useEffect, useState } from "preact/hooks";
import { act, here, html, now, parts, say, useLive } from "./live.js";

const UNITS = ["hour", "day", "week"];

export function Clock() {
    useLive();
    const clock = parts.clock;
    if (!clock) return null;
    return html`<section class="panel p-clock" aria-labelledby="clock-title">
        <h2 class="sr" id="clock-title">${say("clock.title")}</h2>
        <div class="clock">
            <${Now} zone=${clock.zone} />
            <div class="three" role="group" aria-label=${say("clock.forward")}>
                ${UNITS.map(
                    (unit) =>
                        html`<button
                            class="btn sm"
                            disabled=${Boolean(clock.passing)}
                            onClick=${() => act("clock.move", { unit })}
                        >
                            ${say(`clock.${unit}`)}
                        </button>`,
                )}
            </div>
            <div role="status">
                <p>${told(clock)}</p>
                ${
                    clock.passing &&
                    html`<progress
                        aria-label=${say("clock.passes")}
                        max=${clock.passing.of}
                        value=${clock.passing.done}
                    ></progress>`
                }
            </div>
        </div>
    </section>`;
}

// Ticks by itself: the server sends how far ahead it is, and nothing while that stays.
function Now({ zone }) {
    const [, tick] = useState(0);
    useEffect(() => {
        let timer;
        const again = () => {
            tick((count) => count + 1);
            timer = setTimeout(again, 1000 - (now() % 1000));
        };
        again();
        return () => clearTimeout(timer);
    }, []);
    const moment = new Date(now());
    return html`<p class="now">
        <time class="big" datetime=${moment.toISOString()}>${shown(moment, zone, "time")}</time>
        <small>${shown(moment, zone, "day")}, ${city(zone)}</small>
    </p>`;
}

const STYLES = {
    time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
    both: {
        weekday: "short",
        day: "numeric",
        month: "short",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
    },
};

// English puts the day before the month here, as most of the world does.
const TONGUES = { en: "en-GB", es: "es-ES", fr: "fr-FR" };

export function shown(moment, zone, style) {
    const tongue = TONGUES[here.language] ?? here.language;
    return new Intl.DateTimeFormat(tongue, { ...STYLES[style], timeZone: zone }).format(moment);
}

const city = (zone) => zone.split("/").at(-1).replaceAll("_", " ");

function told(clock) {
    if (clock.passing) return say(`clock.passing_${clock.passing.unit}`);
    if (clock.bot !== "up") return say(`clock.bot_${clock.bot}`);
    const next = clock.next;
    if (!next) return say("clock.nothing");
    const when = shown(new Date(next.at_ms), clock.zone, "both");
    return say(`clock.next_${next.what}`, { who: next.who, when });
}
