"""Each check is green in a healthy company, and red for the one thing that it is there for."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import config as settings
from bot.__main__ import main
from bot.doctor import place, report
from bot.doctor.finding import Finding, State, Verdict, in_turn, ok, refused, wrong
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.sendgrid import SendGrid
from bot.store.schema import Schema
from bot.words import words
from tests.databases import ONE_DATABASE, POSTGRESQL
from tests.doctor.faults import (
    DATABASE,
    FAULTS,
    a_setting,
    event_lost,
    key_without,
    one_event_less,
    scope_gone,
    token_revoked,
)
from tests.doctor.scene import NOWHERE, Scene, healthy
from tests.doctor.scene import told as said_of

ROOT = Path(__file__).parents[2]
# Each has its faults in test_domain.py.
OF_DNS = {"mail.spf", "mail.dkim", "mail.dmarc"}


@pytest.fixture
async def scene(migrated_url: str) -> AsyncIterator[Scene]:
    async with healthy(migrated_url) as found:
        yield found


async def test_in_a_healthy_company_every_check_is_green(scene: Scene) -> None:
    findings = await scene.examined()
    assert said_of(findings) == {}
    assert report.is_well(findings)
    # It looked, and touched nothing.
    assert scene.around.mailbox.mails == []
    assert scene.around.slack.calls("chat.postMessage") == []
    assert {call.method for call in scene.around.stripe.calls} == {"GET"}


@ONE_DATABASE
@pytest.mark.parametrize(("spoil", "told"), FAULTS)
async def test_a_fault_is_told_by_its_own_check(
    scene: Scene, spoil: Callable[[Scene], None], told: dict[str, str]
) -> None:
    spoil(scene)
    findings = await scene.examined()
    assert said_of(findings) == told
    assert report.is_well(findings) == ("wrong" not in str(told))
    for locale in ("en", "es", "fr"):
        said = "\n".join(report.lines(findings, locale)) + report.as_json(findings, locale)
        assert [one for one in secrets(scene) if one in said] == []


def test_for_scripts_a_finding_is_its_name_state_code_sentence_and_remedy() -> None:
    verdict = refused("REVIEW_CHANNEL", "is_archived")
    findings = [
        Finding(name="slack.review_channel", verdict=verdict),
        Finding(name="mail.login", verdict=wrong("login", code="auth_535")),
    ]
    first, second = json.loads(report.as_json(findings, "en"))
    assert first == {
        "name": "slack.review_channel",
        "state": "wrong",
        "code": "setting",
        "sentence": "REVIEW_CHANNEL is archived. Bring it back, or set another channel.",
        "remedy": None,
    }
    assert (second["state"], second["code"]) == ("wrong", "login")
    assert second["remedy"].startswith("Copy them again")


def secrets(scene: Scene) -> list[str]:
    names = ("SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SLACK_BOT_TOKEN")
    more = ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "OPENAI_API_KEY", "MAIL_URL")
    return [scene.environ[one] for one in (*names, *more) if one in scene.environ]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("spoil", "name", "told"),
    [
        (token_revoked, "slack.token", {"setting": "SLACK_BOT_TOKEN", "trouble": "token_revoked"}),
        (
            a_setting("SLACK_API_URL", f"http://{NOWHERE}"),
            "slack.token",
            {"setting": "SLACK_API_URL", "trouble": "no_answer"},
        ),
        (scope_gone("chat:write"), "slack.scopes", {"scopes": "chat:write"}),
        (key_without("rak_charge_read"), "stripe.rights", {"rights": "charges"}),
        (one_event_less, "stripe.endpoint", {"events": "charge.dispute.created"}),
        (event_lost, "stripe.undelivered", {"count": "1"}),
    ],
)
async def test_what_is_at_fault_is_named(
    scene: Scene, spoil: Callable[[Scene], None], name: str, told: dict[str, str]
) -> None:
    spoil(scene)
    [found] = [one for one in await scene.examined() if one.name == name]
    assert found.verdict.values == told


@ONE_DATABASE
async def test_every_check_has_a_fault_that_turns_it_red(scene: Scene) -> None:
    elsewhere = {"database.writes", "database.clock", "stripe.own_mails", *OF_DNS}
    red = {name for _, told in FAULTS for name, said in told.items() if said.startswith("wrong")}
    assert {one.name for one in await scene.examined()} == red | elsewhere


@ONE_DATABASE
async def test_every_check_is_on_its_page_and_no_other(scene: Scene) -> None:
    section = (ROOT / "docs" / "doctor.md").read_text("utf-8").partition("## The checks")[2]
    named = re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)
    assert named == [one.name for one in await scene.examined()]


def test_every_sentence_of_the_doctors_is_one_that_a_check_can_say() -> None:
    program = "\n".join(one.read_text("utf-8") for one in (ROOT / "bot" / "doctor").glob("*.py"))
    codes = {key.split(".")[-1].removesuffix("_do") for key in words("en") if ".any." in key}
    own = {key for key in words("en") if key.startswith("doctor.") and key.count(".") > 2}
    codes |= {key.split(".")[-1].removesuffix("_do") for key in own}
    of_the_schema = {one.value for one in Schema}
    assert {one for one in codes if f'"{one}"' not in program} - of_the_schema == set()


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
async def test_a_database_that_can_only_be_read_or_is_not_there_is_told(migrated_url: str) -> None:
    plain = migrated_url.replace("postgresql+psycopg", "postgresql")
    name = plain.partition("@/")[2].partition("?")[0]
    with psycopg.connect(plain, autocommit=True) as link:
        link.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    async with healthy(migrated_url) as scene:
        assert await scene.told() == {"database.writes": "wrong read_only"}
        scene.environ["DATABASE_URL"] = plain.replace(name, "no_such_database")
        assert await scene.told() == {"database.reach": "wrong no_answer"} | DATABASE


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
async def test_a_clock_that_differs_from_the_database_s_is_told(scene: Scene) -> None:
    scene.clock.move(timedelta(seconds=4))
    assert await scene.told() == {}
    scene.clock.move(timedelta(seconds=3))
    assert await scene.told() == {"database.clock": "wrong skewed"}
    [found] = [one for one in await scene.examined() if one.name == "database.clock"]
    assert found.verdict.values == {"seconds": 7}


@ONE_DATABASE
async def test_a_mail_server_that_refuses_the_password_is_told(scene: Scene) -> None:
    guarded = Mailbox(scene.around.clock, login=("ada", "right"))
    await guarded.start()
    try:
        scene.environ["MAIL_URL"] = guarded.url
        assert await scene.told() == {}
        scene.environ["MAIL_URL"] = guarded.url.replace("right", "wrong")
        assert await scene.told() == {"mail.login": "wrong login"}
    finally:
        await guarded.stop()


@ONE_DATABASE
async def test_sendgrid_is_asked_what_its_key_may_do(scene: Scene) -> None:
    sendgrid = SendGrid(scene.around.clock)
    await sendgrid.start()
    try:
        scene.environ["MAIL_URL"] = sendgrid.url
        assert await scene.told() == {}
        sendgrid.scopes = ["stats.read"]
        assert await scene.told() == {"mail.login": "wrong rights"}
        sendgrid.key = "SG.another"
        assert await scene.told() == {"mail.login": "wrong login"}
    finally:
        await sendgrid.stop()
    assert await scene.told() == {"mail.login": "wrong no_answer"}


@ONE_DATABASE
async def test_with_no_setting_at_all_it_says_what_is_missing_and_breaks_nowhere(
    scene: Scene,
) -> None:
    scene.environ = {"DATABASE_URL": scene.environ["DATABASE_URL"]}
    found = {one.name: one.verdict for one in await scene.examined()}
    assert [name for name, one in found.items() if one.state is State.WRONG] == ["settings"]
    assert "STRIPE_API_KEY" in str(found["settings"].values["settings"])
    for name in ("slack.token", "stripe.key", "mail.login", *OF_DNS):
        assert found[name].code == "missing"


async def test_a_check_that_is_never_answered_is_given_up() -> None:
    async def silent() -> Verdict:
        await asyncio.Event().wait()
        return ok()

    [found] = await in_turn("slack.token", silent, {}, within=0.01)
    assert (found.verdict.state, found.verdict.code) == (State.WRONG, "late")


@ONE_DATABASE
async def test_what_is_found_is_always_the_same_list(scene: Scene) -> None:
    healthy_ones = [one.name for one in await scene.examined()]
    token_revoked(scene)
    scene.environ.pop("STRIPE_API_KEY")
    assert [one.name for one in await scene.examined()] == healthy_ones


async def told_by_the_command(*options: str, **environ: str) -> tuple[int, str, str]:
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor", *options),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await ran.communicate()
    return ran.returncode or 0, said.decode(), complained.decode()


@ONE_DATABASE
async def test_the_command_says_it_in_lines_or_as_json_and_by_its_exit_code(
    migrated_url: str,
) -> None:
    async with healthy(migrated_url) as scene:
        code, said, complained = await told_by_the_command("--json", **scene.environ)
        assert (code, complained) == (0, "")
        assert [one["name"] for one in json.loads(said)] == [
            one.name for one in await scene.examined()
        ]
        scene.environ |= {"SLACK_BOT_TOKEN": "xoxb-another", "LOCALE": "fr"}
        code, said, complained = await told_by_the_command(**scene.environ)
    assert (code, complained) == (1, "")
    assert "ERREUR  SLACK_BOT_TOKEN n’est pas un jeton que Slack connaît." in said
    assert said.endswith("\nUne chose ne va pas.\n")
    assert max(map(len, said.splitlines())) <= 100


def test_settings_that_cannot_be_read_are_told_as_every_command_tells_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "hidden")
    monkeypatch.setenv("PORT", "high")
    assert main(["doctor"]) == 78
    said = capsys.readouterr()
    assert said.out == ""
    assert re.findall(r"(?m)^(\w+) is", said.err) == ["PORT", "STRIPE_API_KEY"]
    assert "hidden" not in said.err


async def test_whoever_sits_at_our_address_cannot_break_the_doctor_by_what_they_say() -> None:
    async def deep(_request: web.Request) -> web.Response:
        return web.Response(text="[" * 1024)

    app = web.Application()
    app.router.add_get("/healthz", deep)
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("")).rstrip("/")
        config = settings.load({"PUBLIC_URL": url, "SECRET_KEY": "k" * 32})
        [found] = await place.examined(config)
    assert found.verdict.code == "another"
