"""A DNS server on loopback, by UDP and TCP, that says what a test has put into it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.asyncresolver import Resolver

_UDP_BYTES = 512
_PIECE = 255  # bytes of a text that fit into one string


@dataclass(kw_only=True)
class NameServer:
    """`texts` by name; a name in `aliases` stands for another. What is `silent` gets no answer."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    over_tcp: list[str] = field(default_factory=list)
    port: int = 0

    def resolver(self) -> Resolver:
        """One that asks here, and does not wait for long."""
        found = Resolver(configure=False)
        found.nameservers, found.port = ["127.0.0.1"], self.port
        found.timeout = found.lifetime = 0.2 if self.silent else 5.0
        return found

    def answer(self, query: bytes) -> bytes | None:
        """What is said to a question; None: nothing at all."""
        question = dns.message.from_wire(query)
        said = dns.message.make_response(question)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        if name in self.broken:
            said.set_rcode(dns.rcode.SERVFAIL)
            return said.to_wire()
        if name in self.aliases:
            target = f"{self.aliases[name]}."
            said.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", target))
            name = self.aliases[name]
        if name not in self.texts:
            said.set_rcode(dns.rcode.NXDOMAIN)
        elif self.texts[name]:
            held = [_in_pieces(one) for one in self.texts[name]]
            said.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *held))
        return said.to_wire()

    async def by_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question, with its length before it."""
        length = int.from_bytes(await reader.readexactly(2))
        said = self.answer(await reader.readexactly(length)) or b""
        self.over_tcp.append(self.asked[-1])
        writer.write(len(said).to_bytes(2) + said)
        writer.close()
        await writer.wait_closed()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        said = self._server.answer(data)
        if said is None:
            return
        if len(said) > _UDP_BYTES:  # RFC 1035, section 4.2.1: the rest is asked for by TCP
            short = dns.message.make_response(dns.message.from_wire(data))
            short.flags |= dns.flags.TC
            said = short.to_wire()
        self._transport.sendto(said, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """Listens on one port of 127.0.0.1, by both."""
    found = NameServer()
    over_tcp = await asyncio.start_server(found.by_tcp, "127.0.0.1", 0)
    found.port = over_tcp.sockets[0].getsockname()[1]
    over_udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(found), ("127.0.0.1", found.port)
    )
    try:
        yield found
    finally:
        over_udp.close()
        over_tcp.close()
        await over_tcp.wait_closed()


def _in_pieces(text: str) -> str:
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return " ".join(f'"{one}"' for one in pieces)
