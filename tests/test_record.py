"""The record as an operator reads it, with nothing set but the database."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, text

from bot.case.events import Edited, Erased, Settled, Stopped, Unclear
from bot.case.ids import CaseId
from bot.case.letter import Author
from bot.store.chain import Head, digest, text_digest
from bot.store.db import Link
from bot.store.tables import GENESIS, cases, journal, journal_texts
from bot.store.verify import CASES_A_PAGE
from bot.trail import trails
from tests.case.life import ANA, BEN, NOON, OWN_WORDS
from tests.databases import ONE_DATABASE
from tests.office import Office, offices

ROOT = Path(__file__).parents[1]
CANT_BE_USED = 78


async def run(*command: str, url: str) -> tuple[int, list[str], str]:
    """The exit code, the lines that were said, and what was complained."""
    done = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-m", "bot", *command),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


async def sent(office: Office) -> CaseId:
    """A case whose letter was approved and mailed."""
    case = await office.in_review()
    await office.approve()
    await office.later(timedelta(minutes=1))
    assert office.outside.mailed == [f"send/{case.id}/1"]
    return case.id


async def alter(office: Office, statement: str) -> None:
    async with office.database.begin() as link:
        await link.execute(text(statement))


async def test_a_whole_record_is_counted_and_so_is_an_erased_one(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await sent(office)
        rows = len(await office.memory.journal(case))
        assert await run("verify-journal", url=migrated_url) == (
            0,
            [f"{rows} rows of 1 cases are whole"],
            "",
        )
        await office.casework.happened(case, Erased(at=office.clock.now(), who=ANA))
        code, lines, _ = await run("verify-journal", case, url=migrated_url)
        assert (code, lines) == (0, [f"{rows + 1} rows of 1 cases are whole"])


@ONE_DATABASE
async def test_a_broken_case_is_named_with_the_row_and_what_is_wrong(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await sent(office)
        await alter(office, "UPDATE journal SET who = 'slack:T1:U9' WHERE event = 'Approved'")
        [row] = [one for one in await office.memory.journal(case) if one.event == "Approved"]
        said = f"Case {case}, row {row.sequence}: the row was altered."
        code, lines, _ = await run("verify-journal", url=migrated_url)
        assert (code, lines) == (1, [said, "0 rows of 0 cases are whole"])
        code, lines, _ = await run("record", case, url=migrated_url)
        assert (code, lines[0]) == (1, said)


@ONE_DATABASE
async def test_a_case_that_is_not_there_is_named(migrated_url: str) -> None:
    for command in ("verify-journal", "record"):
        code, lines, complained = await run(command, "case_x", url=migrated_url)
        assert (code, lines, complained) == (1, [], "There is no case case_x.\n")


@ONE_DATABASE
def test_reading_makes_no_file_and_migrates_none(database_url: str) -> None:
    file = Path(database_url.partition("///")[2])
    code, _, complained = asyncio.run(run("verify-journal", url=database_url))
    assert (code, complained.count("\n")) == (CANT_BE_USED, 1)
    assert not file.exists()
    file.touch()
    code, _, complained = asyncio.run(run("verify-journal", url=database_url))
    assert "run python -m bot migrate first" in complained
    assert file.stat().st_size == 0


@ONE_DATABASE
async def test_many_cases_are_read_page_by_page(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        async with office.database.begin() as link:
            for number in range(2 * CASES_A_PAGE + 1):
                await _long_case(link, f"case_{number:05}", rows=2)
        broken = ["case_00000", f"case_{CASES_A_PAGE:05}", f"case_{2 * CASES_A_PAGE:05}"]
        for case in broken:
            await alter(office, f"UPDATE journal SET who = 'x' WHERE case_id = '{case}'")  # noqa: S608
        code, lines, _ = await run("verify-journal", url=migrated_url)
        assert code == 1
        assert lines[:-1] == [f"Case {one}, row 1: the row was altered." for one in broken]
        assert lines[-1] == f"{4 * CASES_A_PAGE - 4} rows of {2 * CASES_A_PAGE - 2} cases are whole"


async def _long_case(link: Link, case_id: str, *, rows: int) -> None:
    head, made, texts = Head(), [], []
    for number in range(1, rows + 1):
        body = f'{{"at":"{number}","filling":"…"}}'
        row = dict.fromkeys(journal.columns.keys()) | {
            "case_id": case_id,
            "sequence": number,
            "at": NOON,
            "event": "Replied",
            "who": "system",
            "state_before": "waiting",
            "state_after": "waiting",
            "revision_before": 0,
            "revision_after": 0,
            "policy_version": 1,
            "effects": [],
            "text_digest": text_digest("salt", body),
            "previous": head.digest,
        }
        row["digest"] = digest(row)
        head = Head(length=number, digest=str(row["digest"]))
        made.append(row)
        texts.append({"case_id": case_id, "sequence": number, "salt": "salt", "body": body})
    await link.execute(
        insert(cases).values(
            id=case_id,
            account="",
            livemode=True,
            customer=case_id,
            state="waiting",
            version=1,
            opened_at=NOON,
            body={},
            journal_length=head.length,
            journal_digest=head.digest,
        )
    )
    await link.execute(insert(journal), made)
    await link.execute(insert(journal_texts), texts)


async def test_a_mail_leads_to_its_event_its_words_its_approver_and_the_providers_word(
    migrated_url: str,
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await sent(office)
        code, lines, _ = await run("record", case, url=migrated_url)
    assert code == 0
    assert lines[0] == f"Case {case}, customer cus_1: one mail was handed over to the provider."
    assert lines[2:5] == [
        f"Revision 1: <send.{case}.1@acme.example>",
        "Stripe’s events: evt_1",
        "2026-11-23 12:00:00 UTC: the model wrote the words.",
    ]
    assert lines[5:] == [
        f"2026-11-23 12:00:00 UTC: {ANA} approved it.",
        "2026-11-23 12:01:00 UTC: it was handed over to the provider.",
        "2026-11-23 12:01:00 UTC: the provider took it: 250",
    ]


async def test_a_doubt_and_who_settled_it_are_links_of_the_chain(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await office.in_review()
        edit = Edited(at=office.clock.now(), who=BEN, revision=1, letter=OWN_WORDS, approve=True)
        await office.casework.happened(case.id, edit)
        office.clock.move(timedelta(seconds=31))
        [look] = await office.timers.ring()
        event = office._performed(look.case, look.claim.effect, office.clock.now())
        assert event is not None
        [work] = (await office.casework.reported(look.claim, event, take=lambda _: False)).work
        await office.casework.reported(work.claim, Unclear(at=office.clock.now(), revision=2))
        settled = Settled(at=office.clock.now(), who=ANA, revision=2, arrived=False)
        await office.casework.happened(case.id, settled)
        await office.later(timedelta(minutes=1))
        [mail] = trails(await office.memory.journal(case.id))
    assert (mail.revision, mail.written_by) == (2, Author.MODEL)
    assert mail.asked is not None
    assert mail.asked.letter.body == OWN_WORDS.body
    assert [(one.what, one.who) for one in mail.deeds] == [
        ("edited", BEN),
        ("approved", BEN),
        ("handed_over", "system"),
        ("unclear", "system"),
        ("not_arrived", ANA),
        ("handed_over", "system"),
        ("delivered", "system"),
    ]


@ONE_DATABASE
async def test_of_an_erased_case_the_trail_keeps_who_and_when(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await sent(office)
        await office.casework.happened(case, Erased(at=office.clock.now(), who=ANA))
        code, lines, _ = await run("record", case, url=migrated_url)
    assert code == 0
    assert lines[2] == f"Revision 1: send/{case}/1"
    assert "words were written; who wrote them is no longer kept" in lines[4]
    assert lines[-1].endswith("the provider took it.")


@ONE_DATABASE
async def test_of_a_forgotten_case_it_says_since_when_its_words_are_gone(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        case = await sent(office)
        await office.casework.happened(case, Stopped(at=office.clock.now(), who=ANA))
        office.clock.move(timedelta(days=181))
        assert await office.casework.forget(case)
        code, lines, _ = await run("record", case, url=migrated_url)
    assert code == 0
    assert lines[1].startswith(
        "Its words and names were forgotten 181 days after it closed, at 2027-"
    )
    assert lines[3] == f"Revision 1: send/{case}/1"
    assert "words were written; who wrote them is no longer kept" in lines[5]
    assert lines[-1].endswith("the provider took it.")


@ONE_DATABASE
async def test_nothing_is_written_by_reading(migrated_url: str) -> None:
    async with offices(migrated_url, "ada") as [office]:
        await sent(office)
        before = await _all(office)
        await run("verify-journal", url=migrated_url)
        assert await _all(office) == before


async def _all(office: Office) -> list[tuple[object, ...]]:
    async with office.database.read() as link:
        return [
            tuple(row)
            for table in (cases, journal, journal_texts)
            for row in await link.execute(select(table))
        ]


def test_the_digest_before_the_first_row_is_no_digest_of_anything() -> None:
    assert set(GENESIS) == {"0"}
