import { html, useLive } from "./live.js";

export function Stripe() {
    const { parts } = useLive();
    return html`<section>
        <h2>Stripe</h2>
        <pre>${JSON.stringify(parts.stripe)}</pre>
    </section>`;
}
