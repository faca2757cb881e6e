import { html, useLive } from "./live.js";

export function Mail() {
    const { parts } = useLive();
    return html`<section>
        <h2>Mail</h2>
        <pre>${JSON.stringify(parts.mail)}</pre>
    </section>`;
}
