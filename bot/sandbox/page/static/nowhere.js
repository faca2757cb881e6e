// What somebody sees who is in no channel here.
import { html, icon, say } from "./live.js";
import { Drawer } from "./channel.js";
import { me } from "./place.js";

export function Nowhere({ slack }) {
    const { name, role } = me(slack);
    const values = { name: name.split(" ")[0] };
    return html`<div class="main">
        <div class="ch">
            <${Drawer} />
            <h2>${say("slack.nothing")}</h2>
        </div>
        <div class="scroll">
            <div class="blank">
                ${icon("lock")}
                <b>${say("slack.nothing_here", values)}</b>
                <p>
                    ${say(role === "stranger" ? "slack.nothing_stranger" : "slack.nothing_more", values)}
                </p>
            </div>
        </div>
    </div>`;
}
