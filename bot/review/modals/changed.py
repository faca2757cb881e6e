"""What a person reads whose modal is older than the case: the newer text, and their own words.

Nothing is overwritten without having been read, and nothing that was typed is lost.
"""

from collections.abc import Iterator

from bot.case.letter import Author
from bot.case.model import Case
from bot.review.foreign import clean_lines, plain
from bot.review.modals.pieces import modal
from bot.review.outcome import standing
from bot.review.parts import DIVIDER, Block, View, literal, says, shows, who


def why_anew(case: Case, view: View, *, rewritten: bool, same: bool) -> str:
    """Why a modal is drawn anew instead of what was sent being saved.

    `rewritten`: the words changed, not the facts alone; `same`: nothing did but the question.
    """
    letter = case.letter
    if same:
        return view.say("modal.asked_anew")
    if rewritten and letter is not None and letter.by is Author.PERSON and letter.edited_by:
        return view.say("modal.edited_by", who=who(view, letter.edited_by))
    return view.say("modal.changed")


def newer_letter(
    view: View, said: str, changes: tuple[str, ...], *, keeps: str
) -> tuple[Block, ...]:
    """What to say before a modal that is drawn anew; `keeps` tells what stands in its fields.

    `said` is why, and `changes` are lines of mrkdwn, old → new.
    """
    blocks = [
        says("\n".join([said, *(f"• {line}" for line in changes)])),
        *_letter(view),
        says(keeps),
        DIVIDER,
    ]
    return tuple(blocks)


def over(case: Case, view: View, words: str, *, said: str = "modal.over") -> Block:
    """It is no longer asked about: where the case stands now, and what they had typed.

    `said` is the words' key for why nothing was saved.
    """
    blocks = [says(f"{view.say(said)} {standing(case, view)}")]
    if words.strip():
        blocks += [says(view.say("modal.your_words")), *shows(clean_lines(words))]
    return modal(view, blocks, title=view.say("modal.over_title"))


def _letter(view: View) -> Iterator[Block]:
    subject = view.say("card.subject", subject=plain(view.subject or "", 250))
    yield {"type": "section", "text": literal(subject), "expand": True}
    yield from shows(clean_lines(view.letter_text or ""))
