"""What is said to a command that can't be understood: what is wrong, what to type instead. Pure."""

from bot.review.commands.parse import Wrong
from bot.review.commands.pieces import said, typed
from bot.review.commands.verbs import Verb
from bot.review.foreign import inert
from bot.review.parts import Message, View

_EXAMPLES = {
    "command.pause_reason": Verb.PAUSE,
    "command.whom": Verb.SNOOZE,
}


def put_right(wrong: Wrong, view: View) -> Message:
    """One sentence, the verb that they may have meant, or where all verbs stand."""
    values = {name: inert(value) for name, value in wrong.values.items()}
    sentence = view.say(wrong.key, example=_example(wrong, view), **values)
    if wrong.near is not None:
        return said(f"{sentence} {view.say('command.near', near=typed(view, wrong.near))}")
    if wrong.key == "command.unknown":
        return said(f"{sentence} {view.say('command.see_help', help=typed(view, Verb.HELP))}")
    return said(sentence)


def _example(wrong: Wrong, view: View) -> str:
    verb = _EXAMPLES.get(wrong.key)
    if verb is None:
        return ""
    reason = view.say("command.pause_example") if verb is Verb.PAUSE else "ana@example.com 3d"
    return typed(view, verb, reason)
