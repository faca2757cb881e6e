"""The set-up page: each step with its state, what Slack and Stripe say, and no secret anywhere."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from html import unescape
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bot.billing import API_VERSION
from bot.doctor.stripe import READ
from bot.intake.translate import TAKEN
from bot.sandbox.slack import Fault
from bot.setup import links, look
from bot.setup.look import Sight
from bot.setup.pieces import to_set
from bot.setup.steps import Progress
from bot.words import LOCALES, say
from tests.setup.scene import PUBLIC, Scene, visitor, waiting
from tests.test_manifest import MANIFEST, over_http

HOSTILE = "<b onmouseover=alert(1)>'\"`*&amp;{names}"


async def opened(scene: Scene, path: str = "/setup", **headers: str) -> str:
    async with visitor(scene, **headers) as ana:
        await ana.begin()
        return (await ana.get(path)).text


def states(sight_or_page: str) -> dict[str, str]:
    return {
        name: state for state, name in re.findall(r'class="step (\w+)" id="(\w+)"', sight_or_page)
    }


async def test_each_step_is_ticked_when_it_is_set_and_works(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        assert states(await opened(scene)) == {
            "slack": "done",
            "stripe": "done",
            "endpoint": "open",
            "channel": "open",
            "letters": "done",
            "trial": "look",
            "last": "look",
        }
    async with waiting(tmp_path, "MAIL_URL", SLACK_BOT_TOKEN="xoxb-wrong") as scene:
        page = await opened(scene)
        found = states(page)
        assert (found["slack"], found["channel"], found["letters"]) == ("wrong", "done", "open")
        assert say("en", "wrong.invalid_auth") in unescape(page)
        assert "MAIL_URL=smtp://user:password@smtp.example.com:587" in page


async def test_it_shows_names_of_what_is_missing_and_never_a_secret(tmp_path: Path) -> None:
    for token in ("xoxb-sandbox", "xoxb-wrong-canary"):
        async with waiting(tmp_path, SLACK_BOT_TOKEN=token, METRICS_TOKEN="canary-1") as scene:
            page = await opened(scene, "/setup?channel=billing-review&made=1")
            log = scene.out.getvalue()
            assert "STRIPE_WEBHOOK_SECRET" in page
            for secret in scene.config.secrets:
                assert secret not in page.replace("smtp://user:password", "")
                assert secret not in log
            assert not re.search(r'<input(?! type="(hidden|radio|checkbox)")|<textarea', page)


async def test_it_runs_nothing_loads_nothing_and_is_kept_nowhere(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene, visitor(scene) as ana:
        await ana.begin()
        page = await ana.get("/setup")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "<script" not in page.text
        assert "script-src" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex"
        # Nobody else is told where a visitor came from; we are, to know our own forms.
        assert page.headers["Referrer-Policy"] == "same-origin"
        away = re.findall(r'<a [^>]*href="https://[^>]*>', page.text)
        assert len(away) == 2
        assert all('rel="noopener noreferrer"' in one for one in away)


@pytest.mark.parametrize("locale", LOCALES)
async def test_it_speaks_the_visitors_language(tmp_path: Path, locale: str) -> None:
    async with waiting(tmp_path, "MAIL_URL", "SLACK_BOT_TOKEN", "STRIPE_API_KEY") as scene:
        page = await opened(scene, **{"Accept-Language": locale})
    assert f'<html lang="{locale}">' in page
    assert say(locale, "setup.first_slack") in unescape(page)
    assert not re.search(r"[{}]", page.partition("</style>")[2])


async def test_names_of_slacks_are_shown_as_they_are_and_do_nothing(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        slack = scene.around.slack
        odd = slack.add_user("odd", real_name=HOSTILE)
        room = slack.add_channel(HOSTILE, members=[odd])
        page = await opened(scene, f"/setup?channel={room.id}&made=1&approver={odd.id}")
    assert "<b " not in page
    assert f"#{HOSTILE}" in unescape(page)
    assert f"REVIEW_CHANNEL={room.id}\nAPPROVERS={odd.id}" in page


@pytest.mark.parametrize(
    ("on_heroku", "typed"),
    [
        (True, "heroku config:set REVIEW_CHANNEL=C1 MAIL_FROM=&#x27;Ana &lt;a@b.example&gt;&#x27;"),
        (False, "REVIEW_CHANNEL=C1\nMAIL_FROM=&#x27;Ana &lt;a@b.example&gt;&#x27;"),
    ],
)
def test_settings_are_typed_as_the_place_takes_them(typed: str, *, on_heroku: bool) -> None:
    values = {"REVIEW_CHANNEL": "C1", "MAIL_FROM": "Ana <a@b.example>"}
    assert f"<pre>{typed}</pre>" in to_set("en", values, on_heroku=on_heroku)


async def test_what_a_link_says_is_never_believed(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        elsewhere = scene.around.people.priya.id  # not in that channel
        asked = f"approver={elsewhere}&manager=%3Cb%3E&approver=%22%3E%3Cb%3E"
        room = scene.around.review.id
        page = await opened(scene, f"/setup?channel={room}&made=1&{asked}")
        assert f"<pre>REVIEW_CHANNEL={room}</pre>" in page
        assert "<b>" not in page


async def test_channels_and_people_that_would_not_do_say_why(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        slack, people = scene.around.slack, scene.around.people
        scene.around.review.members.append(people.guest.id)
        slack.add_user("gone", deleted=True)
        slack.add_channel("partners", is_ext_shared=True)
        slack.add_channel("past", is_archived=True)
        slack.add_channel("far-away", with_bot=False)
        slack.add_group("billing", [people.maya])
        page = await opened(scene, f"/setup?channel={scene.around.review.id}")
    for name in ("shared", "archived", "guest"):
        assert say("en", f"setup.channel.{name}") in page
    assert page.count(" disabled>") == 3
    assert "far-away" not in page
    assert "Maya Okafor" in page
    assert "billing" in page
    assert "Dunning Desk</span></label>" not in page  # the bot itself decides nothing


async def test_a_free_plan_without_user_groups_is_no_trouble(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        scene.around.slack.state.paid_plan = False
        page = await opened(scene, "/setup?channel=billing-review")
    assert "Tom Berger" in page


async def test_a_bot_that_is_in_no_channel_says_how_to_invite_it(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        for channel in (scene.around.review, scene.around.vip):
            channel.members.clear()
        assert "/invite @Dunning Desk" in await opened(scene)


async def no_answer(scene: Scene) -> None:
    scene.around.slack.fault("*", Fault(status=503), times=None)
    scene.around.stripe.fault("drop", times=None)


async def half_an_answer(scene: Scene) -> None:
    for method in ("users.conversations", "conversations.members", "usergroups.list"):
        scene.around.slack.fault(method, Fault(error="fatal_error"), times=None)
    scene.around.slack.fault("users.info", Fault(error="fatal_error"), times=1)
    scene.around.stripe.fault("garbage", times=None)


@pytest.mark.parametrize("spoil", [no_answer, half_an_answer])
async def test_what_slack_and_stripe_leave_unanswered_is_said_on_the_page(
    tmp_path: Path, spoil: Callable[[Scene], Awaitable[None]]
) -> None:
    async with waiting(tmp_path) as scene:
        await spoil(scene)
        page = await opened(scene)
    assert states(page)["stripe"] == "wrong"
    assert 'class="against wrong"' in page


async def test_nobody_waits_for_a_slack_or_a_stripe_that_hangs(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene:
        scene.around.slack.fault("*", Fault(hang=True), times=None)
        scene.around.stripe.fault("timeout", times=None)
        began = monotonic()
        async with asyncio.timeout(30):
            sight = await look.looked(scene.config, scene.clock, within=0.05)
    assert monotonic() - began < 10
    assert _progress(sight)["slack"] is Progress.WRONG
    assert sight.choice.rooms is None


def _progress(sight: Sight) -> dict[str, Progress]:
    return {one.name: one.progress for one in sight.steps}


async def test_by_hand_there_are_address_events_and_version_to_copy(tmp_path: Path) -> None:
    async with waiting(tmp_path, PUBLIC_URL=PUBLIC, SECRET_KEY="k" * 32) as scene:
        page = await opened(scene)
    copied = re.findall(r"<pre>([^<]*)</pre>", page)
    assert f"{PUBLIC}/stripe/webhook" in copied
    assert "\n".join(TAKEN) in copied
    assert API_VERSION in page


@pytest.mark.parametrize("base", [None, "https://dunning.example.com"])
def test_the_link_to_slack_has_our_manifest_and_no_comment(base: str | None) -> None:
    link = urlsplit(links.slack_app(base))
    asked = parse_qs(link.query)
    [text] = asked["manifest_yaml"]
    assert (link.netloc, asked["new_app"]) == ("api.slack.com", ["1"])
    assert yaml.safe_load(text) == (MANIFEST if base is None else over_http())
    assert not re.search(r"(^|\s)#", text)


def test_the_link_to_stripe_asks_for_what_is_read_and_for_one_thing_to_write() -> None:
    link = urlsplit(links.stripe_key())
    rights = parse_qs(link.query)["permissions[]"]
    assert link.path.startswith("/test/")
    assert len(rights) == len(READ) + 1
    assert [one for one in rights if not one.endswith("_read")] == ["rak_webhook_write"]
