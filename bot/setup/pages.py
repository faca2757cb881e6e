"""The set-up's pages, whole: the steps, what came of a press, who is not let in. Pure."""

from datetime import datetime

from bot.doctor.finding import Finding
from bot.setup.bodies import Shown, body
from bot.setup.pieces import LOOK, against, form, paragraph, words
from bot.setup.steps import Progress, Step
from bot.sheet import framed
from bot.words import say

BEGIN = "/setup/begin"


def steps(shown: Shown, until: datetime) -> str:
    """The page itself; `until` is when it closes, in UTC."""
    locale, found = shown.locale, shown.sight.steps
    counted = [one for one in found if one.progress is not Progress.LOOK]
    done = sum(one.progress is Progress.DONE for one in counted)
    count = f"<strong>{words(locale, 'count', done=done, all=len(counted))}</strong>"
    time = f'<span class="small">{words(locale, "until", time=f"{until:%H:%M}")}</span>'
    head = [
        f"<h1>{words(locale, 'title')}</h1>",
        f'<p class="lead">{words(locale, "lead")}</p>',
        f"<p>{count} {time}</p>",
    ]
    cards = [_card(number, one, shown) for number, one in enumerate(found, 1)]
    return _whole(locale, "title", *head, *cards)


def begin(locale: str, token: str) -> str:
    """What a bearer of the link sees first: looking at it, also by a scanner, changes nothing."""
    button = form(BEGIN, words(locale, "begin.button"), hidden={"token": token})
    title = f"<h1>{words(locale, 'begin.title')}</h1>"
    return _whole(locale, "begin.title", title, paragraph(locale, "begin.about"), button)


def closed(locale: str, why: str) -> str:
    """Why somebody is not let in: `taken`, `over` or `closed`."""
    way = f'<p><a href="/setup">{words(locale, "taken.link")}</a></p>' if why == "taken" else ""
    title = f"<h1>{words(locale, f'{why}.title')}</h1>"
    return _whole(locale, f"{why}.title", title, paragraph(locale, f"{why}.about"), way)


def not_begun(locale: str) -> str:
    """Begin was pressed, and it could not be."""
    title = f"<h1>{words(locale, 'not_done')}</h1>"
    return _whole(locale, "not_done", title, paragraph(locale, "begin.refused"))


def told(
    locale: str,
    said: str,
    *,
    good: bool,
    lines: str = "",
    finding: Finding | None = None,
) -> str:
    """What came of a press: `said` is HTML, then what a check would say of it, then `lines`."""
    title = "done" if good else "not_done"
    return _whole(
        locale,
        title,
        f"<h1>{words(locale, title)}</h1>",
        f"<p>{said}</p>" if said else "",
        against(finding, locale) if finding else "",
        lines,
        f'<p><a href="/setup">{words(locale, "back")}</a></p>',
    )


def _card(number: int, step: Step, shown: Shown) -> str:
    locale, done = shown.locale, step.progress is Progress.DONE
    names = ", ".join(step.wanted)
    missing = f"<p>{words(locale, 'missing', names=names)}</p>" if names else ""
    said = "".join(against(one, locale) for one in step.findings)
    is_open = "" if done and not (step.name == "channel" and shown.chosen.is_made) else " open"
    return (
        f'<details class="step {step.progress}" id="{step.name}"{is_open}><summary>'
        f'<span class="dot" aria-hidden="true">{"✓" if done else number}</span>'
        f"<h2>{words(locale, f'{step.name}.title')}</h2>"
        f'<span class="tag">{words(locale, f"progress.{step.progress}")}</span></summary>'
        f'<div class="in">{missing}{said}{body(step, shown)}</div></details>'
    )


def _whole(locale: str, title: str, *parts: str) -> str:
    return framed(locale, say(locale, f"setup.{title}"), "\n".join(parts), LOOK)
