"""Every error the bot raises on purpose, drawn as a tree.

DunningError
├── Misconfigured       the operator's settings can't be used; says every mistake at once
├── RequestRefused      a request at our door is bad; answered with its 4xx status
├── CaseMoved           somebody else changed the case first; read it again
├── FenceMoved          the claim was taken away: somebody else does the work
├── CaseUnknown         there is no such case, or not any more
├── SchemaMismatch      the database's revision is not one this program can work with
├── SendUnclear         the letter may have left: nobody sends it again by themselves
└── OutsideTrouble      another system failed us
    ├── BillingTrouble  Stripe
    ├── ChannelTrouble  Slack
    ├── ModelTrouble    the language model
    ├── DatabaseTrouble the database can't be reached
    └── SendFailed      the letter was certainly not taken: it may be sent again
"""

from enum import StrEnum


class Tell(StrEnum):
    """Who should hear about an error."""

    NOBODY = "nobody"
    REVIEWERS = "reviewers"
    OPERATOR = "operator"


class DunningError(Exception):
    """The root. `permanent`: trying again can't help. `tell`: who should hear."""

    permanent: bool = True
    tell: Tell = Tell.OPERATOR


class Misconfigured(DunningError):
    """The settings can't be used; `mistakes` has a sentence for each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


class RequestRefused(DunningError):
    """A request at our door is refused with a 4xx `status` and one line."""

    tell = Tell.NOBODY

    def __init__(self, status: int, line: str) -> None:
        self.status = status
        super().__init__(line)


class CaseMoved(DunningError):
    """Somebody else changed the case between our reading and our writing."""

    permanent = False
    tell = Tell.NOBODY


class FenceMoved(DunningError):
    """The claim was taken away meanwhile: what its worker found out is somebody else's to find."""

    permanent = True


class CaseUnknown(DunningError):
    """There is no such case, or not any more."""


class SchemaMismatch(DunningError):
    """The database's revision is not one that this program can work with."""


class OutsideTrouble(DunningError):
    """Another system failed us.

    `permanent` says that trying again can't help; `retry_after` (seconds) is the other side's
    own wish; `code` is its word for what happened, safe to log.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        super().__init__(code)


class BillingTrouble(OutsideTrouble):
    """Stripe did not answer, or refused."""


class ChannelTrouble(OutsideTrouble):
    """Slack did not answer, or refused."""


class ModelTrouble(OutsideTrouble):
    """The language model did not answer with something usable."""

    tell = Tell.NOBODY


class DatabaseTrouble(OutsideTrouble):
    """The database can't be reached."""


class SendFailed(OutsideTrouble):
    """The letter was certainly not taken. `permanent`: this address will never take it."""

    tell = Tell.REVIEWERS


class SendUnclear(DunningError):
    """The letter may have left; a person, or the provider, must say."""

    permanent = False
    tell = Tell.REVIEWERS
