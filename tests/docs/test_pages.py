"""Every page is found from the first one, and the reference pages say what the program has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.__main__ import main
from bot.app import web_app
from bot.clock import SystemClock
from bot.config import load
from bot.intake.translate import TAKEN
from bot.store import tables

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CODE = re.compile(r"`([^`\n]+)`")
ANALYZE = shutil.which("systemd-analyze")
PIN = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def test_every_page_stands_in_the_table_of_contents() -> None:
    contents = (DOCS / "README.md").read_text("utf-8")
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#]+)", contents)}
    pages = {page for page in DOCS.rglob("*.md") if page.name != "README.md"}
    assert {str(page.relative_to(DOCS)) for page in pages - linked} == set()


def test_every_route_is_on_its_page_and_no_other() -> None:
    app = web_app(load({}), SystemClock())
    served = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    assert set(_first_cells("Routes")) == served


def test_every_event_that_is_taken_is_on_its_page_and_no_other() -> None:
    assert sorted(_first_cells("Stripe's events")) == sorted(TAKEN)


def test_every_command_of_the_terminal_is_on_its_page_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = re.findall(r"^    ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    told = [cell.removeprefix("python -m bot ") for cell in _first_cells("In a terminal")]
    assert known
    assert sorted(told) == sorted(known)


def test_every_flag_of_a_command_is_on_its_page_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (DOCS / "interfaces.md").read_text("utf-8")
    rows = page.partition("\n## In a terminal\n")[2].partition("\n\n## ")[0]
    for row in re.findall(r"^\| `python -m bot .*$", rows, re.MULTILINE):
        command = row.split("`")[1].removeprefix("python -m bot ")
        with pytest.raises(SystemExit):
            main([command, "--help"])
        known = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
        assert set(re.findall(r"`(--[a-z-]+)`", row)) == known - {"--help"}, command


@pytest.mark.skipif(ANALYZE is None, reason="there is no systemd here")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "plain-server.md").read_text("utf-8")
    unit = page.partition("```ini\n")[2].partition("```")[0]
    file = tmp_path / "dunning-desk.service"
    file.write_text(unit.replace("/usr/local/lib/dunning-desk/.venv/bin/python", sys.executable))
    ran = subprocess.run(
        [str(ANALYZE), "verify", str(file)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_data_map_names_every_table() -> None:
    section = (DOCS / "security.md").read_text("utf-8").partition("## Where data lies")[2]
    assert set(_named_first(section)) == set(tables.metadata.tables)


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")))
def test_what_the_code_host_is_told_is_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))


def test_continuous_integration_may_only_read_and_runs_pinned_actions_on_each_python() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    [job] = flow["jobs"].values()
    assert "permissions" not in job
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert [one for one in used if not PIN.fullmatch(one)] == []
    assert len(re.findall(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.MULTILINE)) == len(used)
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]


def _first_cells(heading: str) -> list[str]:
    page = (DOCS / "interfaces.md").read_text("utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return _named_first(section)


def _named_first(section: str) -> list[str]:
    """What stands as code in the first cells of a section's tables."""
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name for cell in cells for name in CODE.findall(cell)]
