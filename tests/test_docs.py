import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import errors
from bot.case import handing
from bot.case.policy import Policy
from bot.recovery.sweep import RENEW_EVERY, SWEEP_EVERY
from bot.retry import MOST, MOST_IF_PERMANENT
from bot.settings import SETTINGS
from bot.store.leases import LEASE, REVIVED_AFTER
from bot.worker import STOP_SECONDS
from docs import make_readme, make_settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`|^([A-Z][A-Z_]+)=", re.MULTILINE)
# What a page says to type may go on into another program: `| tee` is none of our commands.
COMMAND = re.compile(r"python -m bot((?: \|? ?(?!tee\b)[a-z-]+)+)")
# Where the project is fetched from or built is no reader's business, nor is anybody's home.
NOT_OURS_TO_TELL = re.compile(
    r"/(?:work|home|root|Users|tmp|opt|srv)/|index-url|find-links|\bmirror|\bregistr(?:y|ies)\b"
    r"|\bshared/|\bTODO\b|\bFIXME\b"
)
TREE_NAME = re.compile(r"[\w.-]+(?:\.\w+|/)|[\w-]+/")


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_named_in_the_docs_exists(name: str) -> None:
    declared = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    # In prose "make" is a verb: only what stands in code is a command.
    for code in _code(ROOT / name):
        for target in re.findall(r"(?:^|\s)make ([a-z]+)", code):
            assert target in declared, target


@pytest.mark.parametrize("name", NAMES)
def test_every_command_named_in_the_docs_exists(name: str) -> None:
    program = ROOT / "bot" / "__main__.py"
    for named in COMMAND.findall((ROOT / name).read_text()):
        for command in re.findall(r"[a-z-]+", named):
            assert f'"{command}"' in program.read_text(), command


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_named_in_the_docs_exists(name: str) -> None:
    known = {setting.name for setting in SETTINGS} | _constants()
    for quoted, assigned in SETTING.findall((ROOT / name).read_text()):
        assert (quoted or assigned) in known, quoted or assigned


def test_every_setting_is_on_its_page() -> None:
    page = (DOCS / "settings.md").read_text()
    assert [one.name for one in SETTINGS if f"| `{one.name}` |" not in page] == []
    assert page == make_settings.page()


def test_the_readme_names_every_setting_that_has_no_effect_yet() -> None:
    named = _one_line(ROOT / "README.md").partition("no effect yet:")[2].partition("## ")[0]
    assert set(re.findall(r"`([A-Z_]+)`", named)) == {one.name for one in SETTINGS if one.later}


def test_the_readme_shows_the_card_the_machine_and_the_settings_as_they_are() -> None:
    page = make_readme.page()
    assert page == (ROOT / "README.md").read_text(), "run python -m docs.make_readme"
    assert [name for name, made in make_readme.PIECES.items() if made() not in page] == []


def test_every_path_in_the_tree_exists() -> None:
    assert [str(path) for path in _tree() if not (ROOT / path).exists()] == []


def test_every_part_of_the_program_is_in_the_tree() -> None:
    parts = {path for path in (ROOT / "bot").iterdir() if not path.name.startswith("__")}
    assert {str(path.relative_to(ROOT)) for path in parts} <= {str(path) for path in _tree()}


def test_every_import_contract_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    page = _one_line(DOCS / "architecture.md")
    contracts = [one["name"] for one in project["tool"]["importlinter"]["contracts"]]
    assert [name for name in contracts if f"*{name}.*" not in page] == []


def test_every_error_has_its_row() -> None:
    page = (DOCS / "errors.md").read_text()
    ours = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.DunningError)
    ]
    assert [name for name in ours if name != "DunningError" and f"| `{name}` |" not in page] == []


def test_every_log_line_worth_an_alarm_is_one_that_we_write() -> None:
    written = "\n".join(path.read_text() for path in (ROOT / "bot").rglob("*.py"))
    section = (DOCS / "errors.md").read_text().partition("## Lines in the log")[2]
    first_cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    lines = [line for cell in first_cells for line in re.findall(r"`([a-z_]{6,})`", cell)]
    assert lines
    assert [line for line in lines if f'"{line}"' not in written] == []


def test_every_log_line_stands_on_the_page_and_no_other() -> None:
    sources = [
        one.read_text() for one in (ROOT / "bot").rglob("*.py") if "sandbox" not in one.parts
    ]
    told = {name for text in sources for name in re.findall(r"\btell\(\s*\"([a-z_]+)\"", text)}
    page = (DOCS / "errors.md").read_text().partition("## Lines in the log")[2]
    assert {name for name in told if f"`{name}`" not in page} == set()
    first_cells = re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE)
    listed = {name for cell in first_cells for name in re.findall(r"`([a-z_]{6,})`", cell)}
    written = "\n".join(sources)
    assert {name for name in listed if f'"{name}"' not in written} == set()


def test_a_lease_outlives_a_lost_sign_of_life_and_a_doubt_is_asked_within_a_minute() -> None:
    assert RENEW_EVERY * 2 < LEASE
    asked_after = LEASE + SWEEP_EVERY
    assert asked_after < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("docs/decisions/0007-leases-of-thirty-seconds.md", f"A lease is {LEASE.seconds} seconds"),
        ("docs/architecture.md", f"a lease of {LEASE.seconds} seconds"),
        ("docs/glossary.md", f"without a sign of life: {LEASE.seconds} seconds"),
        ("docs/errors.md", f"After {MOST} tries ({MOST_IF_PERMANENT}, when"),
        ("README.md", "after 3, 7 and 14 days"),
        ("README.md", "28 days after the last failure"),
        ("README.md", "After 30 seconds"),
    ],
)
def test_the_figures_in_the_docs_stand_there(page: str, sentence: str) -> None:
    assert sentence in _one_line(ROOT / page)


def test_the_figures_in_the_docs_are_those_in_the_code() -> None:
    policy = Policy(sender="billing@example.com")
    assert [step.days for step in policy.cadence] == [3, 7, 14]
    assert policy.round_length == timedelta(days=28)
    assert policy.budget == timedelta(hours=48)
    assert policy.undo == timedelta(seconds=30)
    assert policy.checkout == timedelta(hours=1)
    assert (RENEW_EVERY.seconds, SWEEP_EVERY.seconds) == (10, 5)
    assert timedelta(hours=1) == REVIVED_AFTER
    assert timedelta(seconds=10) == handing.LOOK_LASTS
    assert STOP_SECONDS == 6


def test_decisions_are_numbered_without_a_gap_and_have_their_four_parts() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        parts = ("Context.", "Decision.", "Alternatives.", "Enforced by")
        assert [part for part in parts if f"**{part}" not in text] == [], page.name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_the_place_where_this_was_written(name: str) -> None:
    found = NOT_OURS_TO_TELL.search((ROOT / name).read_text())
    assert found is None, found


def _anchors(page: Path) -> set[str]:
    """GitHub's names for a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def _code(page: Path) -> list[str]:
    text = page.read_text()
    return FENCED.findall(text) + re.findall(r"`([^`\n]+)`", FENCED.sub("", text))


def _one_line(page: Path) -> str:
    return " ".join(page.read_text().split())


def _constants() -> set[str]:
    """Names in capitals that the docs may speak of, because the code has them."""
    sources = "\n".join(path.read_text() for path in (ROOT / "bot").rglob("*.py"))
    return set(re.findall(r"^([A-Z]+(?:_[A-Z]+)+)(?:: \w+)? = ", sources, re.MULTILINE))


def _tree() -> Iterator[Path]:
    """The paths that docs/architecture.md draws, by their indentation."""
    text = (DOCS / "architecture.md").read_text().partition("## The tree")[2]
    drawn = re.split(r"^```(?:text)?$", text, flags=re.MULTILINE)[1]
    folders: dict[int, Path] = {0: Path()}
    for line in drawn.strip("\n").splitlines():
        depth = len(line) - len(line.lstrip())
        names = re.split(r" {2,}", line.strip())[0].split(" · ")
        for name in names:
            assert TREE_NAME.fullmatch(name), line
            yield folders[depth] / name
        folders[depth + 2] = folders[depth] / names[0]
