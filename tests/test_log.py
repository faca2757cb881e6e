import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import OutsideTrouble
from bot.log import about, start, tell

SECRETS = ("whsec_canary", "p@ss/word canary", "xyz", "canary-longer", "canary")
LETTER = "Hello Ada,\n\nthe payment for your plan did not go through."
LOGGERS = ("slack_bolt.AsyncApp", "stripe", "aiohttp.access", "aiohttp.server", "openai", "httpx2")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root, kept = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    stream = io.StringIO()
    start(level="debug", secrets=SECRETS, stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    logging.getLogger("bot").setLevel(logging.NOTSET)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_line_says_what_happened_and_to_which_case(out: io.StringIO) -> None:
    with about("case_1"):
        tell("letter_sent", revision=3, seconds=0.25, at_once=True, hold=None)
    [line] = lines(out)
    assert datetime.fromisoformat(line.pop("at")).tzinfo == UTC
    assert line == {
        "level": "info",
        "event": "letter_sent",
        "case": "case_1",
        "revision": 3,
        "seconds": 0.25,
        "at_once": True,
        "hold": None,
    }


def test_every_line_has_a_case_even_where_there_is_none(out: io.StringIO) -> None:
    tell("started")
    with about("case_1"), about("case_2"):
        logging.getLogger("openai").warning("slow")
    tell("stopped")
    assert [line["case"] for line in lines(out)] == ["-", "case_2", "-"]


def test_a_terminal_gets_plain_lines() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    kept = logging.getLogger().handlers[:]
    screen = Terminal()
    start(level="info", secrets=(), stream=screen)
    tell("letter_sent", revision=3)
    logging.getLogger().handlers[:] = kept
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d info    letter_sent case=- revision=3\n", screen.getvalue()
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("in_1", "in_1"),
        ("whsec_canary", "[secret]"),
        ("x=whsec_canary;", "x=[secret];"),
        ("canary-longer", "[secret]"),
        ("p%40ss%2Fword%20canary", "[secret]"),
        ("p%40ss%2Fword+canary", "[secret]"),
        ("xyz-is-too-short-to-hide", "xyz-is-too-short-to-hide"),
        ("ada@example.com", "[address]"),
        ("<ada@example.com>,b@example.com", "<[address]>[address]"),
        ("ada@xn--exmple-cua.com", "[address]"),
        ("https://invoice.stripe.com/i/acct_1/live_1", "[link]"),
        (LETTER, "[text]"),
        ("Ada Lovelace", "[text]"),
        ("支払いが完了しませんでした", "[text]"),
        ("x" * 161, "[text]"),
        ("a\u202eb", "[text]"),
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00+00:00"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**30, 10**30),
    ],
)
def test_a_field_says_words_and_numbers_only(
    out: io.StringIO, value: str | float | datetime, said: object
) -> None:
    tell("x", field=value)
    assert lines(out)[0]["field"] == said


@pytest.mark.parametrize("value", [["a"], {"a": 1}, object(), b"bytes", ValueError("a")])
def test_a_field_that_is_not_a_scalar_is_refused(out: io.StringIO, value: Any) -> None:
    with pytest.raises(TypeError):
        tell("x", field=value)
    assert lines(out) == []


@pytest.mark.parametrize("name", ["case", "event", "at", "where"])
def test_a_field_takes_no_name_that_every_line_has(out: io.StringIO, name: str) -> None:
    with pytest.raises(TypeError):
        tell("x", **{name: "y"})  # type: ignore[arg-type]
    assert lines(out) == []


def test_an_error_is_told_by_kind_place_and_code(out: io.StringIO) -> None:
    def fail() -> None:
        raise OutsideTrouble("inbox_store") from ConnectionError("canary ada@example.com")

    try:
        fail()
    except OutsideTrouble as trouble:
        tell("webhook_not_kept", level=logging.WARNING, error=trouble)
    [line] = lines(out)
    assert line["error"] == "OutsideTrouble<ConnectionError"
    assert line["code"] == "inbox_store"
    assert re.fullmatch(r"test_log\.py:\d+>test_log\.py:\d+", line["where"])


def test_an_error_is_told_where_it_began(out: io.StringIO) -> None:
    try:
        int("canary")
    except ValueError as cause:
        trouble = OutsideTrouble("inbox_store")
        trouble.__cause__ = cause
    tell("webhook_not_kept", error=trouble)
    assert re.fullmatch(r"test_log\.py:\d+", lines(out)[0]["where"])


@pytest.mark.parametrize("name", LOGGERS)
def test_libraries_say_nothing_of_what_they_handle(out: io.StringIO, name: str) -> None:
    library = logging.getLogger(name)
    for say in (library.debug, library.info, library.warning, library.error):
        say(f"request body: {LETTER} %s", "ada@example.com")
    try:
        int(f"bad body {LETTER} canary")
    except ValueError:
        library.exception("failed on ada@example.com")
    said = lines(out)
    if name == "aiohttp.access":
        assert said == []
        return
    assert [line["level"] for line in said] == ["warning", "error", "error"]
    assert all(line["event"] == "library" and line["logger"] == name for line in said)
    assert said[-1]["error"] == "ValueError"
    assert not re.search("Ada|ada|canary|body", out.getvalue())


def test_canaries_in_every_place_are_never_seen(out: io.StringIO) -> None:
    canaries = [*(one for one in SECRETS if len(one) > 3), "ada@example.com", LETTER]
    for canary in canaries:
        with about(canary):
            tell(canary, error=ValueError(canary), field=canary, other=f"a/{canary}/b")
            logging.getLogger(f"bot.{'case'}").error(canary)
            logging.getLogger("asyncio").error("%s", canary, extra={"fields": {"x": canary}})
            logging.getLogger("whatever").critical(canary, exc_info=OutsideTrouble(canary))
    assert len(lines(out)) == 4 * len(canaries)
    assert not re.search("canary|Ada|ada|example|plan", out.getvalue())


def test_a_line_that_cannot_be_written_is_not_dumped_elsewhere(
    out: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    out.close()
    tell("x", field="ada@example.com")
    captured = capsys.readouterr()
    assert captured.err + captured.out == ""


def test_the_level_is_ours_and_libraries_stay_quiet(out: io.StringIO) -> None:
    start(level="warning", secrets=(), stream=out)
    tell("x")
    tell("y", level=logging.WARNING)
    assert [line["event"] for line in lines(out)] == ["y"]
