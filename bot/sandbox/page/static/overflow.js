// The "…" menu: https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/.
import { useId, useRef, useState } from "preact/hooks";
import { html, icon, say } from "./live.js";
import { Text } from "./mrkdwn.js";
import { safe } from "./spans.js";

export function Overflow({ element, context, busy, onChoose }) {
    const [open, setOpen] = useState(false);
    const opener = useRef(null);
    const menu = useRef(null);
    const id = useId();
    const items = () => [...menu.current.children];

    function show(at) {
        menu.current.showPopover();
        place(menu.current, opener.current.getBoundingClientRect());
        items().at(at).focus();
    }
    function hide() {
        menu.current.hidePopover();
        opener.current.focus();
    }
    const toggled = (event) => {
        const opened = event.newState === "open";
        setOpen(opened);
        const scrolled = (moved) =>
            !menu.current?.contains(moved.target) && menu.current?.hidePopover();
        if (opened) addEventListener("scroll", scrolled, { capture: true, once: true });
    };
    const struckClosed = (event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        show(event.key === "ArrowDown" ? 0 : -1);
    };
    const struck = (event) => {
        const found = reached(event.key, items(), document.activeElement);
        if (event.key === "Escape" || event.key === "Tab") hide();
        if (found) found.focus();
        // Tab goes on from the opener; Esc must not close the modal around the menu, too.
        if (found || event.key === "Escape" || event.key === " ") event.preventDefault();
        if (event.key === " ") document.activeElement.click();
        event.stopPropagation();
    };
    const chosen = (option) => () => {
        hide();
        onChoose(option.value);
    };
    const item = (option) => {
        const url = safe(option.url);
        const link = url
            ? { href: url, target: "_blank", rel: "noopener noreferrer" }
            : { type: "button" };
        return html`<${url ? "a" : "button"}
            role="menuitem"
            tabindex="-1"
            ...${link}
            onClick=${chosen(option)}
        >
            <${Text} of=${option.text} context=${context} />
            ${
                option.description &&
                html`<small><${Text} of=${option.description} context=${context} /></small>`
            }
        <//>`;
    };
    return html`<button
            type="button"
            class="btn icon"
            ref=${opener}
            aria-label=${say("blocks.more")}
            aria-haspopup="menu"
            aria-expanded=${open ? "true" : "false"}
            aria-controls=${id}
            aria-busy=${busy ? "true" : undefined}
            data-aim=${element.action_id}
            disabled=${context.disabled}
            onClick=${() => (open ? hide() : show(0))}
            onKeyDown=${struckClosed}
        >
            ${icon("more")}
        </button>
        <div
            id=${id}
            class="b-menu"
            role="menu"
            popover="auto"
            aria-label=${say("blocks.more")}
            ref=${menu}
            onToggle=${toggled}
            onKeyDown=${struck}
        >
            ${element.options.map(item)}
        </div>`;
}

// Which item a key leads to: its neighbour, the first, the last, or the next that begins like it.
function reached(key, items, current) {
    const at = items.indexOf(current);
    const wrapped = (index) => items[(index + items.length) % items.length];
    switch (key) {
        case "ArrowDown":
            return wrapped(at + 1);
        case "ArrowUp":
            return wrapped(at - 1);
        case "Home":
            return items[0];
        case "End":
            return items.at(-1);
        default: {
            if (key.length !== 1 || key === " ") return null;
            const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
            const begins = (item) =>
                item.textContent.trim().toLowerCase().startsWith(key.toLowerCase());
            return after.find(begins) ?? null;
        }
    }
}

// Beneath its opener, above it where there is no room; never over the window's edge.
function place(menu, opener) {
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = opener.bottom + 4;
    const top = below + height <= innerHeight - 8 ? below : Math.max(8, opener.top - height - 4);
    const left = Math.max(8, Math.min(opener.left, innerWidth - width - 8));
    Object.assign(menu.style, { top: `${top}px`, left: `${left}px` });
}
