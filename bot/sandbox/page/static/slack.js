import { html, useLive } from "./live.js";

export function Slack() {
    const { parts } = useLive();
    return html`<section>
        <h2>Slack</h2>
        <pre>${JSON.stringify(parts.slack)}</pre>
    </section>`;
}
