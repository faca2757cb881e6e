"""Who is let in: the first who presses, with the link out of the log, for half an hour."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from bot.setup.admission import LIFE, Admission, new_guest
from tests.setup.scene import KEY, NOON, Scene, visitor, waiting


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with waiting(tmp_path) as found:
        yield found


async def test_the_link_binds_to_who_presses_and_to_nobody_else(scene: Scene) -> None:
    async with visitor(scene) as ana, visitor(scene) as eve:
        begun = await ana.begin()
        assert (begun.status, "Choose the channel" in begun.text) == (200, True)
        taken = await eve.get(scene.link)
        assert (taken.status, "taken" in taken.text) == (403, True)
        token = scene.link.partition("=")[2]
        assert (await eve.post("/setup/begin", token=token)).status == 403
        assert (await eve.get("/setup")).status == 403
        assert (await ana.get("/setup")).status == 200
        # With the token in its address the page would stand in histories.
        again = await ana.get(scene.link, follow=False)
        assert (again.status, again.headers["Location"]) == (303, "/setup")


async def test_a_scanner_that_opens_the_link_takes_it_from_nobody(scene: Scene) -> None:
    async with visitor(scene) as scanner, visitor(scene) as ana:
        for method in ("HEAD", "GET", "GET"):
            assert (await scanner.get(scene.link, method=method)).status == 200
        assert (await scanner.get("/setup")).status == 403
        page = await ana.get(scene.link)
        pressed_twice = [await ana.post("/setup/begin", **page.fields) for _ in "12"]
        assert [one.status for one in pressed_twice] == [200, 200]


async def test_the_cookie_is_for_the_setup_only_and_no_script_or_other_site_has_it(
    scene: Scene,
) -> None:
    async with visitor(scene) as ana, visitor(scene, **{"X-Forwarded-Proto": "https"}) as bob:
        plain = (await ana.get(scene.link)).headers["Set-Cookie"]
        assert {"HttpOnly", "Path=/setup", "SameSite=Strict"} <= set(plain.split("; "))
        assert "Secure" not in plain
        assert "Secure" in (await bob.get(scene.link)).headers["Set-Cookie"]


async def test_after_half_an_hour_link_and_visit_are_over(scene: Scene) -> None:
    async with visitor(scene) as ana, visitor(scene) as eve:
        await ana.begin()
        scene.clock.move(LIFE - timedelta(minutes=1))
        assert (await ana.get("/setup")).status == 200
        scene.clock.move(timedelta(minutes=1))
        for page in (await ana.get("/setup"), await eve.get(scene.link)):
            assert (page.status, "heroku restart" in page.text) == (410, True)
        assert (await ana.post("/setup/test-card")).status == 403


async def test_only_who_was_let_in_may_press_and_only_on_a_page_of_ours(scene: Scene) -> None:
    calls = len(scene.around.slack.state.calls)
    async with visitor(scene) as ana, visitor(scene) as eve:
        await ana.begin()
        seen = len(scene.around.slack.state.calls)
        for path in ("endpoint", "test-card", "test-mail"):
            assert (await eve.post(f"/setup/{path}")).status == 403
            for origin in ("https://evil.example", "null", ""):
                ana.headers = {"Origin": origin}
                assert (await ana.post(f"/setup/{path}")).status == 403
    assert seen > calls
    assert len(scene.around.slack.state.calls) == seen
    assert scene.around.mailbox.mails == []


async def test_a_wrong_link_opens_nothing_and_says_where_the_right_one_is(scene: Scene) -> None:
    async with visitor(scene) as eve:
        for path in ("/setup", "/setup?token=", "/setup?token=guess", "/setup?token=%F0%9F%92%A9"):
            page = await eve.get(path)
            assert (page.status, "setup_open" in page.text) == (403, True)
        for cookie in ("", ".", "a.b.c", "é.1.x", f"{new_guest()}.99999999999.0", "x" * 4000):
            eve.headers = {"Cookie": f"dunning_setup={cookie}"}
            assert (await eve.get("/setup")).status == 403


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Cookie": b"dunning_setup=\xff.1.x"}, b"", 403),
        ({"Origin": b"http://["}, b"token=x", 403),
        ({"Content-Type": f"{FORM}; charset=none".encode()}, b"token=x", 403),
        ({}, b"token=\xff", 403),
        ({"Content-Type": b"multipart/form-data"}, b"--x\r\nx", 403),
        ({"Content-Encoding": b"gzip"}, b"x", 415),
        ({}, b"token=" + b"x" * 9000, 413),
    ],
)
async def test_what_no_browser_sends_is_refused_and_no_error_of_ours(
    scene: Scene, headers: dict[str, bytes], body: bytes, status: int
) -> None:
    place = scene.url.removeprefix("http://").encode()
    for path in (b"/setup/begin", b"/setup/test-card"):
        usual = {"Host": place, "Origin": b"http://" + place, "Content-Type": FORM.encode()}
        given = {**usual, "Content-Length": str(len(body)).encode(), **headers}
        lines = [b"%b: %b" % (name.encode(), value) for name, value in given.items()]
        request = b"\r\n".join([b"POST " + path + b" HTTP/1.1", *lines, b"", body])
        # Nobody's form is read who was not let in.
        assert await status_of(scene, request) == (status if path.endswith(b"begin") else 403)
    assert scene.said("library") == []


async def test_what_is_no_http_is_no_error_of_ours(scene: Scene) -> None:
    for line in (
        b"GET http://[ HTTP/1.1",
        b"GET / HTTP/9.9",
        b"GET / HTTP/1.1\r\nContent-Length: x",
    ):
        assert await status_of(scene, line + b"\r\n\r\n") == 400
    assert scene.said("library") == []


async def status_of(scene: Scene, request: bytes) -> int:
    host, port = scene.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    answer = await reader.readline()
    writer.close()
    return int(answer.split()[1])


async def test_the_first_page_says_that_there_is_a_link_and_not_which(scene: Scene) -> None:
    async with visitor(scene) as anybody:
        page = await anybody.get("/")
    assert "setup_open" in page.text
    assert scene.link.partition("=")[2] not in page.text
    assert "/setup?" not in page.text


async def test_once_all_is_set_there_is_no_page_and_its_address_leads_to_the_first_one(
    tmp_path: Path,
) -> None:
    async with waiting(tmp_path, "LOCALE") as scene, visitor(scene) as ana:
        left = await ana.get("/setup", follow=False)
        assert (left.status, left.headers["Location"]) == (303, "/")
        assert (await ana.post("/setup/begin", token="x")).status == 404
        assert "setup" not in (await ana.get("/")).text
    assert "setup" not in scene.out.getvalue()


def test_a_visit_outlives_a_restart_where_a_key_does() -> None:
    clock = MovableClock(NOON)
    guest = new_guest()
    first = Admission(clock, KEY)
    cookie = first.admitted(first.token(), guest)
    assert cookie is not None
    assert Admission(clock, KEY).until(cookie) == first.until(cookie)
    assert Admission(clock, None).until(cookie) is None
    assert Admission(clock, KEY[::-1]).until(cookie) is None
    assert first.until(cookie.replace(cookie[0], "_" if cookie[0] != "_" else "a", 1)) is None
    clock.move(LIFE)
    assert first.until(cookie) is None


def test_whoever_begins_with_a_newer_link_shows_the_other_out() -> None:
    clock = MovableClock(NOON)
    first, second = Admission(clock, KEY), Admission(clock, KEY)
    thief = first.admitted(first.token(), new_guest())
    assert thief is not None
    assert second.until(thief) is not None
    ana = second.admitted(second.token(), new_guest())
    assert ana is not None
    assert (second.until(thief), second.until(ana)) == (None, NOON + LIFE)


def test_no_two_links_are_the_same_and_none_is_kept() -> None:
    clock = MovableClock(NOON)
    first, second = Admission(clock, KEY), Admission(clock, KEY)
    token = first.token()
    assert token != second.token()
    assert len(token) * 6 >= 128
    assert not second.knows(token)
    assert token not in repr(vars(first))
