"""What stands in each step of the set-up page, as HTML. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from bot.billing import API_VERSION
from bot.config import Config
from bot.doctor.stripe import READ
from bot.intake.translate import TAKEN
from bot.setup import links, trial
from bot.setup.endpoint import address, has_address, is_reachable, listening
from bot.setup.look import Sight
from bot.setup.people import Person, Room
from bot.setup.pieces import (
    choice,
    code,
    form,
    link,
    listed,
    paragraph,
    to_set,
    words,
)
from bot.setup.steps import Step

ENDPOINT: Final = "/setup/endpoint"
CARD: Final = "/setup/test-card"
MAIL: Final = "/setup/test-mail"
# What a line to set looks like; the channel's and the endpoint's are made.
EXAMPLES: Final[Mapping[str, str]] = {
    "SLACK_APP_TOKEN": "xapp-…",
    "SLACK_BOT_TOKEN": "xoxb-…",
    "STRIPE_API_KEY": "rk_test_…",
    "COMPANY_NAME": "Acme",
    "MAIL_FROM": "Ana at Acme <ana@example.com>",
    "MAIL_URL": "smtp://user:password@smtp.example.com:587",
    "TEST_MAIL_TO": "you@example.com",
}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the visitor ticked: ids of Slack's, as they came."""

    approvers: frozenset[str] = frozenset()
    manager: str = ""
    is_made: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that a page is made of. `base` is our own address as far as known, `once` a press."""

    locale: str
    config: Config
    sight: Sight
    chosen: Chosen
    base: str
    once: str


def body(step: Step, shown: Shown) -> str:
    """What there is to do in a step."""
    examples = {name: EXAMPLES[name] for name in _unset(step, shown.config)}
    lines = _to_set(shown, examples) if examples else ""
    return _BODIES[step.name](shown) + lines


def _unset(step: Step, config: Config) -> list[str]:
    """The settings of a step that are to be set by hand."""
    names = [name for name in step.missing if name in EXAMPLES]
    if "SLACK_SIGNING_SECRET" in step.missing:
        names.append("SLACK_APP_TOKEN")
    if step.name == "letters" and not (config.test_mail_to or config.livemode):
        names.append("TEST_MAIL_TO")
    return names


def _slack(shown: Shown) -> str:
    locale = shown.locale
    http = words(locale, "slack.link_http", place=shown.base)
    other = link(links.slack_app(shown.base), http, quiet=True)
    parts = [
        paragraph(locale, "slack.about"),
        link(links.slack_app(), words(locale, "slack.link")),
        other if shown.base.startswith("https://") else "",
        listed(words(locale, f"slack.{one}") for one in ("app_token", "bot_token", "secret")),
    ]
    return "".join(parts)


def _stripe(shown: Shown) -> str:
    locale = shown.locale
    rights = [
        words(locale, "stripe.read", kinds=", ".join(READ)),
        words(locale, "stripe.write", kinds=links.ENDPOINTS),
        words(locale, "stripe.key"),
    ]
    return "".join(
        [
            paragraph(locale, "stripe.about"),
            link(links.stripe_key(), words(locale, "stripe.link")),
            listed(rights),
        ]
    )


def _endpoint(shown: Shown) -> str:
    locale, url = shown.locale, address(shown.base)
    about = paragraph(locale, "endpoint.about", count=len(TAKEN))
    by_hand = (
        f'<details class="more"><summary>{words(locale, "endpoint.by_hand")}</summary>'
        f"{paragraph(locale, 'endpoint.hand', version=API_VERSION)}"
        f"{code(url)}{code(chr(10).join(TAKEN))}</details>"
    )
    if not is_reachable(url):
        listen = code(listening(shown.config.port))
        return about + paragraph(locale, "endpoint.here") + listen + by_hand
    if not shown.sight.stripe_works:
        return about + paragraph(locale, "first_stripe") + by_hand
    if not has_address(shown.config):
        return about + paragraph(locale, "endpoint.live_address") + by_hand
    return about + _press(shown, url) + by_hand


def _press(shown: Shown, url: str) -> str:
    locale = shown.locale
    mode = "endpoint.mode_live" if shown.config.livemode else "endpoint.mode_test"
    known = shown.config.public_url is not None
    confirm = choice("checkbox", "address", url, words(locale, "endpoint.confirm"), on=False)
    fields = () if known else (confirm.replace("<input", "<input required", 1),)
    hidden = {"once": shown.once} | ({"address": url} if known else {})
    return "".join(
        [
            f'<p class="small">{words(locale, mode)}</p>',
            f'<p class="small">{words(locale, "endpoint.address")}</p>{code(url)}',
            form(ENDPOINT, words(locale, "endpoint.button"), *fields, hidden=hidden),
        ]
    )


def _channel(shown: Shown) -> str:
    locale, choices = shown.locale, shown.sight.choice
    about = paragraph(locale, "channel.about")
    if not shown.sight.slack_works:
        return about + paragraph(locale, "first_slack")
    if choices.rooms is None:
        return about + paragraph(locale, "channel.unknown")
    if not choices.rooms:
        return paragraph(locale, "channel.none")
    picked = choices.picked.id if choices.picked else ""
    rooms = "".join(_room(locale, one, picked) for one in choices.rooms)
    fields = _fieldset(words(locale, "channel.which"), rooms)
    button = "channel.pick"
    if choices.picked:
        fields += _people(shown)
        button = "channel.choose"
    chosen = _lines(shown) if shown.chosen.is_made and choices.picked else ""
    return (
        f'{about}{chosen}<form method="get" action="/setup#channel">{fields}'
        f"<button>{words(locale, button)}</button></form>"
    )


def _room(locale: str, room: Room, picked: str) -> str:
    text = f"#{escape(room.name)}{_because(locale, room.unfit)}"
    off = room.unfit is not None
    return choice("radio", "channel", room.id, text, on=room.id == picked, off=off)


def _people(shown: Shown) -> str:
    locale, choices, chosen = shown.locale, shown.sight.choice, shown.chosen
    all_ = [(one, _because(locale, one.unfit)) for one in choices.members]
    group = f' <span class="small">({words(locale, "channel.group")})</span>'
    all_ += [(one, group) for one in choices.groups]
    rows = [
        choice(
            "checkbox", "approver", one.id, escape(one.name) + note,
            on=one.id in chosen.approvers, off=one.unfit is not None,
        )
        for one, note in all_
    ]  # fmt: skip
    nobody = choice("radio", "manager", "", words(locale, "channel.nobody"), on=not chosen.manager)
    managers = [
        choice("radio", "manager", one.id, escape(one.name) + note, on=one.id == chosen.manager)
        for one, note in all_
        if one.unfit is None
    ]
    more = paragraph(locale, "channel.more", count=choices.more) if choices.more else ""
    return (
        '<input type="hidden" name="made" value="1">'
        f"{_fieldset(words(locale, 'channel.approvers'), ''.join(rows))}{more}"
        f"{_fieldset(words(locale, 'channel.manager'), nobody + ''.join(managers))}"
    )


def _to_set(shown: Shown, values: Mapping[str, str]) -> str:
    return to_set(shown.locale, values, on_heroku=shown.config.on_heroku)


def _lines(shown: Shown) -> str:
    values = decided(shown.sight.choice.picked, shown.sight.choice.members
                     + shown.sight.choice.groups, shown.chosen)  # fmt: skip
    return f"<h3>{words(shown.locale, 'channel.lines')}</h3>{_to_set(shown, values)}"


def decided(room: Room | None, people: tuple[Person, ...], chosen: Chosen) -> Mapping[str, str]:
    """The settings that a choice comes to; who is not among the people shown is left out."""
    fit = [one.id for one in people if one.unfit is None]
    approvers = [one for one in fit if one in chosen.approvers]
    found = {"REVIEW_CHANNEL": room.id} if room else {}
    found |= {"APPROVERS": ",".join(approvers)} if approvers else {}
    return found | ({"ACCOUNT_MANAGER": chosen.manager} if chosen.manager in fit else {})


def _letters(shown: Shown) -> str:
    locale = shown.locale
    kinds = ("company", "sender", "url", "test", "model")
    about = paragraph(locale, "letters.about")
    return about + listed(words(locale, f"letters.{one}") for one in kinds)


def _trial(shown: Shown) -> str:
    locale, config, picked = shown.locale, shown.config, shown.sight.choice.picked
    parts = [paragraph(locale, "trial.about")]
    if picked and shown.sight.slack_works:
        button = words(locale, "trial.card", channel=picked.name)
        parts.append(form(CARD, button, hidden={"channel": picked.id}))
    else:
        parts.append(paragraph(locale, "trial.card_later"))
    if config.mail_url and config.mail_from:
        parts.append(form(MAIL, words(locale, "trial.mail", address=trial.recipient(config))))
    else:
        parts.append(paragraph(locale, "trial.mail_later"))
    return "".join(parts)


def _last(shown: Shown) -> str:
    kinds = ("restart", "slack", "doctor", "stripe_mails", "payment")
    return listed(words(shown.locale, f"last.{one}") for one in kinds)


def _fieldset(legend: str, fields: str) -> str:
    return f"<fieldset><legend>{legend}</legend>{fields}</fieldset>"


def _because(locale: str, unfit: str | None) -> str:
    if unfit is None:
        return ""
    return f' <span class="small">– {words(locale, f"channel.{unfit}")}</span>'


_BODIES: Final[Mapping[str, Callable[[Shown], str]]] = {
    "slack": _slack,
    "stripe": _stripe,
    "endpoint": _endpoint,
    "channel": _channel,
    "letters": _letters,
    "trial": _trial,
    "last": _last,
}
