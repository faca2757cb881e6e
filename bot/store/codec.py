"""Our values as JSON and back: what is stored is exactly what the types say."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.case.events import AnyEvent
from bot.case.letter import Asked
from bot.case.model import Case
from bot.case.money import Money

Damaged = ValidationError  # what a body that can't be read raises

_CASE = TypeAdapter(Case)
_MONEY = TypeAdapter(tuple[Money, ...])
_ASKED = TypeAdapter(Asked)
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def case_to_json(case: Case) -> Any:  # noqa: ANN401 - JSON
    """A case for its `body` column."""
    return _CASE.dump_python(case, mode="json")


def case_from_json(body: Any) -> Case:  # noqa: ANN401 - JSON
    """The case in a `body` column; raises pydantic's ValidationError when it is damaged."""
    return _CASE.validate_python(body)


def money_to_json(sums: tuple[Money, ...]) -> Any:  # noqa: ANN401 - JSON
    """Sums for a JSON column."""
    return _MONEY.dump_python(sums, mode="json")


def money_from_json(body: Any) -> tuple[Money, ...]:  # noqa: ANN401 - JSON
    """Sums from a JSON column; none for NULL."""
    return _MONEY.validate_python(body or ())


def told_to_json(event: AnyEvent, asked: Asked | None) -> str:
    """An event for the journal, and the question it led to.

    Without the links, which are bearer credentials.
    """
    told = _EVENT.dump_python(event, mode="json", exclude={"links"})
    question = {"asked": _ASKED.dump_python(asked, mode="json")} if asked else {}
    return json.dumps(told | question, separators=(",", ":"))


def asked_from_json(text: str) -> Asked | None:
    """The question in what `told_to_json` wrote; None where it had none."""
    asked = json.loads(text).get("asked")
    return None if asked is None else _ASKED.validate_python(asked)
