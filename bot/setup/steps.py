"""What there is to do, in the order in which a person does it, and how far it is. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot import config as settings
from bot.config import Config
from bot.doctor.finding import Finding, State


class Progress(StrEnum):
    """`wrong`: it is set, and the other side refuses it; `look`: nobody can tick it off."""

    DONE = "done"
    OPEN = "open"
    WRONG = "wrong"
    LOOK = "look"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do. `missing` are names of settings; `findings` what the checks say against it.

    `name` is the key of its words.
    """

    name: str
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    progress: Progress

    @property
    def wanted(self) -> tuple[str, ...]:
        """What to set, as the steps advise it: Socket Mode's token in the secret's place."""
        advised = {"SLACK_SIGNING_SECRET": "SLACK_APP_TOKEN"}
        return tuple(advised.get(one, one) for one in self.missing)


# The settings that each step brings, and the checks that tell whether it is well.
_STEPS: Final[Mapping[str, tuple[frozenset[str], tuple[str, ...]]]] = {
    "slack": (
        frozenset({"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}),
        ("slack.token", "slack.clock", "slack.scopes"),
    ),
    "stripe": (frozenset({"STRIPE_API_KEY"}), ("stripe.key", "stripe.rights")),
    "endpoint": (frozenset({"STRIPE_WEBHOOK_SECRET"}), ("stripe.endpoint",)),
    "channel": (
        frozenset({"REVIEW_CHANNEL"}),
        ("slack.review_channel", "slack.vip_channel", "slack.approvers", "slack.account_manager"),
    ),
    "letters": (frozenset({"COMPANY_NAME", "MAIL_FROM", "MAIL_URL"}), ()),
    "trial": (frozenset(), ()),
    "last": (frozenset(), ()),
}
# Nothing tells whether somebody has seen a test card, or switched mails off at Stripe.
_LOOKED_AT: Final = frozenset({"trial", "last"})


def steps(config: Config, findings: Iterable[Finding]) -> tuple[Step, ...]:
    """Every step, with what is missing or wrong of it."""
    missing = settings.missing(config)
    known = {one.name: one for one in findings}
    return tuple(
        _step(name, tuple(one for one in missing if one in needs), checks, known)
        for name, (needs, checks) in _STEPS.items()
    )


def _step(
    name: str,
    missing: tuple[str, ...],
    checks: tuple[str, ...],
    known: Mapping[str, Finding],
) -> Step:
    # That there is no endpoint is what its step is about.
    asked = () if missing and name == "endpoint" else checks
    found = [known[one] for one in asked if one in known]
    against = [one for one in found if one.verdict.state in {State.WRONG, State.UNKNOWN}]
    if any(one.verdict.state is State.WRONG for one in against):
        progress = Progress.WRONG
    else:
        progress = Progress.OPEN if missing else Progress.DONE
    if name in _LOOKED_AT:
        progress = Progress.LOOK
    return Step(name=name, missing=missing, findings=tuple(against), progress=progress)
