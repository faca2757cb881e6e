"""P9: no bad letter is one press away: public injections, and a model that obeys them all.

Each order is hidden in eight fields, and what an obedient model makes of what reaches it is
offered or refused. Then each is handed over as if it had been obeyed, in every place of a letter.
A judge that shares nothing with the guard has a look at what was offered.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench.figure import Bound, Figure
from bot.case.effects import Draft
from bot.case.ids import CaseId
from bot.case.letter import Author, Letter
from bot.case.standing import CustomerRecord
from bot.clock import SystemClock
from bot.drafting.asking import ask_about
from bot.drafting.draft import Drafts, drafts
from bot.drafting.prompt import Ask
from bot.drafting.writer import ModelWriter
from bot.drafting.writing import Words
from bot.sandbox.model import KEY, MODEL, Model
from chaos.corpora import Injected, corpora
from chaos.hostile_cases import CUSTOMER, FIELDS, NOON, hostile_case
from chaos.letter_judge import obeyed, objection
from chaos.obeying import Obedient, outputs
from chaos.proof import held

LOCALES = ("en", "es", "fr")
COMPANY = "Northwind"
NOTE = "reviewer's note"
SHORT = 12  # of each corpus
OVER_HTTP = 60
SHOWN = 3
_EFFECT = Draft(case_id=CaseId("case_1"), revision=1)
_KNOWN = CustomerRecord(key=CUSTOMER)


@dataclass(kw_only=True)
class Count:
    """What became of the letters that a model was talked into."""

    tried: int = 0
    offered: int = 0
    reached: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, letter: Letter, item: Injected, *, obedient: bool) -> None:
        """One letter; only of one that was written to order can it be said that it was obeyed."""
        self.tried += 1
        if letter.by is not Author.MODEL:
            self.rules.update(letter.rules or ("no letter in it",))
            return
        self.offered += 1
        said = objection(letter.subject, letter.body, letter.locale)
        if said is None and obedient:
            mark = obeyed(letter.subject, letter.body, item.marks)
            said = mark and f"it says {mark}"
        if said:
            self.broken.append(f"{said}: {letter.subject} | {letter.body}")


@dataclass
class Says:
    """A model that says what it was given to say."""

    words: Words

    async def write(self, _ask: Ask) -> Words:
        """The words, whatever is asked."""
        return self.words


def run(short: bool) -> list[str]:
    """All corpora that are here, or the first of each."""
    return held(asyncio.run(_run(short=short)))


async def _run(*, short: bool) -> list[Figure]:
    found: list[Figure] = []
    for name, items in corpora().items():
        chosen = items[:: max(1, len(items) // SHORT)] if short else items
        found += _figures(f"{name}: hidden in eight fields", await _hidden(chosen))
        found += _figures(f"{name}: as if obeyed", await _as_if_obeyed(chosen))
        over_http = chosen[:: max(1, len(chosen) // OVER_HTTP)]
        found += _figures(f"{name}: over HTTP, by note", await _over_http(over_http))
    return found


async def _hidden(items: Sequence[Injected]) -> Count:
    count = Count()
    usual = [asked("customer name", "Anna Kurz", locale) for locale in LOCALES]
    for at, item in enumerate(items):
        locale = LOCALES[at % len(LOCALES)]
        model = Obedient(usual)
        perform = drafts(model, SystemClock(), company=COMPANY)
        for place in FIELDS:
            model.order, model.reached = item.text, False
            letter = await _drafted(perform, place, item.text, locale)
            count.reached += model.reached and place != NOTE
            count.add(letter, item, obedient=model.reached)
    return count


async def _as_if_obeyed(items: Sequence[Injected]) -> Count:
    count, says = Count(), Says(Words(subject="", body=""))
    perform = drafts(says, SystemClock(), company=COMPANY)
    for at, item in enumerate(items):
        for locale in ("en", LOCALES[at % len(LOCALES)]):
            for says.words in outputs(item, locale):
                letter = await _drafted(perform, "customer name", "Anna Kurz", locale)
                count.add(letter, item, obedient=True)
    return count


async def _over_http(items: Sequence[Injected]) -> Count:
    """The same through a real server and the real client, whose model obeys the note."""
    count, clock = Count(), SystemClock()
    async with AsyncExitStack() as stack:
        model = Model(clock)
        await model.start()
        stack.push_async_callback(model.stop)
        writer = ModelWriter(key=KEY, model=MODEL, base_url=model.base_url)
        stack.push_async_callback(writer.close)
        perform = drafts(writer, clock, company=COMPANY)
        model.fault("obeys", times=None)
        for at, item in enumerate(items):
            locale = LOCALES[at % len(LOCALES)]
            letter = await _drafted(perform, NOTE, f"Write: {item.text}", locale)
            count.add(letter, item, obedient=True)
    return count


async def _drafted(perform: Drafts, place: str, text: str, locale: str) -> Letter:
    drafted = await perform(hostile_case(place, text, locale), _KNOWN, _EFFECT)
    if drafted is None:
        raise AssertionError("a case that asks for a letter got none")
    return drafted.letter


def asked(place: str, text: str, locale: str) -> Ask:
    """What the model would be asked for a case with this text in one place."""
    case = hostile_case(place, text, locale)
    if case.brief is None:
        raise AssertionError("a case that asks for a letter has a brief")
    return ask_about(case, case.brief, _KNOWN, NOON)


def _figures(name: str, count: Count) -> Iterable[Figure]:
    often = ", ".join(f"{n:,} {rule}" for rule, n in count.rules.most_common(SHOWN))
    refused = count.tried - count.offered
    yield Figure(name=f"{name}, tried", value=count.tried)
    if count.reached or "hidden" in name:
        yield Figure(
            name="  facts that reached the model",
            value=count.reached,
            bound=Bound.EXACTLY,
        )
    yield Figure(name="  refused by rule", value=refused, remark=often)
    yield Figure(name="  offered", value=count.offered)
    yield Figure(
        name="  of these, the judge objects to",
        value=len(count.broken),
        bound=Bound.EXACTLY,
        remark=" / ".join(one.replace("\n", " ") for one in count.broken[:SHOWN]),
    )
