"""A press that opens a modal opens it at once: Slack's licence to do so lives three seconds.

Who may read is asked before anything is shown. A look-up that takes longer than patience opens a
modal without content, which is filled when the answer comes.
https://docs.slack.dev/surfaces/modals#opening.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from bot.case.model import Case, State
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review import actions
from bot.review.actions import Press, decode
from bot.review.client import slack_trouble
from bot.review.deciding import STALE, Deciding, told_stale
from bot.review.modals import edit, hand_over, reject
from bot.review.modals.details import details
from bot.review.modals.mail import mail
from bot.review.modals.person import for_new_words, view_for, view_of
from bot.review.modals.pieces import modal, notice
from bot.review.parts import Block, View, says
from bot.review.thread import no_longer_theirs
from bot.words import say

OPENS: Final = frozenset(
    {actions.EDIT, actions.REJECT, actions.DETAILS, actions.SHOW_MAIL, actions.HAND_OVER}
)
# These are about a text: what stood on the card must still be what the case says.
_ABOUT_A_TEXT: Final = frozenset({actions.EDIT, actions.REJECT})
_TITLES: Final = {
    actions.EDIT: "edit.title",
    actions.REJECT: "reject.title",
    actions.DETAILS: "details.title",
    actions.SHOW_MAIL: "mail.title",
    actions.HAND_OVER: "hand_over.title",
}


@dataclass(frozen=True, kw_only=True)
class Knock:
    """A press on a button that opens a modal; `trigger` is Slack's licence to open one."""

    action: str
    value: str
    user: str
    team: str
    trigger: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why nothing is shown, in the person's own language."""

    sentence: str


async def opened(knock: Knock, deciding: Deciding) -> str | None:
    """None when a modal stands before the person, else the sentence to tell them.

    Raises ChannelTrouble when Slack opens none: the press came too late, or Slack is down.
    """
    looking = asyncio.ensure_future(_content(knock, deciding))
    try:
        await asyncio.wait({looking}, timeout=deciding.patience)
        if not looking.done():
            name = await _open(knock, _loading(knock, deciding), deciding)
            deciding.later(_filled(name, knock, looking, deciding))
            return None
        found = looking.result()
        if isinstance(found, Refused):
            return found.sentence
        await _open(knock, found, deciding)
    except ChannelTrouble:
        looking.cancel()
        raise
    return None


async def _content(knock: Knock, deciding: Deciding) -> Block | Refused:
    press = decode(knock.value)
    case = await deciding.find(press.case_id) if press else None
    about_a_text = knock.action in _ABOUT_A_TEXT
    vip = case is not None and case.vip and not about_a_text
    may = deciding.people.may_own if vip else deciding.people.may_decide
    said = await may(knock.user, knock.team)
    why = None if said.allowed else said.why or "refusal.lookup_failed"
    if why is None and about_a_text:
        why = _outdated(press, case, deciding)
    if why is None and knock.action == actions.HAND_OVER and case is not None:
        why = no_longer_theirs(case)
    if why is None and knock.action == actions.SHOW_MAIL and case is not None and case.bare:
        why = "refusal.forgotten"
    if why is None and case is not None:
        return await _drawn(knock.action, case, deciding, said.locale)
    tell("modal_refused", action=knock.action, why=why)
    sentence = say(said.locale, why or "refusal.unknown")
    if why == STALE and press is not None and case is not None:
        sentence = await told_stale(press, case, deciding, said.locale)
    return Refused(sentence=sentence)


def _outdated(press: Press | None, case: Case | None, deciding: Deciding) -> str | None:
    """The words' key for why this letter is not asked about any more, or not like this."""
    if press is None or case is None:
        return "refusal.unknown"
    match case.state:
        case State.IN_REVIEW:
            return STALE if deciding.letters.outdated(press, case) else None
        case State.APPROVED | State.SENDING | State.UNCLEAR:
            return "refusal.already_decided"
        case State.CLOSED:
            return "refusal.closed"
        case _:
            return STALE


async def _drawn(action: str, case: Case, deciding: Deciding, locale: str) -> Block:
    view = view_of(case, deciding, locale)
    if action == actions.EDIT:
        return edit.form(for_new_words(case, deciding), view)
    if action == actions.REJECT:
        return reject.form(case, view, writes=deciding.writes)
    if action == actions.HAND_OVER:
        return hand_over.form(case, view)
    if action == actions.DETAILS:
        return details(case, view, await deciding.mailed(case.id))
    return await _mail(case, deciding, locale)


async def _mail(case: Case, deciding: Deciding, locale: str) -> Block:
    """The letter that was handed over last; before the first one, the one that stands."""
    handed = next(iter(reversed(await deciding.mailed(case.id))), None)
    asked = handed.asked if handed else deciding.letters.would_leave(case)
    key = handed.key if handed else None
    name = deciding.message_id(key, asked.basis.sender) if key and asked else None
    return mail(asked, handed, view_for(asked, deciding, locale), message_id=name)


def _loading(knock: Knock, deciding: Deciding) -> Block:
    view = view_for(None, deciding, deciding.locale)
    return modal(view, [says(view.say("modal.loading"))], title=_title(knock, view))


def _title(knock: Knock, view: View) -> str:
    return view.say(_TITLES[knock.action])


async def _open(knock: Knock, content: Block, deciding: Deciding) -> str:
    with slack_trouble():
        answer = await deciding.client.views_open(trigger_id=knock.trigger, view=content)
    return str(answer["view"]["id"])


async def _filled(
    name: str, knock: Knock, looking: asyncio.Future[Block | Refused], deciding: Deciding
) -> None:
    """The modal that was opened empty gets its content, or says why it has none."""
    found = await _found(knock, looking, deciding)
    try:
        with slack_trouble():
            await deciding.client.views_update(view_id=name, view=found)
    except ChannelTrouble as trouble:  # closed meanwhile, or Slack is down
        tell("modal_not_filled", level=logging.WARNING, code=trouble.code)


async def _found(
    knock: Knock, looking: asyncio.Future[Block | Refused], deciding: Deciding
) -> Block:
    view = view_for(None, deciding, deciding.locale)
    try:
        found = await looking
    except Exception as error:  # noqa: BLE001 - the press is answered: told here and in the modal
        tell("modal_failed", level=logging.ERROR, error=error)
        found = Refused(sentence=view.say("refusal.failed"))
    if isinstance(found, Refused):
        return notice(view, found.sentence, title=_title(knock, view))
    return found
