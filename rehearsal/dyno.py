"""What a dyno is started with: app.json's form as Heroku fills it in, and what Heroku adds."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

# Of this machine only what a process needs to run at all.
KEPT = ("HOME", "TMPDIR", "SYSTEMROOT")


def form(folder: Path) -> dict[str, str]:
    """The config vars of an app whose form nobody filled in: defaults, and what Heroku makes.

    https://devcenter.heroku.com/articles/app-json-schema#env
    """
    asked = json.loads((folder / "app.json").read_text("utf-8"))["env"]
    made = {name: one["value"] for name, one in asked.items() if "value" in one}
    keys = [name for name, one in asked.items() if one.get("generator") == "secret"]
    return made | {name: secrets.token_hex(32) for name in keys}


def asks_for(folder: Path) -> frozenset[str]:
    """Every name on that form."""
    return frozenset(json.loads((folder / "app.json").read_text("utf-8"))["env"])


def environ(programs: Path, config: Mapping[str, str], port: int) -> dict[str, str]:
    """A dyno's whole environment; `programs` is the folder in which its `python` is."""
    here = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    ours = {"DYNO": "web.1", "LANG": "en_US.UTF-8", "PYTHONUNBUFFERED": "true"}
    return {**here, "PATH": path, **ours, **config, "PORT": str(port)}
