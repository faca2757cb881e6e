"""A model to ask, and a writer that asks it."""

from collections.abc import AsyncIterator

import pytest

from bot.drafting.writer import ModelWriter
from bot.sandbox.model import Model
from tests.drafting.letters import serving, writing


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with serving() as model:
        yield model


@pytest.fixture
async def writer(model: Model) -> AsyncIterator[ModelWriter]:
    async with writing(model.base_url, seconds=20) as writer:
        yield writer
