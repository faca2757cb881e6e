"""erase: a customer asked to be forgotten. Nothing is erased before a second person agrees."""

from bot.case.ids import Actor
from bot.erasures import Answered, Erasures
from bot.log import tell
from bot.review.commands.asking import Asking, Person, called, sought
from bot.review.commands.pieces import said, typed
from bot.review.commands.verbs import Verb
from bot.review.erasure import ERASE, WITHDRAW, decode
from bot.review.parts import Message, who

ACTIONS = frozenset({ERASE, WITHDRAW})


async def erase(asking: Asking, person: Person, argument: str) -> Message:
    """Ask the review channel to agree that a customer be forgotten."""
    found = await sought(asking, person, Verb.ERASE, argument)
    if isinstance(found, Message):
        return found
    request, new = await asking.ledger.erasures.ask(found.key, person.who)
    view = person.view
    tell("erasure_asked", number=request.number, new=new)
    key = "erase.asked_now" if new else "erase.asked_before"
    by = who(view, request.asked_by)
    until = view.when(request.runs_out)
    stop = typed(view, Verb.STOP, found.key.customer)
    return said(
        view.say(key, customer=called(found), who=by, when=view.when(request.asked_at)),
        view.say("erase.second", until=until),
        view.say("erase.meanwhile", stop=stop),
    )


async def answered(action: str, value: str, by: Actor, erasures: Erasures) -> str | None:
    """What somebody who may decide pressed; None when it is saved, else why not: a words' key."""
    request = decode(value)
    if request is None:
        return "refusal.unknown"
    number, asked = request
    press = erasures.agree if action == ERASE else erasures.withdraw
    came = await press(number, by, asked=asked)
    tell("erasure_answered", number=number, action=action, came=came)
    if came is Answered.UNKNOWN:
        return "refusal.unknown"
    return None if came is Answered.DONE else f"erase.{came}"
