"""Whether the language model answers, and in the form that is asked of it."""

from functools import partial
from typing import Final

from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, skipped, unknown, wrong
from bot.drafting.prompt import Ask, Attempt, Paid, Reason, Tenure, Tone
from bot.drafting.writer import ModelWriter
from bot.errors import ModelTrouble

SECONDS: Final = 20.0  # as long as a letter gives it
# Of nobody: every band is the unknown one, so that no customer's case leaves for a test.
NOBODY: Final = Ask(
    reason=Reason.UNKNOWN,
    attempt=Attempt.UNKNOWN,
    tenure=Tenure.UNKNOWN,
    paid=Paid.UNKNOWN,
    earlier=(),
    tone=Tone.INFORMING,
    locale="en",
    note="",
    several=False,
)
_SENTENCES: Final = {
    "timeout": "late",
    "unreachable": "no_answer",
    "http_401": "key",
    "http_403": "key",
    "http_404": "unknown_model",
    "http_429": "quota",
}


async def examined(config: Config) -> list[Finding]:
    """The finding about the model: one letter is asked for, read and thrown away."""
    return await in_turn("model.letter", partial(_letter, config), {}, within=SECONDS + 5)


async def _letter(config: Config) -> Verdict:
    if not config.openai_api_key:
        return skipped("unset", setting="OPENAI_API_KEY")
    writer = ModelWriter(
        key=config.openai_api_key,
        model=config.openai_model,
        base_url=config.openai_base_url,
        seconds=SECONDS,
    )
    try:
        words = await writer.write(NOBODY)
    except ModelTrouble as trouble:
        return wrong(_SENTENCES.get(trouble.code, "refused"), code=trouble.code)
    finally:
        await writer.close()
    return ok(model=config.openai_model) if words.subject else unknown("formless")
