"""Stripe's form encoding: `created[gte]=3&expand[0]=customer` in, nested values out."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox import stripe_refusals as refusals

Params = Mapping[str, Any]

LARGEST_PAGE = 100
_OPERATORS = {"gt", "gte", "lt", "lte"}


def parsed(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested parameters; numbered or empty brackets make lists."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", key)
        node = result
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        last = steps[-1] if steps else key
        node[str(len(node)) if last == "" else last] = value
    return {name: _listed(value) for name, value in result.items()}


def limit_of(params: Params) -> int:
    """The page size, 10 unless asked; raises RefusalError outside 1 to 100."""
    limit = _integer(params.get("limit", "10"), "limit")
    if limit > LARGEST_PAGE or limit < 1:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        raise refusals.bad_value(
            "limit",
            f"This value must be {bound} (it currently is '{limit}').",
            "parameter_invalid_integer",
        )
    return limit


def moment_matches(at: int, asked: Any) -> bool:  # noqa: ANN401 - whatever the caller wrote
    """Whether Unix seconds lie in a `created` filter: exact, or by gt, gte, lt, lte."""
    if asked is None:
        return True
    if not isinstance(asked, dict):
        return at == _integer(asked, "created")
    for name, value in asked.items():
        if name not in _OPERATORS:
            raise refusals.unknown_parameter(f"created[{name}]")
        bound = _integer(value, f"created[{name}]")
        holds = {"gt": at > bound, "gte": at >= bound, "lt": at < bound, "lte": at <= bound}
        if not holds[name]:
            return False
    return True


def _integer(value: Any, name: str) -> int:  # noqa: ANN401 - whatever the caller wrote
    if not re.fullmatch(r"-?\d+", str(value)):
        raise refusals.bad_value(name, f"Invalid integer: {value}", "parameter_invalid_integer")
    return int(str(value))


def _listed(value: Any) -> Any:  # noqa: ANN401 - a tree of anything
    if not isinstance(value, dict):
        return value
    inside = {name: _listed(child) for name, child in value.items()}
    return list(inside.values()) if all(name.isdigit() for name in inside) else inside
