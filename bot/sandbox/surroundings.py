"""What the sandbox is started in: a desktop, a terminal, somebody's keys. Pure."""

from collections.abc import Mapping

from bot.errors import Misconfigured
from bot.grammar import Unusable, whole
from bot.settings import SETTINGS
from bot.words import LOCALES, say

# What a program needs to run at all; and, where a model is far away, to reach it.
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")
ON_THE_WAY = (
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
MODEL = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL")
LIVE = ("sk_live_", "rk_live_")
HIGHEST_PORT = 65535


def language(started_in: Mapping[str, str]) -> str:
    """The language of whoever sits here, if it is one of ours; else English."""
    named = (started_in.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((one for one in named if one), "")
    return found[:2] if found[:2] in LOCALES else LOCALES[0]


def refuse_live_keys(started_in: Mapping[str, str]) -> None:
    """Raise Misconfigured where a key to real money is set: nothing here may come near it."""
    if started_in.get("STRIPE_API_KEY", "").strip().strip("\"'").startswith(LIVE):
        raise Misconfigured(
            (say(_spoken(started_in), "start.live_sandbox", name="STRIPE_API_KEY"),)
        )


def port(started_in: Mapping[str, str]) -> int | None:
    """The port that is asked for; None where none is. Raises Misconfigured for what is none."""
    text = started_in.get("PORT", "").strip()
    try:
        return whole(0, HIGHEST_PORT)(text) if text else None
    except Unusable as wrong:
        named = {"name": "PORT", "example": "8000", **wrong.values}
        raise Misconfigured((say(_spoken(started_in), f"config.{wrong.key}", **named),)) from None


def port_taken(started_in: Mapping[str, str], wanted: int) -> Misconfigured:
    """That another program listens where we were told to."""
    return Misconfigured((say(_spoken(started_in), "start.no_port", port=wanted),))


def real_model(started_in: Mapping[str, str]) -> dict[str, str]:
    """The settings of a model that somebody has a key for; none where they have no key."""
    if not started_in.get("OPENAI_API_KEY", "").strip():
        return {}
    usual = {one.name: one.default for one in SETTINGS}
    return {name: started_in.get(name, "").strip() or usual[name] for name in MODEL}


def for_a_child(started_in: Mapping[str, str]) -> dict[str, str]:
    """What a process of ours is started with, beside its settings: none of anybody's keys."""
    kept = (*KEPT, *(ON_THE_WAY if real_model(started_in) else ()))
    return {name: started_in[name] for name in kept if name in started_in}


def has_desktop(started_in: Mapping[str, str], platform: str) -> bool:
    """Whether a browser can be opened before somebody's eyes; `platform` is sys.platform."""
    if any(started_in.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "CI")):
        return False
    if platform == "darwin":
        return True
    return bool(started_in.get("DISPLAY") or started_in.get("WAYLAND_DISPLAY"))


def wants_colour(started_in: Mapping[str, str]) -> bool:
    """Whether a terminal may be coloured: https://no-color.org, and no TERM=dumb."""
    return not started_in.get("NO_COLOR") and started_in.get("TERM", "") not in {"", "dumb"}


def _spoken(started_in: Mapping[str, str]) -> str:
    """The language that the operator set for the bot."""
    return started_in.get("LOCALE", "").strip() or LOCALES[0]
