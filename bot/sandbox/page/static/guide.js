import { html, useLive } from "./live.js";

export function Guide() {
    const { parts } = useLive();
    return html`<section>
        <h2>Guide</h2>
        <pre>${JSON.stringify(parts.guide)}</pre>
    </section>`;
}
