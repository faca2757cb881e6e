// The app's Home, as it was published for this person.
import { here, html, icon, say } from "./live.js";
import { Blocks } from "./blocks.js";
import { Band, Drawer } from "./channel.js";
import { Trouble } from "./message.js";
import { ask, contextOf } from "./place.js";

export function Home({ slack }) {
    const press = (block, element, value) => {
        const given = { block_id: block.block_id, action_id: element.action_id, value };
        return ask("press_view", { view: slack.home.id, ...given });
    };
    const context = contextOf(slack, { press });
    const trouble = here.homeProblem;
    return html`<div class="main">
        <div class="ch">
            <${Drawer} />
            <h2>${slack.users[slack.app].name}</h2>
            <p>${say("slack.home")}</p>
        </div>
        <${Band} slack=${slack} />
        <div class="scroll" tabindex="0" role="group" aria-label=${say("slack.home")}>
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
