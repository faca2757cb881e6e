"""Deploys this repository as Heroku does, on this machine, with no account: `make rehearsal`.

Prints each step with its figure, and ends with 1 when one breaks a promise.
"""

import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rehearsal import procfile, source, stage, story
from rehearsal.source import CannotRehearse, Slug
from rehearsal.stage import Stage
from rehearsal.story import Release


async def rehearsed(folder: Path) -> None:
    """The whole of it. Raises CannotRehearse, or Lost."""
    earlier = source.previous()
    by = "heroku local" if procfile.has_heroku() else "our own reader of the Procfile"
    print(f"The processes are run by {by}.", flush=True)
    async with stage.stage(apart=True) as here:
        release = Release(here, _built(here, folder / "new", "HEAD"))
        previous = Release(here, _built(here, folder / "old", earlier))
        await story.whole(here, release, previous)
    if here.short_of:
        raise story.Lost(f"not within its bound: {', '.join(here.short_of)}")


def _built(here: Stage, folder: Path, commit: str) -> Slug:
    """Cloned and installed, as Heroku's build does it; an environment is shared where it can be."""
    began = time.monotonic()
    name = source.cloned(folder, commit)
    here.seconds(f"clone of {name[:9]}", time.monotonic() - began)
    began = time.monotonic()
    programs, fresh = source.installed(folder, folder.parent / "environments")
    asked = f"Python {source.checked(folder)}, --require-hashes" if fresh else "the same as above"
    here.seconds("  its requirements", time.monotonic() - began, remark=asked)
    return Slug(folder=folder, programs=programs, commit=name)


def main() -> int:
    """The process's exit code."""
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        try:
            asyncio.run(rehearsed(Path(folder)))
        except (CannotRehearse, AssertionError, subprocess.CalledProcessError) as broken:
            print(f"\n{broken}\nbroken off", flush=True)
            return 1
    print(f"\nall holds, in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
