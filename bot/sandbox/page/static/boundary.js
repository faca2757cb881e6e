// A part that fails to draw says so in its own place; the others go on.
import { Component } from "preact";
import { html, icon, parts, say } from "./live.js";

export class Boundary extends Component {
    state = { failed: false };

    static getDerivedStateFromError() {
        return { failed: true };
    }

    componentDidCatch(error) {
        console.error(error);
    }

    render({ name, children }, { failed }) {
        if (!failed && !parts[name]?.broken) return children;
        return html`<section class=${`panel p-${name}`}>
            <div class="blank" role="alert">
                ${icon("warning")}
                <b>${say("shell.part_broken")}</b>
                <p>${say("shell.part_broken_hint")}</p>
                <button class="btn" onClick=${() => this.setState({ failed: false })}>
                    ${say("shell.try_again")}
                </button>
            </div>
        </section>`;
    }
}
