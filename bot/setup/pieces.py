"""What the set-up's pages are built of: text, code to copy, links and buttons, as HTML. Pure.

Everything that comes in is escaped here, once, and nowhere else.
"""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.doctor import report
from bot.doctor.finding import Finding
from bot.setup import lines
from bot.sheet import STYLE, said

LOOK: Final = (
    STYLE
    + """
main { max-width: 46rem; margin: 7vh auto 12vh; }
h1 { font-size: 2rem; }
h2 { display: inline; margin: 0; font-size: 1.125rem; font-weight: 600; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
.lead { color: var(--soft); margin-bottom: 1.5rem; }
.small { color: var(--soft); font-size: .9375rem; }
.step { margin: .75rem 0; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.step > summary { display: flex; gap: .75rem; align-items: center; padding: .85rem 1.1rem;
  cursor: pointer; list-style: none; border-radius: .75rem; }
.step > summary::-webkit-details-marker { display: none; }
.step > summary h2 { flex: 1; }
.step > summary:focus-visible, a:focus-visible, button:focus-visible, input:focus-visible,
  .more > summary:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
.in { padding: 0 1.1rem 1.1rem 3.85rem; }
.dot { flex: none; width: 2rem; height: 2rem; border-radius: 50%; text-align: center;
  font: 600 .9375rem/1.85rem system-ui, sans-serif; border: 1px solid var(--line);
  color: var(--soft); }
.done .dot { background: var(--mark); border-color: var(--mark); color: var(--on-mark); }
.wrong .dot { border-color: var(--wrong); color: var(--wrong); }
.tag { color: var(--soft); font-size: .875rem; white-space: nowrap; }
.wrong .tag { color: var(--wrong); }
ul, ol { margin: .5rem 0; padding-left: 1.1rem; }
li { margin: .35rem 0; }
ul.plain { padding: 0; list-style: none; }
code { font: .9em/1.5 ui-monospace, monospace; color: var(--mark); overflow-wrap: anywhere; }
pre { margin: .35rem 0 .75rem; padding: .65rem .85rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--paper); font: .875rem/1.55 ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; -webkit-user-select: all; }
.against { margin: .5rem 0; padding: .5rem .85rem; border-left: 3px solid var(--line); }
.against.wrong { border-color: var(--wrong); }
.button, button { display: inline-block; padding: .5rem 1rem; border: 1px solid var(--mark);
  border-radius: .5rem; background: var(--mark); color: var(--on-mark); cursor: pointer;
  font: 600 1rem/1.4 system-ui, sans-serif; text-decoration: none; }
.quiet { background: transparent; color: var(--mark); }
.button, form { margin: .4rem .5rem .4rem 0; }
label { display: flex; gap: .6rem; align-items: baseline; padding: .2rem 0; }
input { accent-color: var(--mark); }
fieldset { margin: .75rem 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
.more > summary { color: var(--mark); cursor: pointer; }
a { color: var(--mark); }
@media (max-width: 30rem) { .in { padding-left: 1.1rem; } h1 { font-size: 1.625rem; }
  main { margin-top: 4vh; } .tag { display: none; } }
"""
)
# What is typed or copied to the letter, as it stands among words.
_CODE: Final = re.compile(
    r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:xoxb|xapp)-|\brk_(?:test|live)_|\bwhsec_…|\bconnections:write\b"
    r"|(?<!\S)/(?:dunning(?: health)?|invite @Dunning Desk)\b|\bpython -m bot \w+"
    r"|\bheroku (?:logs|restart)\b|\b(?:smtps?|sendgrid)://[\w:@…]+|\bdocs/[\w/-]+\.md\b"
    r"|(?<!\S)\.env\b|\bsetup_open\b"
)


def words(locale: str, key: str, /, **values: object) -> str:
    """Words as HTML; what is to be typed or copied stands in them as code."""
    return _CODE.sub(r"<code>\g<0></code>", said(locale, f"setup.{key}", **values))


def paragraph(locale: str, key: str, /, **values: object) -> str:
    """A paragraph of them."""
    return f"<p>{words(locale, key, **values)}</p>"


def listed(items: Iterable[str]) -> str:
    """A list of pieces."""
    return f"<ul>{''.join(f'<li>{one}</li>' for one in items)}</ul>"


def code(text: str) -> str:
    """Something to copy: a click selects all of it."""
    return f"<pre>{html.escape(text)}</pre>"


def to_set(locale: str, values: Mapping[str, str], *, on_heroku: bool) -> str:
    """Settings as they are typed where the program runs."""
    typed = lines.heroku(values) if on_heroku else lines.dotenv(values)
    where = words(locale, "set_heroku" if on_heroku else "set_file")
    return f'<p class="small">{where}</p>{code(typed)}'


def link(url: str, text: str, *, quiet: bool = False) -> str:
    """A link away that tells nobody where it stood; `text` is HTML."""
    look = "button quiet" if quiet else "button"
    return (
        f'<a class="{look}" href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"{text}</a>"
    )


def form(action: str, button: str, *fields: str, hidden: Mapping[str, str] | None = None) -> str:
    """A form that posts to ourselves; `button` and `fields` are HTML."""
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in (hidden or {}).items()
    )
    return (
        f'<form method="post" action="{action}">{kept}{"".join(fields)}'
        f"<button>{button}</button></form>"
    )


def choice(  # noqa: PLR0913 - what a browser wants to know
    kind: str, name: str, value: str, text: str, *, on: bool, off: bool = False
) -> str:
    """A radio button or a checkbox with its label; `text` is HTML."""
    state = (" checked" if on else "") + (" disabled" if off else "")
    return (
        f'<label><input type="{kind}" name="{name}" value="{html.escape(value)}"{state}>'
        f"<span>{text}</span></label>"
    )


def against(finding: Finding, locale: str) -> str:
    """What a check says, and what to do about it."""
    told = f"<p>{html.escape(report.sentence(finding, locale))}</p>"
    remedy = report.remedy(finding, locale)
    more = f'<p class="small">→ {html.escape(remedy)}</p>' if remedy else ""
    return f'<div class="against {finding.verdict.state}">{told}{more}</div>'
