"""Addresses of other systems, as an operator writes them: checked, and in the form we use.

Nothing here looks a name up. Raises Unusable, like the rest of the grammar.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from bot.grammar import Unusable

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_LOCAL_ENDINGS = (".internal", ".local", ".localhost")
_SENDGRID = ".sendgrid.com"
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")


def base(text: str) -> str:
    """A service's base address, without a slash at its end: https, or http among neighbours."""
    url = _split(text)
    plain = url.scheme == "http" and private(url.hostname or "")
    if not (url.scheme == "https" or plain) or not url.hostname:
        raise Unusable("not_a_base")
    if url.username is not None or url.query or url.fragment:
        raise Unusable("not_a_base")
    return text.rstrip("/")


def sentry(text: str) -> str:
    """A project's DSN, `https://key@host/number`; http among neighbours."""
    url = _split(text)
    plain = url.scheme == "http" and private(url.hostname or "")
    if not (url.scheme == "https" or plain) or not (url.hostname and url.username):
        raise Unusable("not_a_dsn")
    if url.query or url.fragment or not url.path.rpartition("/")[2].isdecimal():
        raise Unusable("not_a_dsn")
    return text


def host(text: str) -> str:
    """A host's bare name."""
    if not _HOST.fullmatch(text.lower()) or "." not in text:
        raise Unusable("not_a_host")
    return text.lower()


def by_scheme(*schemes: str) -> Callable[[str], str]:
    """A provider's address, `scheme://user:password@host:port`."""

    def read(text: str) -> str:
        url = _split(text)
        named = url.hostname if url.scheme.startswith("smtp") else url.netloc
        if url.scheme not in schemes or not named:
            raise Unusable("not_a_scheme", schemes=", ".join(f"{one}://" for one in schemes))
        return text

    return read


def mail(text: str) -> str:
    """The way out for letters: a mail server, or SendGrid's API by its key.

    Behind the key may stand a host: one of SendGrid's own, or a stand-in among neighbours.
    """
    found = by_scheme("smtp", "smtps", "sendgrid")(text)
    url = _split(text)
    if url.scheme == "sendgrid":
        key, at, _ = url.netloc.rpartition("@")
        place = url.hostname or ""
        if at and not (key and (place.endswith(_SENDGRID) or private(place))):
            raise Unusable("not_a_sendgrid")
        if ":" in (key or url.netloc) or url.path or url.query or url.fragment:
            raise Unusable("not_a_sendgrid")
    return found


def database(on_heroku: bool) -> Callable[[str], str]:
    """SQLAlchemy's address of a database: psycopg 3 or aiosqlite."""

    def read(text: str) -> str:
        scheme, colon, rest = text.partition("://")
        if not colon:
            scheme, rest = "sqlite", f"/{text}"
        if scheme in _POSTGRES and _place_of(_split(text)):
            return f"postgresql+psycopg://{_encrypted(rest) if on_heroku else rest}"
        if scheme not in _SQLITE or not rest.startswith("/") or not rest.strip("/"):
            raise Unusable("not_a_database")
        if on_heroku:
            raise Unusable("sqlite_on_heroku")
        return f"sqlite+aiosqlite://{rest}"

    return read


def loopback(name: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def private(name: str) -> bool:
    """Whether a host is this machine or a neighbour; link-local ones hold clouds' credentials."""
    try:
        found = ip_address(name)
    except ValueError:
        return name == "localhost" or "." not in name or name.endswith(_LOCAL_ENDINGS)
    return found.is_private and not found.is_link_local and not found.is_unspecified


def host_of(text: str | None) -> str:
    """The host of an address that was checked before; "" for none."""
    return (urlsplit(text).hostname or "") if text else ""


def secrets_of(text: str | None) -> tuple[str, ...]:
    """What must not be told of an address that was checked before, as written and as meant."""
    url = urlsplit(text or "")
    told = url.password or (url.netloc if "@" not in url.netloc else url.username)
    if not text or not told or (url.scheme.startswith("smtp") and not url.password):
        return ()
    return tuple({told, unquote(told)})


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise Unusable("not_an_address") from None
    if not text.isprintable() or " " in text:
        raise Unusable("not_an_address")
    return url


def _place_of(url: SplitResult) -> str | None:
    """A host, or the folder of a socket: `postgresql://user@/database?host=/run/postgresql`."""
    return url.hostname or dict(parse_qsl(url.query)).get("host")


def _encrypted(rest: str) -> str:
    """Heroku's databases are across a network that others share."""
    where, _, query = rest.partition("?")
    return f"{where}?{urlencode({'sslmode': 'require'} | dict(parse_qsl(query)))}"
