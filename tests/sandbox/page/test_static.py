"""What a browser loads with the page: little, and nothing from anywhere else."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

from bot.sandbox.page.serve import STATIC
from tests.sandbox.page.sites import Visit, visit

HEAVIEST = 150_000  # bytes, as they are sent
IMPORT = re.compile(
    r"(?:^|;)\s*(?:import|export)\b(?:[^;\"'()=]*\bfrom)?\s*[\"']([^\"'\s]+)[\"']", re.MULTILINE
)
LATER = re.compile(r"\bimport\(\s*[\"']([^\"']+)[\"']")  # only once somebody asks for it
LINK = re.compile(r"(?:href|src)=\"([^\"]+)\"")
USE = re.compile(r"/static/[\w./-]+\.svg")
# Names, not addresses: nothing is ever fetched from them.
NAMESPACE = re.compile(r"http://www\.w3\.org/\d{4}/\w+(?:/\w+)?")
COMMENT = re.compile(r"/\*.*?\*/|<!--.*?-->|^\s*//.*?$", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"(?:https?:|wss?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)


def import_map(page: str) -> str:
    found = re.search(r"<script type=\"importmap\">(.*?)</script>", page, re.DOTALL)
    assert found is not None
    return found[1]


def named_in(path: str, text: str, names: dict[str, str], *, later: bool) -> Iterator[str]:
    """The paths that this file makes a browser load."""
    if path == "/":
        yield from (link for link in LINK.findall(text) if link.startswith("/"))
    if path.endswith((".js", ".mjs")):
        for name in IMPORT.findall(text) + (LATER.findall(text) if later else []):
            yield names.get(name, f"/static/{name.removeprefix('./')}")
        yield from USE.findall(text)


async def everything(there: Visit, *, later: bool = False) -> dict[str, int]:
    """What the page loads, whatever loads it, and the bytes of each as they are sent: packed."""
    page = await (await there.get("/")).text()
    names = json.loads(import_map(page))["imports"]
    found: dict[str, int] = {}
    wanted = ["/", "/words/fr"]
    while wanted:
        path = wanted.pop()
        if path not in found:
            answer = await there.get(path, **{"Accept-Encoding": "gzip"})
            assert answer.status == 200, path
            found[path] = int(answer.headers["Content-Length"])
            wanted += named_in(path, await answer.text(), names, later=later)
    return found


async def test_the_page_is_light() -> None:
    async with visit() as there:
        loaded = await everything(there)
    assert {"/static/app.js", "/static/slack.js", "/static/vendor/preact.mjs"} <= loaded.keys()
    assert sum(loaded.values()) <= HEAVIEST, f"{sum(loaded.values()):,} bytes: {loaded}"


async def test_what_is_never_loaded_is_not_there() -> None:
    async with visit() as there:
        loaded = await everything(there, later=True)
    kept = {f"/static/{path.relative_to(STATIC).as_posix()}" for path in STATIC.rglob("*.*")}
    assert kept - loaded.keys() == {"/static/index.html"}


async def test_the_policy_names_what_is_inside_the_page_and_nothing_else() -> None:
    async with visit() as there:
        answer = await there.get("/")
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digest = base64.b64encode(hashlib.sha256(import_map(page).encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'self' 'sha256-{digest}'"
    assert rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert page.count("<script") == 2
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_no_file_names_an_address_elsewhere() -> None:
    for path in STATIC.rglob("*.*"):
        text = path.read_text("utf-8")
        code = text if path.suffix == ".svg" else COMMENT.sub("", text)
        assert ADDRESS.findall(NAMESPACE.sub("", code)) == [], path.name


def test_a_strangers_words_are_never_markup() -> None:
    for path in STATIC.glob("*.js"):
        risky = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
            path.read_text("utf-8"),
        )
        assert risky == [], path.name


def test_what_a_script_offers_another_one_takes() -> None:
    scripts = {path: path.read_text("utf-8") for path in STATIC.glob("*.js")}
    offered = re.compile(r"^export (?:async )?(?:const|function|class) (\w+)", re.MULTILINE)
    for path, text in scripts.items():
        others = " ".join(other for place, other in scripts.items() if place != path)
        unused = [name for name in offered.findall(text) if not re.search(rf"\b{name}\b", others)]
        assert unused == [], path.name


def test_no_style_is_for_a_class_that_nothing_bears() -> None:
    scripts = " ".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    born = {*re.findall(r"[\w-]+", scripts), "center"}  # a column's `align`, which Slack names
    built = re.findall(r"([\w-]+)\$\{", scripts)  # `a${tint}` is a1, a2 and so on
    for path in STATIC.glob("*.css"):
        rules = re.findall(r"([^{}]+)\{", COMMENT.sub("", path.read_text("utf-8")))
        classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(rules)))
        born_so = {start + end for start in built for end in (*born, *"0123456789")}
        assert sorted(classes - born - born_so) == [], path.name
