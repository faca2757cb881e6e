"""Settings as they are typed: for Heroku's command line, and for a file of a shell's. Pure."""

import shlex
from collections.abc import Mapping


def heroku(values: Mapping[str, str]) -> str:
    """One command, a restart."""
    return " ".join(["heroku config:set", *(f"{name}={_quoted(values[name])}" for name in values)])


def dotenv(values: Mapping[str, str]) -> str:
    """A line each."""
    return "\n".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: str) -> str:
    """As it stands where a shell would leave it so: an ellipsis is for a person to replace."""
    return (
        value
        if shlex.quote(value.replace("…", "")) == value.replace("…", "")
        else shlex.quote(value)
    )
