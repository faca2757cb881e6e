"""What stands between: Heroku's router before the web dynos, TLS before the database. By asyncio.

Both only pass bytes on. The router leads to whichever dyno is the newest; the database's end takes
nobody who does not encrypt, as Heroku's does.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

CHUNK = 65_536
# https://www.postgresql.org/docs/current/protocol-message-formats.html: SSLRequest, GSSENCRequest
ASKS_TLS = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
ASKS_GSS = b"\x00\x00\x00\x08\x04\xd2\x16\x30"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    """Passes connections on to wherever `to` leads; `refused` counts those that it did not."""

    def __init__(
        self, to: Callable[[], Awaitable[Ends]], tls: ssl.SSLContext | None = None
    ) -> None:
        self.to = to
        self.refused = 0
        self.port = 0
        self._tls = tls
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._came, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Break off whatever is passing."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        far: asyncio.StreamWriter | None = None
        try:
            if self._tls is not None and not await _encrypted(reader, writer, self._tls):
                self.refused += 1
                return
            far_reader, far = await self.to()
            await asyncio.gather(_pass(reader, far), _pass(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            self.refused += 1
        except asyncio.CancelledError:
            return  # `stop` waits for us; asyncio's own callback would call this an error
        finally:
            for end in (writer, far):
                if end is not None:
                    end.close()


async def _encrypted(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: ssl.SSLContext
) -> bool:
    asked = await reader.readexactly(8)
    if asked == ASKS_GSS:
        writer.write(b"N")
        asked = await reader.readexactly(8)
    if asked != ASKS_TLS:
        return False
    writer.write(b"S")
    await writer.start_tls(tls)
    return True


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until this side has said all; then the other is told so."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()  # TLS can't be closed by half


def certificate(file: Path) -> ssl.SSLContext:
    """A server's, from a file with key and certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class Router(Relay):
    """Leads to the web dyno that `leads_to` names by its port; 0: there is none."""

    def __init__(self) -> None:
        super().__init__(self._dyno)
        self.leads_to = 0

    async def _dyno(self) -> Ends:
        return await asyncio.open_connection("127.0.0.1", self.leads_to or 1)
