"""doctor: what every system that we lean on says of how it is set up, the troubles first."""

from collections.abc import Iterator, Sequence

from bot.review.commands.asking import Asking, Checked, Person
from bot.review.commands.pieces import answered
from bot.review.foreign import escape, plain
from bot.review.parts import Message, View

_LONGEST = 1000  # characters of a sentence: both halves of a line fit into a section


async def doctor(asking: Asking, person: Person, _argument: str) -> Message:
    """Ask them all, and say what came of it."""
    checks = await asking.examine(person.view.locale)
    return examined(checks, person.view, writes=asking.deciding.writes)


def examined(checks: Sequence[Checked], view: View, *, writes: bool) -> Message:
    """What is wrong and what to do; then what is to be looked at; then one line for the rest."""
    wrong, looks, fine = (
        [one for one in checks if one.state == state] for state in ("wrong", "unknown", "ok")
    )
    return answered(
        _verdict(len(wrong), view),
        _lines(wrong),
        [f"*{view.say('examined.looks')}*", *_lines(looks)] if looks else [],
        [view.say("examined.fine", count=len(fine))] if fine else [],
        [view.say("examined.cost" if writes else "examined.free")],
    )


def _lines(checks: Sequence[Checked]) -> Iterator[str]:
    for one in dict.fromkeys(checks):  # one silence can be why of several
        line = f"• {_exact(one.sentence)}"
        if one.remedy:
            line += f"\n      → {_exact(one.remedy)}"
        yield line


def _exact(text: str) -> str:
    """Our own words and names of settings; a record is copied from here as it stands."""
    return escape(plain(text, _LONGEST))


def _verdict(wrong: int, view: View) -> str:
    if not wrong:
        return view.say("doctor.sum.well")
    return view.say("doctor.sum.wrong_one" if wrong == 1 else "doctor.sum.wrong", count=wrong)
