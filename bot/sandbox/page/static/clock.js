import { html, useLive } from "./live.js";

export function Clock() {
    const { parts } = useLive();
    return html`<section>
        <h2>Clock</h2>
        <pre>${JSON.stringify(parts.clock)}</pre>
    </section>`;
}
