import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.__main__ import main
from bot.config import load, missing
from bot.settings import SETTINGS

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT.parent / "shared" / "data" / "schemas" / "heroku-app-json.schema.json"
PIN_FILES = ("requirements.txt", "requirements-test.txt")

# Stands in for Python in the Makefile's search; "python -m venv" leaves a copy of itself.
WORKING_PYTHON = """#!/bin/sh
echo "$(basename "$0") $*" >> calls
if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; fi
"""
SHIM_OF_A_MISSING_PYTHON = "#!/bin/sh\nexit 127\n"
PYTHON_WITHOUT_ENSUREPIP = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'


def test_every_requirement_is_pinned_to_a_version_and_its_hashes() -> None:
    for name in PIN_FILES:
        for pin in _pins(name).values():
            assert re.fullmatch(r"[a-z0-9-]+==\S+( --hash=sha256:[0-9a-f]{64})+", pin), pin


def test_the_pins_name_no_index_no_machine_and_no_path() -> None:
    for name in PIN_FILES:
        assert not re.search(r"(?m)://|^\s*-[^-]|--(?!hash=)| /", (ROOT / name).read_text())


def test_the_pins_hold_for_other_platforms_than_the_one_they_were_made_on() -> None:
    for compiled in ("aiohttp", "pydantic-core", "psycopg-binary", "sqlalchemy"):
        assert _pins("requirements.txt")[compiled].count("--hash") > 24, compiled


def test_the_tests_run_on_exactly_what_the_operator_runs() -> None:
    assert _pins("requirements.txt").items() <= _pins("requirements-test.txt").items()


@pytest.mark.parametrize("name", PIN_FILES)
def test_the_pins_are_what_pyproject_asks_for(name: str) -> None:
    for dependency in _dependencies(name):
        version = _version(dependency, name)
        assert dependency.specifier.contains(version), f"make requirements: {dependency}"


@pytest.mark.parametrize("name", PIN_FILES)
def test_every_dependency_has_its_reason_written_down(name: str) -> None:
    page = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    for dependency in _dependencies(name):
        assert f"| {dependency.name} | {_version(dependency, name)} | " in page, dependency.name


def test_heroku_finds_one_package_manager_only() -> None:
    others = ("uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "setup.py")
    assert [name for name in others if (ROOT / name).exists()] == []
    assert (ROOT / ".python-version").read_text() == "3.13\n"


@pytest.mark.skipif(not SCHEMA.exists(), reason="the vendor's schema is not part of the project")
def test_app_json_is_what_heroku_accepts() -> None:
    validator = Draft7Validator(json.loads(SCHEMA.read_text()))
    assert [error.message for error in validator.iter_errors(_app())] == []


def test_every_setting_on_herokus_form_explains_itself_and_none_is_demanded() -> None:
    """The first boot has to succeed without keys: its page then names what is missing."""
    for name, setting in _app()["env"].items():
        assert setting["description"].endswith("."), name
        assert not setting.get("required", True) or "generator" in setting, name


def test_heroku_makes_the_secret_of_our_own_links_and_no_other() -> None:
    generated = [name for name, setting in _app()["env"].items() if "generator" in setting]
    assert generated == ["SECRET_KEY"]


def test_heroku_knows_how_to_migrate_and_to_run_web_and_worker() -> None:
    assert _processes() == {
        "release": "python -m bot migrate",
        "web": "python -m bot web",
        "worker": "python -m bot worker",
    }


def test_every_process_is_a_command_of_the_program() -> None:
    for name, command in _processes().items():
        *python, subcommand = command.split()
        assert python == ["python", "-m", "bot"], name
        with pytest.raises(SystemExit) as helped:
            main([subcommand, "--help"])
        assert helped.value.code == 0, name


def test_herokus_form_asks_for_settings_that_exist_and_have_an_effect() -> None:
    known = {one.name: one for one in SETTINGS}
    later = {one.name for one in SETTINGS if one.later}
    asked = _app()["env"]
    assert set(asked) <= set(known) - later
    for name, setting in asked.items():
        assert setting.get("value", known[name].default) == known[name].default, name


def test_herokus_form_asks_for_all_without_which_nothing_works() -> None:
    assert {*missing(load({})), "SLACK_APP_TOKEN", "TEST_MAIL_TO"} <= _app()["env"].keys()


def test_heroku_tests_as_make_does() -> None:
    recipe = re.search(
        r"pytest \$\(or \$\(ARGS\),(.*)\)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert recipe
    script = _app()["environments"]["test"]["scripts"]["test"]
    assert script == f"python -m pytest {recipe[1]}"


def test_one_basic_dyno_is_enough_because_web_works_too() -> None:
    """A worker apart would double the price; it waits at 0 for whoever needs more.

    Eco dynos sleep, and the worker with them: no letter would leave until the next request.
    """
    assert _app()["formation"] == {
        "web": {"quantity": 1, "size": "basic"},
        "worker": {"quantity": 0, "size": "basic"},
    }
    assert _app()["formation"].keys() == _processes().keys() - {"release"}


def test_make_alone_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert declared
    listed = _make(ROOT, os.environ["PATH"]).stdout
    assert [line.split()[1] for line in listed.splitlines()] == declared[1].split()


def test_make_passes_over_a_python_that_is_on_the_path_but_does_not_run(tmp_path: Path) -> None:
    path = _machine(
        tmp_path, {"python3.13": SHIM_OF_A_MISSING_PYTHON, "python3.12": WORKING_PYTHON}
    )
    assert _make(tmp_path, path, ".venv/.ready").returncode == 0
    assert "python3.12 -m venv .venv" in (tmp_path / "calls").read_text()
    assert (tmp_path / ".venv" / ".ready").exists()


def test_make_says_in_a_sentence_that_venv_is_missing(tmp_path: Path) -> None:
    path = _machine(tmp_path, {"python3": PYTHON_WITHOUT_ENSUREPIP})
    made = _make(tmp_path, path, ".venv/.ready")
    assert made.returncode != 0
    assert "install python3-venv" in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_says_in_a_sentence_that_no_python_was_found(tmp_path: Path) -> None:
    made = _make(tmp_path, _machine(tmp_path, {}), ".venv/.ready")
    assert made.returncode != 0
    assert "No Python of 3.11 or later was found" in made.stderr


def test_make_takes_the_python_it_is_told_to(tmp_path: Path) -> None:
    path = _machine(tmp_path, {"python3.13": WORKING_PYTHON, "mine": WORKING_PYTHON})
    _make(tmp_path, path, ".venv/.ready", "PYTHON=mine")
    assert "mine -m venv .venv" in (tmp_path / "calls").read_text()


def test_make_begins_anew_when_an_environment_is_half_made(tmp_path: Path) -> None:
    path = _machine(tmp_path, {"python3": WORKING_PYTHON})
    leftover = tmp_path / ".venv" / "leftover"
    leftover.parent.mkdir()
    leftover.touch()
    assert _make(tmp_path, path, ".venv/.ready").returncode == 0
    assert not leftover.exists()


def test_the_sandbox_needs_no_test_requirements(tmp_path: Path) -> None:
    path = _machine(tmp_path, {"python3": WORKING_PYTHON})
    assert _make(tmp_path, path, "sandbox", "ONCE=1").returncode == 0
    calls = (tmp_path / "calls").read_text()
    assert "--require-hashes -r requirements.txt" in calls
    assert "requirements-test.txt" not in calls
    assert calls.endswith("python -m bot sandbox --once\n")


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().replace("\\\n", "").splitlines()
    pins = [" ".join(line.split()) for line in lines if line and not line.lstrip().startswith("#")]
    return {pin.partition("==")[0]: pin for pin in pins}


def _dependencies(name: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runs, tests = project["dependencies"], project["optional-dependencies"]["test"]
    return [Requirement(line) for line in (runs if name == "requirements.txt" else tests)]


def _version(dependency: Requirement, name: str) -> str:
    pin = _pins(name)[canonicalize_name(dependency.name)]
    return pin.partition("==")[2].split()[0]


def _app() -> dict[str, Any]:
    app: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return app


def _processes() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def _machine(folder: Path, pythons: dict[str, str]) -> str:
    """Put the Makefile where PATH, which is returned, holds these Pythons and no other."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("basename", "cp", "mkdir", "rm", "touch"):
        (programs / name).symlink_to(str(shutil.which(name)))
    for name, script in pythons.items():
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").touch()
    return str(programs)


def _make(folder: Path, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make
    return subprocess.run(
        [make, "--no-print-directory", *arguments],
        cwd=folder,
        env={"PATH": path},  # and none of the variables of a make that runs these tests
        capture_output=True,
        text=True,
        check=False,
    )
