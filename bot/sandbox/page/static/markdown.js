// The markdown block, by way of Slack's own text: https://docs.slack.dev/reference/block-kit/blocks/markdown-block.

export function fromMarkdown(text) {
    return text
        .split(/(```[^]*?```|`[^`\n]+`)/)
        .map((piece, at) => (at % 2 ? escaped(piece) : styled(escaped(piece))))
        .join("");
}

const escaped = (text) =>
    text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

// Bold is kept apart by a sign that nobody types, until single stars have become italics.
const styled = (text) =>
    text
        .replace(/^#{1,6} +(.+)$/gm, "\u0001$1\u0001")
        .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, "\u0001$2\u0001")
        .replace(/(?<![*\w])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*(?![*\w])/g, "_$1_")
        .replace(/~~(?=\S)(.+?)(?<=\S)~~/g, "~$1~")
        .replace(/\u0001/g, "*")
        .replace(/^(\s*)[-*+] /gm, "$1• ")
        .replace(/!?\[([^\]\n|]+)\]\((https?:[^)\s|]+)\)/g, "<$2|$1>");
