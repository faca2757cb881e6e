"""What DNS has in its TXT records, as far as it answers."""

from collections.abc import Awaitable, Callable
from typing import Final

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

# The texts under a name, () where there are none; None: DNS did not answer.
Texts = Callable[[str], Awaitable[tuple[str, ...] | None]]
SECONDS: Final = 3.0  # for one name, however many servers are asked


def system() -> Resolver:
    """The resolver that this machine is set up with; raises DNSException where there is none."""
    found = Resolver()
    found.lifetime = SECONDS
    return found


def texts_of(resolver: Callable[[], Resolver]) -> Texts:
    """Ask this resolver; what was truncated is asked again by TCP, aliases are followed."""

    async def texts(name: str) -> tuple[str, ...] | None:
        try:
            answer = await resolver().resolve(name, "TXT", search=False)
        except (NXDOMAIN, NoAnswer):
            return ()
        except (DNSException, OSError):
            return None
        # A long text comes in pieces that belong together without a space: RFC 7208, section 3.3.
        return tuple(b"".join(one.strings).decode("utf-8", "replace") for one in answer)

    return texts
