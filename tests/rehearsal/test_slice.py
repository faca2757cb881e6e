"""A short slice of `make rehearsal`, from the working tree: nothing is cloned or installed."""

import sys
from pathlib import Path

from rehearsal import stage, story
from rehearsal.source import ROOT, Slug
from rehearsal.story import Release


async def test_released_and_run_as_heroku_does_a_case_comes_to_its_end_and_nothing_is_lost() -> (
    None
):
    async with stage.stage(apart=False) as here:
        slug = Slug(folder=ROOT, programs=Path(sys.executable).parent, commit="this")
        await story.slice_of_it(here, Release(here, slug))
        assert here.short_of == []
