// The app's Home, as it was published for this person.
import { useState } from "preact/hooks";
import { here, html, icon, say } from "./live.js";
import { Blocks } from "./crude.js";
import { Band, Drawer } from "./channel.js";
import { Trouble } from "./message.js";
import { ask, contextOf } from "./place.js";

export function Home({ slack }) {
    const [problem, setProblem] = useState(null);
    const [busy, setBusy] = useState(false);
    const press = async (block, element, value) => {
        setBusy(true);
        const { id: view } = slack.home;
        const given = { block_id: block.block_id, action_id: element.action_id, value };
        const answer = await ask("press_view", { view, ...given });
        setBusy(false);
        setProblem(answer.problem ?? null);
        return answer;
    };
    const context = contextOf(slack, { press, disabled: busy });
    const trouble = problem ?? here.homeProblem;
    return html`<div class="main">
        <div class="ch">
            <${Drawer} />
            <h2>${slack.users[slack.app].name}</h2>
            <p>${say("slack.home")}</p>
        </div>
        <${Band} slack=${slack} />
        <div class="scroll" tabindex="0">
            ${trouble && html`<${Trouble} problem=${trouble} />`}
            ${
                slack.home
                    ? html`<div class="home">
                          <${Blocks} blocks=${slack.home.blocks} context=${context} />
                      </div>`
                    : html`<div class="blank">
                          ${icon("home")}<b>${say("slack.empty_home")}</b>
                          <p>${say("slack.empty_home_more")}</p>
                      </div>`
            }
        </div>
    </div>`;
}
