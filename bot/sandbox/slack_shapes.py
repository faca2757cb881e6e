"""Small checks that add up to what Slack refuses, each naming the place as Slack names it."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

Check = Callable[[object, str], Iterator[str]]


def problem(message: str, path: str) -> str:
    """One line of Slack's `errors`: what is wrong, and the JSON pointer to it."""
    return f"{message} [json-pointer:{path}]"


def chars(low: int, high: int) -> Check:
    """A string of low to high characters."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", path)
        elif len(value) < low:
            yield problem(f"must be more than {low - 1} characters", path)
        elif len(value) > high:
            yield problem(f"must be less than {high + 1} characters", path)

    return check


def web_address(high: int) -> Check:
    """An absolute http or https address."""

    def check(value: object, path: str) -> Iterator[str]:
        yield from chars(1, high)(value, path)
        if isinstance(value, str):
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.netloc:
                yield problem("must be a valid URL", path)

    return check


def flag(value: object, path: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", path)


def whole(low: int, high: int) -> Check:
    """A whole number between low and high."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            yield problem(f"must be a whole number from {low} to {high}", path)

    return check


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: object, path: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", path)

    return check


def items(low: int, high: int, each: Check) -> Check:
    """A list of low to high things that each pass."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", path)
            return
        if len(value) < low:
            yield problem(f"no less than {low} items allowed", path)
        if len(value) > high:
            yield problem(f"no more than {high} items allowed", path)
        for index, item in enumerate(value):
            yield from each(item, f"{path}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no other."""
    fields = {**required, **(optional or {})}

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", path)
            return
        for name in required:
            if name not in value:
                yield problem(f"missing required field: {name}", path)
        for name, part in value.items():
            if name in fields:
                yield from fields[name](part, f"{path}/{name}")
            else:
                yield problem(f"no such field: {name}", path)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of these checks it has to pass."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", path)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield problem("missing required field: type", path)
        elif kind not in kinds:
            yield problem(f"unsupported type: {kind}", f"{path}/type")
        else:
            yield from kinds[kind](value, path)

    return check


def anything(_value: object, _path: str) -> Iterator[str]:
    """Whatever it is."""
    return iter(())


def both(*checks: Check) -> Check:
    """All of these checks."""

    def check(value: object, path: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, path)

    return check
