"""A writer that is not there yet."""

import asyncio

from bot.drafting.prompt import Ask
from bot.drafting.writing import Closing, Late, Words
from tests.drafting.test_prompt import ASK


class Scribe:
    def __init__(self) -> None:
        self.closed = False

    async def write(self, ask: Ask) -> Words:
        return Words(subject=ask.locale, body="Written.")

    async def close(self) -> None:
        self.closed = True


async def test_a_letter_waits_for_a_writer_that_is_being_made() -> None:
    there, scribe = asyncio.Event(), Scribe()

    async def made() -> Closing:
        await there.wait()
        return scribe

    late = Late(made())
    letter = asyncio.create_task(late.write(ASK))
    await asyncio.sleep(0)
    waited = not letter.done()
    there.set()
    written = await letter
    await late.close()
    assert waited
    assert written.body == "Written."
    assert scribe.closed
