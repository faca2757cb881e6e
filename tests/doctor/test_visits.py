"""In a running bot the doctor comes once at a time, however many ask."""

import asyncio

import pytest

from bot.doctor.finding import Finding, ok, unknown
from bot.doctor.visits import Visits
from bot.review.commands.asking import Checked


class House:
    """Where a visit takes until it is let go."""

    def __init__(self) -> None:
        self.visits = 0
        self.over = asyncio.Event()

    async def visit(self) -> list[Finding]:
        self.visits += 1
        await self.over.wait()
        return [
            Finding(name="database.reach", verdict=ok()),
            Finding(name="stripe.own_mails", verdict=unknown("look")),
        ]


async def test_ten_who_ask_at_once_get_what_one_visit_finds_each_in_their_language() -> None:
    house = House()
    visits = Visits(house.visit)
    asking = [asyncio.create_task(visits.told("fr" if one else "en")) for one in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who gives up waiting takes nothing from the others
    await asyncio.sleep(0)
    house.over.set()
    [first, *others] = await asyncio.gather(*asking[1:])
    assert house.visits == 1
    assert first[0] == Checked(state="ok", sentence="La base de données répond.")
    assert (first[1].state, first[1].remedy is None) == ("unknown", False)
    assert all(one == first for one in others)
    await visits.told("en")
    assert house.visits == 2


async def test_a_visit_is_given_up_when_the_bot_stops() -> None:
    house = House()
    visits = Visits(house.visit)
    await visits.close()  # nobody asked
    asking = asyncio.create_task(visits.told("en"))
    await asyncio.sleep(0)
    await visits.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
