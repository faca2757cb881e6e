"""What many lives came to: counted, and said in lines."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.figure import Bound, Figure
from chaos.life import Verdict

AT_LEAST = 300  # kills on each database
ASKED_WITHIN = 60.0  # seconds after the restart


@dataclass(kw_only=True)
class Tally:
    """The verdicts of many lives, and at which points their bot was killed."""

    verdicts: list[Verdict] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict, ordered: str, *, killed: bool) -> None:
        """One more life, and where it was to be killed."""
        self.verdicts.append(verdict)
        self.ordered.append(ordered)
        self.kills[ordered] += killed

    @property
    def doubled(self) -> int:
        """How often something was sent or posted twice."""
        return sum(len(one.doubled) for one in self.verdicts)

    def figures(self, *, timed: bool) -> Iterator[Figure]:
        """Lost, doubled and hidden, and how long a doubt waited for its question."""
        for name in ("lost", "doubled", "hidden"):
            found = [
                f"{said} (killed {ordered})"
                for one, ordered in zip(self.verdicts, self.ordered, strict=True)
                for said in getattr(one, name)
            ]
            yield Figure(name=name, value=len(found), bound=Bound.EXACTLY, remark="; ".join(found))
        waits = [wait for one in self.verdicts for wait in one.asked_after]
        yield Figure(name="doubts, each a question in Slack", value=len(waits))
        yield Figure(
            name="the longest from a restart to its question",
            value=max(waits, default=0.0),
            unit="s",
            bound=Bound.AT_MOST if timed else Bound.NONE,
            limit=ASKED_WITHIN,
        )
