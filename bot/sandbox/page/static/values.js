// What stands in fields, and what Slack's own form refuses before the bot hears of it.
// https://docs.slack.dev/reference/block-kit/block-elements

const WRITTEN = ["plain_text_input", "email_text_input", "url_text_input", "number_input"];

export const isWritten = (element) => WRITTEN.includes(element.type);
export const isGroup = (element) => /^(radio_buttons|checkboxes|multi_.*)$/.test(element.type);

// A field is the same one as long as these are the same: then it keeps what was typed.
export const fieldKey = (block, element) => `${block.block_id}/${element.action_id}`;
export const kindOf = (element) =>
    [element.type, ...optionsOf(element).map((option) => option.value)].join("\n");

function optionsOf(element) {
    const groups = element.option_groups ?? [];
    return [...(element.options ?? []), ...groups.flatMap((group) => group.options)];
}

// What stands there before anybody touches it.
export function initial(element) {
    if (element.initial_option) return element.initial_option.value;
    if (element.initial_options) return element.initial_options.map((option) => option.value);
    for (const kind of ["value", "user", "users", "conversation", "date", "time", "date_time"]) {
        const found = element[`initial_${kind}`];
        if (found !== undefined) return found;
    }
    return isGroup(element) && element.type !== "radio_buttons" ? [] : null;
}

// The elements of a block that hold a value.
export function fieldsOf(block) {
    const inside = [block.element, block.accessory, ...(block.elements ?? [])];
    return inside.filter((one) => one?.action_id && !/^(button|overflow|image)$/.test(one.type));
}

const isEmpty = (value) => value === null || value === "" || value?.length === 0;

// What Slack would refuse of an input block, as [key, values] of the words; null when nothing.
export function refused(block, value) {
    const { element } = block;
    if (isEmpty(value)) return block.optional ? null : ["blocks.needed"];
    if (!isWritten(element)) return null;
    const count = [...value].length;
    const least = element.min_length ?? 0;
    const most = element.max_length ?? 3000;
    if (count < least) return ["blocks.too_short", { least }];
    if (count > most) return ["blocks.too_long", { most }];
    if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value)) {
        return ["blocks.no_email"];
    }
    if (element.type === "url_text_input" && !URL.canParse(value)) return ["blocks.no_url"];
    return element.type === "number_input" ? noNumber(element, value) : null;
}

function noNumber(element, value) {
    const number = Number(value);
    if (!Number.isFinite(number)) return ["blocks.no_number"];
    if (!element.is_decimal_allowed && !Number.isInteger(number)) return ["blocks.no_whole"];
    const { min_value: least, max_value: most } = element;
    if (least !== undefined && number < Number(least)) return ["blocks.too_low", { least }];
    if (most !== undefined && number > Number(most)) return ["blocks.too_high", { most }];
    return null;
}

// datetimepicker: seconds since 1970 <-> what stands on the reader's own clock, "2026-11-20T19:30".
export function onClock(seconds, zone) {
    const options = { timeZone: zone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" };
    const text = new Intl.DateTimeFormat("sv-SE", options).format(new Date(seconds * 1000));
    return text.replace(" ", "T");
}

export function offClock(text, zone) {
    const asked = Date.parse(`${text}Z`) / 1000;
    let seconds = asked;
    // Twice: the first step may cross the night on which the clocks change.
    for (const _ of [1, 2]) {
        seconds += asked - Date.parse(`${onClock(seconds, zone)}Z`) / 1000;
    }
    return seconds;
}
