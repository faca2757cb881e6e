"""Each mail leads back to what brought it, who wrote it, who approved it, and what came of it."""

from dataclasses import replace

from bot.case.events import Edited
from bot.case.ids import Actor
from bot.case.letter import Author
from bot.review import actions
from bot.trail import trails
from tests.journeys.stories import UNDO, Story


async def test_every_link_of_a_mails_chain_is_named(story: Story) -> None:
    invoice = await story.failed()
    case = await story.case(invoice)
    assert case.letter is not None
    words = replace(case.letter, subject="Un petit souci", by=Author.PERSON)
    tom = Actor(f"slack:T1:{story.people.tom.id}")
    edit = Edited(
        at=story.town.clock.now(), who=tom, revision=case.revision, letter=words, approve=False
    )
    await story.town.parts.casework.happened(case.id, edit)
    await story.town.idle()
    await story.press(actions.APPROVE)
    await story.town.later(UNDO)

    [trail] = trails(await story.town.memory.journal(case.id))
    [mail] = story.town.mails()
    told = {event.id for event in story.world.events if event.type == "invoice.payment_failed"}
    assert set(trail.sources) & told
    assert (trail.written_by, trail.revision) == (Author.MODEL, case.revision + 1)
    assert [(one.what, one.who) for one in trail.edits] == [("edited", tom)]
    [approval] = trail.approvals
    assert approval.who.endswith(story.people.maya.id)
    assert trail.seen
    assert approval.detail == trail.seen
    assert trail.asked is not None
    assert trail.asked.letter == replace(words, edited_by=tom)
    assert mail.subject == trail.asked.letter.subject == "Un petit souci"
    assert trail.key.replace("/", ".") in str(mail.message["Message-ID"])
    [answer] = trail.answers
    assert (answer.what, answer.detail) == ("delivered", "2.0.0 OK: queued")
    assert await story.town.memory.journal_breaks(case.id) == []
