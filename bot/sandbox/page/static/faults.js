import { html, useLive } from "./live.js";

export function Faults() {
    const { parts } = useLive();
    return html`<section>
        <h2>Faults</h2>
        <pre>${JSON.stringify(parts.faults)}</pre>
    </section>`;
}
