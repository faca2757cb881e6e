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
    kills: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict, killed_at: str | None = None) -> None:
        """One more life."""
        self.verdicts.append(verdict)
        if killed_at is not None:
            self.kills[killed_at] += 1

    @property
    def doubled(self) -> int:
        """How often something was sent or posted twice."""
        return sum(len(one.doubled) for one in self.verdicts)

    def figures(self, *, timed: bool) -> Iterator[Figure]:
        """Lost, doubled and hidden, and how long a doubt waited for its question."""
        for name in ("lost", "doubled", "hidden"):
            found = [said for one in self.verdicts for said in getattr(one, name)]
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
