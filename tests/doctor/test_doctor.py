"""Each check is green in a healthy company, and red for the one thing that it is there for."""

import asyncio
import json
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.__main__ import main
from bot.doctor import report
from bot.doctor.finding import Finding, State, Verdict, in_turn, ok, refused, wrong
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.sendgrid import SendGrid
from bot.sandbox.slack import Fault
from bot.store.schema import Schema
from bot.words import words
from tests.databases import ONE_DATABASE, POSTGRESQL
from tests.doctor.scene import LOOKS, NOWHERE, Scene, healthy
from tests.doctor.scene import told as said_of

ROOT = Path(__file__).parents[2]
READ = (
    *("rak_invoice_read", "rak_customer_read", "rak_subscription_read", "rak_product_read"),
    *("rak_payment_intent_read", "rak_charge_read", "rak_event_read", "rak_webhook_read"),
)


@pytest.fixture
async def scene(migrated_url: str) -> AsyncIterator[Scene]:
    async with healthy(migrated_url) as found:
        yield found


async def test_in_a_healthy_company_every_check_is_green(scene: Scene) -> None:
    findings = await scene.examined()
    states = {one.name: one.verdict.state for one in findings}
    assert {name for name, state in states.items() if state is not State.OK} == LOOKS
    assert report.is_well(findings)
    # It looked, and touched nothing.
    assert scene.around.mailbox.mails == []
    assert scene.around.slack.calls("chat.postMessage") == []
    assert {call.method for call in scene.around.stripe.calls} == {"GET"}


# One fault each: what is spoilt, and all that the doctor then says.


def a_setting(name: str, value: str | None) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        scene.environ.pop(name, None)
        if value is not None:
            scene.environ[name] = value

    return spoil


def no_such_folder(scene: Scene) -> None:
    scene.environ["DATABASE_URL"] += ".d/x.sqlite3"


def revision(current: str, floor: str) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        file = scene.environ["DATABASE_URL"].partition("///")[2]
        with closing(sqlite3.connect(file)) as link:
            link.execute("UPDATE alembic_version SET version_num = ?", (current,))
            link.execute("UPDATE schema_floor SET revision = ?", (floor,))
            link.commit()

    return spoil


def no_tables(scene: Scene) -> None:
    file = Path(scene.environ["DATABASE_URL"].partition("///")[2] + ".new")
    file.touch()
    scene.environ["DATABASE_URL"] = f"sqlite:///{file}"


def token_revoked(scene: Scene) -> None:
    scene.around.slack.token_error = "token_revoked"


def slow_clock(scene: Scene) -> None:
    scene.clock.move(timedelta(minutes=2))


def scope_gone(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.around.slack.state.scopes.remove(name)


def channel_shared(scene: Scene) -> None:
    scene.around.review.is_ext_shared = True


def vips_archived(scene: Scene) -> None:
    scene.around.vip.is_archived = True


def bot_not_invited(scene: Scene) -> None:
    scene.around.vip.members.remove(scene.around.slack.state.bot_user)


def guest_approves(scene: Scene) -> None:
    scene.environ["APPROVERS"] = f"{scene.around.people.tom.id},{scene.around.people.guest.id}"


def approver_left(scene: Scene) -> None:
    scene.around.people.maya.deleted = True


def group_approves(scene: Scene) -> None:
    scene.environ["APPROVERS"] = scene.around.slack.add_group("billing", []).id


def groups_unpaid(scene: Scene) -> None:
    scene.environ["APPROVERS"] = scene.around.slack.add_group("b", [scene.around.people.tom]).id
    scene.around.slack.state.paid_plan = False


def manager_elsewhere(scene: Scene) -> None:
    scene.around.vip.members.remove(scene.around.people.priya.id)


def people_unknown(scene: Scene) -> None:
    scene.around.slack.fault("users.info", Fault(error="fatal_error"), times=None)


def socket_mode_off(scene: Scene) -> None:
    scene.around.slack.sockets.scopes.clear()


def stripe_down(scene: Scene) -> None:
    scene.around.stripe.fault("500", times=None)


def key_without(*gone: str) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        may = set(READ) - set(gone)
        scene.environ["STRIPE_API_KEY"] = scene.around.stripe.restrict("rk_test_less", may)

    return spoil


def endpoint(**changes: object) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        [told] = scene.around.stripe.webhooks.endpoints
        changed = replace(told, **changes)  # type: ignore[arg-type]
        scene.around.stripe.webhooks.endpoints[:] = [changed]

    return spoil


def one_event_less(scene: Scene) -> None:
    [told] = scene.around.stripe.webhooks.endpoints
    endpoint(events=told.events - {"charge.dispute.created"})(scene)


def no_endpoint_in_test_mode(scene: Scene) -> None:
    scene.around.stripe.webhooks.endpoints.clear()
    a_setting("PUBLIC_URL", None)(scene)


def event_lost(scene: Scene) -> None:
    world = scene.around.stripe.world
    world.update_customer(world.add_customer(email="ada@example.com"), name="Ada")
    for clock in (scene.around.clock, scene.clock):
        clock.move(timedelta(minutes=10))


def event_under_way(scene: Scene) -> None:
    world = scene.around.stripe.world
    world.update_customer(world.add_customer(email="ada@example.com"), name="Ada")


def model(kind: str) -> Callable[[Scene], None]:
    return lambda scene: scene.around.model.fault(kind, times=None)


def somebody_else_there(scene: Scene) -> None:
    scene.environ["PUBLIC_URL"] = scene.around.stripe.api_base
    endpoint(url=f"{scene.around.stripe.api_base}/stripe/webhook")(scene)


def nobody_there(scene: Scene) -> None:
    scene.environ["PUBLIC_URL"] = f"http://{NOWHERE}"
    endpoint(url=f"http://{NOWHERE}/stripe/webhook")(scene)


DATABASE = {"database.schema": "skipped after", "database.writes": "skipped after"}
SLACK = {
    f"slack.{name}": "skipped after"
    for name in (
        *("clock", "scopes", "review_channel", "vip_channel", "approvers"),
        *("account_manager", "app_token"),
    )
}
STRIPE = {f"stripe.{name}": "skipped after" for name in ("rights", "endpoint", "undelivered")}
FAULTS: tuple[tuple[Callable[[Scene], None], dict[str, str]], ...] = (
    (a_setting("COMPANY_NAME", None), {"settings": "wrong missing"}),
    (no_such_folder, {"database.reach": "wrong no_answer"} | DATABASE),
    (no_tables, {"database.schema": "wrong empty"}),
    (revision("0001", "0001"), {"database.schema": "wrong behind"}),
    (revision("9999", "9999"), {"database.schema": "wrong too_new"}),
    (revision("9999", "0001"), {}),
    (token_revoked, {"slack.token": "wrong setting"} | SLACK),
    (a_setting("SLACK_API_URL", f"http://{NOWHERE}"), {"slack.token": "wrong setting"} | SLACK),
    (slow_clock, {"slack.clock": "wrong skewed"}),
    (scope_gone("chat:write"), {"slack.scopes": "wrong lacking"}),
    (scope_gone("commands"), {"slack.scopes": "unknown less"}),
    (channel_shared, {"slack.review_channel": "wrong setting"}),
    (
        vips_archived,
        {"slack.vip_channel": "wrong setting", "slack.account_manager": "unknown not_asked"},
    ),
    (
        bot_not_invited,
        {"slack.vip_channel": "wrong setting", "slack.account_manager": "unknown not_asked"},
    ),
    (guest_approves, {"slack.approvers": "wrong out"}),
    (approver_left, {"slack.approvers": "wrong out"}),
    (group_approves, {"slack.approvers": "wrong out"}),
    (groups_unpaid, {"slack.approvers": "wrong out"}),
    (manager_elsewhere, {"slack.account_manager": "wrong out"}),
    (
        people_unknown,
        {"slack.approvers": "unknown not_asked", "slack.account_manager": "unknown not_asked"},
    ),
    (a_setting("SLACK_APP_TOKEN", "xapp-another"), {"slack.app_token": "wrong setting"}),
    (socket_mode_off, {"slack.app_token": "wrong setting"}),
    (a_setting("STRIPE_API_KEY", "sk_test_other"), {"stripe.key": "wrong setting"} | STRIPE),
    (stripe_down, {"stripe.key": "wrong no_answer"} | STRIPE),
    (key_without("rak_charge_read"), {"stripe.rights": "wrong lacking"}),
    (key_without("rak_invoice_read"), {"stripe.rights": "wrong lacking"}),
    (
        key_without("rak_event_read"),
        {"stripe.rights": "wrong lacking", "stripe.undelivered": "skipped not_allowed"},
    ),
    (key_without("rak_webhook_read"), {"stripe.endpoint": "unknown not_allowed"}),
    (endpoint(url="https://example.com/stripe/webhook"), {"stripe.endpoint": "wrong none"}),
    (endpoint(enabled=False), {"stripe.endpoint": "wrong disabled"}),
    (one_event_less, {"stripe.endpoint": "wrong untold"}),
    (endpoint(events=frozenset()), {}),  # all of them
    (
        no_endpoint_in_test_mode,
        {"stripe.endpoint": "unknown none_in_test", "public_url.answers": "skipped unset"},
    ),
    (event_lost, {"stripe.undelivered": "wrong some"}),
    (event_under_way, {}),
    (model("500"), {"model.letter": "wrong refused"}),
    (model("429"), {"model.letter": "wrong quota"}),
    (model("refusal"), {"model.letter": "wrong refused"}),
    (model("plain"), {"model.letter": "unknown formless"}),
    (a_setting("OPENAI_API_KEY", "sk-other"), {"model.letter": "wrong key"}),
    (a_setting("OPENAI_MODEL", "no-such"), {"model.letter": "wrong unknown_model"}),
    (a_setting("OPENAI_BASE_URL", f"http://{NOWHERE}"), {"model.letter": "wrong no_answer"}),
    (a_setting("OPENAI_API_KEY", None), {"model.letter": "skipped unset"}),
    (a_setting("MAIL_URL", f"smtp://{NOWHERE}"), {"mail.login": "wrong no_answer"}),
    (somebody_else_there, {"public_url.answers": "wrong another"}),
    (nobody_there, {"public_url.answers": "wrong no_answer"}),
)


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
    elsewhere = LOOKS | {"database.writes"}
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
    for name in ("slack.token", "stripe.key", "mail.login", "mail.domain"):
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
    # A process has the machine's own clock, and so must Slack.
    async with healthy(migrated_url, at=datetime.now(UTC)) as scene:
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
