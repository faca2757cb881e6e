"""A mail server on loopback that answers, drops or falls silent at the step it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.delivery.smtp import Server, Smtp
from bot.delivery.transport import Mail, Receipt
from tests.delivery.letters import mail

DROP = "drop"
SILENCE = "silence"
GOOD = {
    "CONNECT": "220 wire.test ready",
    "EHLO": "250-wire.test\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 fine",
    "RCPT": "250 2.1.5 fine",
    "DATA": "354 go on",
    ".": "250 2.0.0 Ok: queued as 4F2A",
    "QUIT": "221 bye",
}


@dataclass
class Wire:
    """What a conversation was like. `content` is what came between DATA and the dot."""

    answers: dict[str, str]
    port: int = 0
    commands: list[str] = field(default_factory=list)
    content: list[bytes] = field(default_factory=list)
    complete: int = 0
    _held: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer("CONNECT", writer)
            while line := await reader.readline():
                await self._command(line, reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _command(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.commands.append(line.decode().strip())
        verb = line.split()[0].decode().upper()
        await self._answer(verb, writer)
        if verb == "DATA" and self.answers["DATA"].startswith("354"):
            await self._take(reader)
            await self._answer(".", writer)

    async def _take(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line == b".\r\n":
                self.complete += 1
                return
            if self.answers.get("BODY") == DROP:
                raise ConnectionAbortedError
            self.content.append(line)

    async def _answer(self, verb: str, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(verb, "502 5.5.1 what?")
        if answer == DROP:
            writer.transport.abort()
            raise ConnectionAbortedError
        if answer == SILENCE:
            await self._held.wait()
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def wire(**answers: str) -> AsyncIterator[Wire]:
    """Such a server; `dot` names the answer to the final dot."""
    said = {"." if verb == "dot" else verb.upper(): answer for verb, answer in answers.items()}
    made = Wire(answers=GOOD | said)
    talks: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []

    def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append((asyncio.create_task(made.talk(reader, writer)), writer))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made._held.set()
        server.close()
        await asyncio.gather(*(task for task, _ in talks), return_exceptions=True)
        for _, writer in talks:  # a talk that was ended before it began has closed nothing
            writer.close()


def at(port: int, **changes: object) -> Server:
    known: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "user": None,
        "password": None,
        "tls_first": False,
    }
    return Server(**(known | changes))  # type: ignore[arg-type]


async def sent(port: int, letter: Mail | None = None, deadline: float = 5.0) -> Receipt:
    return await Smtp(at(port), deadline=deadline).send(letter or mail())
