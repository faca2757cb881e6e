"""pause, resume, vip, standard, stop, snooze: a person's word, journalled as a press would be."""

from bot.case.events import Rerouted, Snoozed, Stopped
from bot.case.facts import Invoice
from bot.case.model import Case, State, Why, owed_invoices
from bot.case.standing import Standing, Verdict
from bot.log import about
from bot.review.commands.asking import Asking, Person, called, card_link, open_case, sought
from bot.review.commands.parse import Pausing, Wrong, pausing, snoozing
from bot.review.commands.pieces import said
from bot.review.commands.verbs import Verb
from bot.review.commands.wrong import put_right
from bot.review.foreign import inert
from bot.review.parts import Message, View
from bot.words.numbers import amount, listed

_NAMED = 10  # invoices
_IN_FLIGHT = frozenset({State.SENDING, State.UNCLEAR})


async def pause(asking: Asking, person: Person, argument: str) -> Message:
    """Nothing leaves, for a time or until resumed; everybody is told why, by the worker."""
    wanted = pausing(argument, person.view.now)
    if isinstance(wanted, Wrong):
        return put_right(wanted, person.view)
    await asking.ledger.pause(wanted.what, wanted.until, wanted.reason, person.who)
    return said(_paused(wanted, person.view), person.view.say("command.told_all"))


async def resume(asking: Asking, person: Person, _argument: str) -> Message:
    """What was held goes on."""
    if not await asking.ledger.resume(person.who):
        return said(person.view.say("command.not_paused"))
    return said(person.view.say("command.resumed"), person.view.say("command.told_all"))


async def vip(asking: Asking, person: Person, argument: str) -> Message:
    """From now on a person gets in touch with this customer, and no letter is sent."""
    return await _reroute(asking, person, Verb.VIP, Verdict.VIP, argument)


async def standard(asking: Asking, person: Person, argument: str) -> Message:
    """From now on this customer gets letters."""
    return await _reroute(asking, person, Verb.STANDARD, Verdict.STANDARD, argument)


async def stop(asking: Asking, person: Person, argument: str) -> Message:
    """Nothing is ever written about the invoices of this customer's open case."""
    found = await sought(asking, person, Verb.STOP, argument)
    if isinstance(found, Message):
        return found
    case, view = open_case(found), person.view
    if case is None:
        return said(view.say("command.no_case", customer=called(found)))
    event = Stopped(at=view.now, who=person.who)
    if not await _happened(asking, case, event):
        return said(view.say("command.moved", customer=called(found)))
    done = view.say("command.stopped", customer=called(found), invoices=_invoices(case, view))
    return await _done(asking, case, event, view, done)


async def snooze(asking: Asking, person: Person, argument: str) -> Message:
    """This customer is left alone until then."""
    view = person.view
    wanted = snoozing(argument, view.now, view.zone)
    if isinstance(wanted, Wrong):
        return put_right(wanted, view)
    found = await sought(asking, person, Verb.SNOOZE, wanted.customer)
    if isinstance(found, Message):
        return found
    case = open_case(found)
    if case is None:
        return said(view.say("command.no_case", customer=called(found)))
    event = Snoozed(at=view.now, who=person.who, until=wanted.until)
    if not await _happened(asking, case, event):
        return said(view.say("command.moved", customer=called(found)))
    until = view.when(wanted.until)
    done = view.say("command.snoozed", customer=called(found), until=until)
    return await _done(asking, case, event, view, done)


async def _reroute(
    asking: Asking, person: Person, verb: Verb, verdict: Verdict, argument: str
) -> Message:
    found = await sought(asking, person, verb, argument)
    if isinstance(found, Message):
        return found
    case, view = open_case(found), person.view
    if case is None:
        await asking.ledger.overrule(found.key, verdict, person.who)
        return said(view.say(f"command.made_{verdict}_later", customer=called(found)))
    event = Rerouted(at=view.now, who=person.who, verdict=verdict)
    if not await _happened(asking, case, event):
        return said(view.say("command.moved", customer=called(found)))
    done = view.say(f"command.made_{verdict}", customer=called(found))
    return await _done(asking, case, event, view, done)


async def _happened(asking: Asking, case: Case, event: Stopped | Snoozed | Rerouted) -> bool:
    with about(case.id):
        outcome = await asking.deciding.happened(case.id, event)
    return outcome.refused is None


async def _done(
    asking: Asking, case: Case, event: Stopped | Snoozed | Rerouted, view: View, done: str
) -> Message:
    """What was done, with the way to the card, which says so too."""
    sentences = [done]
    if case.state in _IN_FLIGHT:
        sentences.append(view.say("command.in_flight"))
    if isinstance(event, Rerouted) and case.why is Why.SNOOZED and case.wake is not None:
        sentences.append(view.say("command.quiet_still", until=view.when(case.wake)))
    url = await card_link(asking, case)
    if url is not None:
        sentences.append(view.say("show.card", url=url))
    return said(*sentences)


def _paused(wanted: Pausing, view: View) -> str:
    key = f"command.paused_{wanted.what}"
    if wanted.until is None:
        return view.say(key)
    return view.say(f"{key}_until", until=view.when(wanted.until))


def _invoices(case: Case, view: View) -> str:
    """The invoices that are written about no more, by number and amount; mrkdwn."""
    named = [_invoice(one, view) for one in owed_invoices(case, Standing())]
    named = named or [inert(one) for one in case.joined]
    if len(named) > _NAMED:
        named = [*named[:_NAMED], view.say("command.more", count=len(named) - _NAMED)]
    return listed(view.locale, named) or "–"


def _invoice(invoice: Invoice, view: View) -> str:
    return f"{inert(invoice.number or invoice.id)} ({amount(view.locale, invoice.owing)})"
