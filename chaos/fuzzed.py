"""Requests that nobody should send to our two POST routes: made from a seed, none of them good.

Each is the bytes of a whole HTTP request. What is correctly signed is damaged before it is signed,
in a place that decides what it means; so an answer of 200 may only mean that it does not matter.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from chaos.nasty import BODIES, VALUES, words

Json = dict[str, Any]
Sign = Callable[[bytes], Mapping[str, str]]  # the headers of a good signature

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
TYPES: Final = (JSON, FORM, "text/plain", "multipart/form-data", "a/b; charset=utf-99", "", "💥")
HOSTILE_HEADERS: Final = (
    *(b"X: \x00", b"X: a\rb", b": x", b"X : x", b"X", b"Content-Length: -1", b"Content-Length: x"),
    *(
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding: x",
        b"Expect: x",
        b"X: \xff\xfe",
    ),
    *(b"Content-Length: 1\r\nContent-Length: 2", b"Host: a\r\nHost: b", b"X: " + b"x" * 9000),
    *(
        b"Content-Encoding: gzip",
        b"Content-Encoding: br, x",
        b"Upgrade: websocket",
        b"Cookie: \x01",
    ),
)
MOST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Fuzzed:
    """A request. `kind` is for the table; `may_pass`: 200 is as good an answer as a refusal.

    `framed`: as HTTP it is well formed, so it gets an answer; else the connection may just end.
    """

    kind: str
    raw: bytes
    may_pass: bool = False
    framed: bool = True


@dataclass(frozen=True, kw_only=True)
class Route:
    """One of the two: what a good body is like, and how it is signed.

    `decisive` are the places in `good` that decide what it means; `wrap` makes a body of it.
    """

    path: str
    good: Json
    sign: Sign
    wrap: Callable[[Json], bytes]
    decisive: tuple[tuple[str | int, ...], ...]
    others: tuple[Json, ...] = ()
    words: list[str] = field(default_factory=words)


def fuzzed(route: Route, count: int, seed: int) -> Iterator[Fuzzed]:
    """So many requests; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - it is to be repeatable
    makers = (unsigned, forged, bent, nonsense, damaged, damaged, other, misframed)
    for number in range(count):
        if number % 100 == 0:
            yield too_large(route)
        else:
            yield chance.choice(makers)(route, chance)


def unsigned(route: Route, chance: random.Random) -> Fuzzed:
    """Any bytes, with no signature."""
    body = chance.choice((chance.randbytes(chance.randrange(3000)), chance.choice(BODIES)))
    return Fuzzed(kind="unsigned", raw=_post(route, body, {}, chance))


def forged(route: Route, chance: random.Random) -> Fuzzed:
    """A good body with headers that only look like a signature."""
    body = route.wrap(route.good)
    headers = {}
    for name, value in route.sign(body).items():
        looks = (value[:-1], value + "0", value + "x", value[1:], value.swapcase() + "=")
        junk = ("", "v0=", "t=,v1=", "t=1,v1=" + "0" * 64, "💥", "9" * 30)
        headers[name] = chance.choice((*looks, *junk, chance.choice(BODIES).hex()))
    return Fuzzed(kind="forged", raw=_post(route, body, headers, chance))


def bent(route: Route, chance: random.Random) -> Fuzzed:
    """Signed, and altered on the way."""
    body = bytearray(route.wrap(route.good))
    headers = route.sign(bytes(body))
    for _ in range(chance.randrange(1, 8)):
        body[chance.randrange(len(body))] ^= chance.randrange(1, 256)
    return Fuzzed(kind="altered", raw=_post(route, bytes(body), headers, chance))


def nonsense(route: Route, chance: random.Random) -> Fuzzed:
    """Correctly signed, and not of any known shape."""
    value = chance.choice((chance.choice(VALUES), chance.choice(route.words)))
    whole = json.dumps(value).encode()
    body = chance.choice((chance.choice(BODIES), whole, chance.randbytes(200), whole[:-1]))
    return _signed(route, body, chance, "signed nonsense")


def damaged(route: Route, chance: random.Random) -> Fuzzed:
    """Correctly signed, and damaged where it matters."""
    thing = copy.deepcopy(route.good)
    _put(thing, chance.choice(route.decisive), _damage(route, chance), chance)
    return _signed(route, route.wrap(thing), chance, "signed, damaged")


def other(route: Route, chance: random.Random) -> Fuzzed:
    """Correctly signed, of a kind that is not our business; anything may stand in it."""
    thing = copy.deepcopy(chance.choice(route.others))
    for _ in range(chance.randrange(4)):
        _put(thing, _somewhere(thing, chance), _damage(route, chance), chance)
    return _signed(route, route.wrap(thing), chance, "signed, of another kind")


def misframed(route: Route, chance: random.Random) -> Fuzzed:
    """Not HTTP any more."""
    body = route.wrap(route.good)
    head = _head(route, {}, JSON).split(b"\r\n")
    match chance.randrange(5):
        case 0:
            head[chance.randrange(len(head))] = chance.randbytes(chance.randrange(1, 60))
        case 1:
            head.append(b"Transfer-Encoding: chunked")
            body = chance.choice((b"x\r\n", b"fffffffff\r\n", b"5\r\nabc", b"-1\r\n\r\n", body))
        case 2:  # more is announced than comes
            return Fuzzed(
                kind="misframed",
                raw=_join([*head, b"Content-Length: %d" % (len(body) + 9)], body),
                framed=False,
            )
        case 3:
            head.append(chance.choice(HOSTILE_HEADERS))
        case _:
            head = [b"%s /%s HTTP/9.9" % (chance.choice((b"POST", b"P\x00ST")), b"a" * 9000)]
    raw = _join([*head, b"Content-Length: %d" % len(body)], body)
    return Fuzzed(kind="misframed", raw=raw, framed=False)


def too_large(route: Route) -> Fuzzed:
    """Larger than anything that is ever sent."""
    body = b"x" * (MOST + 1)
    head = _head(route, dict(route.sign(b"")), JSON)
    raw = _join([head, b"Content-Length: %d" % len(body)], body)
    return Fuzzed(kind="too large", raw=raw, framed=False)


def _signed(route: Route, body: bytes, chance: random.Random, kind: str) -> Fuzzed:
    raw = _post(route, body, route.sign(body), chance)
    return Fuzzed(kind=kind, raw=raw, may_pass=True)


def _damage(route: Route, chance: random.Random) -> object:
    """No id, no name and no number that could mean anything."""
    return chance.choice((copy.deepcopy(chance.choice(VALUES)), f" {chance.choice(route.words)}"))


def _somewhere(thing: object, chance: random.Random) -> tuple[str | int, ...]:
    """A place anywhere in it."""
    place: list[str | int] = []
    while isinstance(thing, dict | list) and thing and (not place or chance.random() < 0.8):  # noqa: PLR2004
        key: Any = chance.choice(list(thing) if isinstance(thing, dict) else range(len(thing)))
        place.append(key)
        thing = thing[key]
    return tuple(place)


def _put(thing: Any, place: tuple[str | int, ...], value: object, chance: random.Random) -> None:  # noqa: ANN401 - any JSON
    if not place:
        return
    for step in place[:-1]:
        thing = thing[step]
    if chance.random() < 0.2:  # noqa: PLR2004 - one in five is missing
        del thing[place[-1]]
    else:
        thing[place[-1]] = value


def _post(route: Route, body: bytes, signed: Mapping[str, str], chance: random.Random) -> bytes:
    usual = FORM if body.startswith(b"payload=") else JSON
    kind = chance.choice((usual, usual, usual, *TYPES))
    head = _head(route, signed, kind)
    return _join([head, b"Content-Length: %d" % len(body)], body)


def _head(route: Route, headers: Mapping[str, str], kind: str) -> bytes:
    lines = [f"POST {route.path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Type: {kind}"]).encode("utf-8", "surrogatepass")


def _join(lines: list[bytes], body: bytes) -> bytes:
    return b"\r\n".join([*lines, b"", body])


def as_form(payload: Json) -> bytes:
    """As Slack sends what people press."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def as_json(thing: Json) -> bytes:
    """As Stripe sends its events."""
    return json.dumps(thing).encode()
