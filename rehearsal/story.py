"""The deploy, step by step: each is measured, and whatever breaks a promise ends it."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence

import aiohttp

from bench.bot_process import STRIPE_WEBHOOK, quiet_port
from bot.sandbox.page.cast import AOIFE, FRENCH, JAPANESE, KUWAITI, NEW, SPANISH
from rehearsal import dyno, procfile
from rehearsal.desk import Lost
from rehearsal.procfile import Formation
from rehearsal.source import CannotRehearse, Slug
from rehearsal.stage import Stage, counting

BINDS_WITHIN = 60.0  # seconds: https://devcenter.heroku.com/articles/error-codes#r10-boot-timeout
ENDS_WITHIN = 10.0
IN_HAND = (FRENCH.name, SPANISH.name, NEW.name)
CANT_BE_USED = 78
# Where the counterparts are, and how long an approved letter waits: nobody needs to set these.
OUTSIDE_THE_FORM = {"STRIPE_API_BASE", "SLACK_API_URL", "UNDO_SECONDS"}
PATIENCE = aiohttp.ClientTimeout(total=5.0)


class Release:
    """One release of the app on this stage: its release phase, and its dynos."""

    def __init__(self, stage: Stage, slug: Slug) -> None:
        self.stage = stage
        self.slug = slug
        self.name = slug.commit[:9]
        self._config = dyno.form(slug.folder) | {"DATABASE_URL": stage.addon.url}
        nowhere = stage.desk.settings.keys() - dyno.asks_for(slug.folder) - OUTSIDE_THE_FORM
        if nowhere:
            raise CannotRehearse(f"The form of app.json does not ask for {sorted(nowhere)}.")

    async def releases(self) -> None:
        """Run the Procfile's release line; raises Lost when it fails."""
        with self.stage.timed(f"release phase of {self.name}", 120.0):
            environ = dyno.environ(self.slug.programs, self._config, 0)
            code, said = await procfile.once(self.slug.folder, "release", environ)
        print(f"    {said}", flush=True)
        if code:
            raise Lost(f"the release phase ended with {code}")

    async def refuses_sqlite(self) -> None:
        """A dyno's disk is wiped: the app must not start on it."""
        config = self._config | {"DATABASE_URL": "sqlite:///dunning.sqlite3"}
        environ = dyno.environ(self.slug.programs, config, quiet_port())
        code, said = await procfile.once(self.slug.folder, "web", environ)
        self.stage.exactly("SQLite on a dyno: exit code", code, CANT_BE_USED)
        print(f"    {said}", flush=True)

    async def boots_without_keys(self) -> None:
        """Binds, serves its page, and answers 503 to what it could not keep."""
        port = quiet_port()
        environ = dyno.environ(self.slug.programs, self._config, port)
        first = self._dynos(["web"], environ)
        with self.stage.timed("first boot without keys: until it binds", BINDS_WITHIN):
            await first.start()
            await self._answers(first, port, "/healthz", "alive")
        page = await _got(port, "/")
        names = [name for name in ("STRIPE_API_KEY", "SLACK_BOT_TOKEN") if name in page[1]]
        self.stage.exactly("  its first page", page[0], 200, f"names {', '.join(names)}")
        statuses = [(await _got(port, path, post=True))[0] for path in POSTED]
        self.stage.exactly("  webhook and Slack's requests answered 503", statuses.count(503), 2)
        self.ended(first, await first.end())

    async def up(self, names: Sequence[str]) -> tuple[Formation, int]:
        """Start dynos with all keys; return once the web dyno works. The router is not told."""
        port = quiet_port()
        config = self._config | self.stage.desk.settings
        environ = dyno.environ(self.slug.programs, config, port)
        dynos = self._dynos(names, environ)
        with self.stage.timed(f"{' and '.join(names)} of {self.name}: until ready", BINDS_WITHIN):
            await dynos.start()
            await self._answers(dynos, port, "/readyz", '"ready": true')
        return dynos, port

    def _dynos(self, names: Sequence[str], environ: Mapping[str, str]) -> Formation:
        """Which are ended with the stage, if not before."""
        dynos = Formation(self.slug.folder, names, environ)
        self.stage.dynos.append(dynos)
        return dynos

    def ended(self, dynos: Formation, took: float) -> None:
        """Tell how long SIGTERM took, and that every line was JSON."""
        names = " and ".join(dynos.names)
        self.stage.seconds(f"  SIGTERM until {names} had ended", took, ENDS_WITHIN)
        wrong = [text for _, text in dynos.lines if not _is_json(text)]
        self.stage.exactly(
            "  lines of the log that are not JSON", len(wrong), 0, f"of {len(dynos.lines)}"
        )

    async def _answers(self, dynos: Formation, port: int, path: str, wanted: str) -> None:
        ends = time.monotonic() + BINDS_WITHIN
        while wanted not in (await _got(port, path))[1]:
            if time.monotonic() > ends or any(code is not None for code in dynos.codes.values()):
                raise Lost(f"{path} did not come up:\n{dynos.said()}")
            await asyncio.sleep(0.05)


POSTED = (STRIPE_WEBHOOK, "/slack/events")


async def slice_of_it(stage: Stage, release: Release) -> None:
    """Release, web and worker, one case, SIGTERM: what the tests run, without a model."""
    stage.desk.settings["OPENAI_API_KEY"] = ""
    await release.releases()
    dynos, stage.router.leads_to = await release.up(["web", "worker"])
    async with counting(stage):
        with stage.timed("one case from the failure to the money"):
            await stage.desk.works(AOIFE.name)
        stage.connected("connections of web and worker at most", 2)
    release.ended(dynos, await dynos.end())
    stage.exactly("mails", await stage.desk.mails(AOIFE.name), 1)


async def whole(stage: Stage, release: Release, previous: Release) -> None:
    """From the first boot to a rollback and forward again."""
    await release.releases()
    await release.refuses_sqlite()
    await release.boots_without_keys()
    async with counting(stage):
        dynos = await _first(stage, release)
        dynos = await _deploy(stage, release, dynos)
        await _rollback(stage, release, previous, dynos)
    stage.exactly("connections to the database without TLS", stage.addon.relay.refused, 0)


async def _first(stage: Stage, release: Release) -> Formation:
    dynos, stage.router.leads_to = await release.up(["web", "worker"])
    with stage.timed("one case from the failure to the money"):
        await stage.desk.works(AOIFE.name)
    stage.connected("connections of web and worker at most", 2)
    return dynos


async def _deploy(stage: Stage, release: Release, old: Formation) -> Formation:
    """New dynos beside the old ones, which are then ended with letters in the making."""
    await stage.desk.visitor.do("faults.mood", mood="slow")
    for name in IN_HAND:
        await stage.desk.fails(name)
    await asyncio.sleep(2.0)  # until the model was asked for them
    unwritten = [name for name in IN_HAND if not await stage.desk.cards(name)]
    stage.exactly("a deploy: letters in the making", len(unwritten), len(IN_HAND))
    dynos, stage.router.leads_to = await release.up(["web", "worker"])
    release.ended(old, await old.end())
    stage.connected("connections of old and new dynos side by side at most", 4)
    await stage.desk.visitor.do("faults.mood", mood="sensible")
    with stage.timed("until all of them were mailed"):
        for name in IN_HAND:
            await stage.desk.approves(name)
        for name in IN_HAND:
            await stage.desk.mailed(name)
    await _once_each(stage, IN_HAND)
    return dynos


async def _rollback(stage: Stage, release: Release, previous: Release, new: Formation) -> None:
    """A case begins in the new release, is answered in the old one, and ends in the new one."""
    revision = stage.addon.revision()
    await stage.desk.fails(JAPANESE.name)
    await stage.desk.until("a card", lambda: stage.desk.cards(JAPANESE.name))
    print(f"  back to {previous.name}, whose schema is older than {revision}", flush=True)
    await previous.releases()
    old, stage.router.leads_to = await previous.up(["web", "worker"])
    release.ended(new, await new.end())
    with stage.timed("a case that the newer release began: approved, and mailed"):
        await stage.desk.approves(JAPANESE.name)
        await stage.desk.mailed(JAPANESE.name)
    with stage.timed("a case of its own: from the failure to the mail"):
        await stage.desk.fails(KUWAITI.name)
        await stage.desk.approves(KUWAITI.name)
        await stage.desk.mailed(KUWAITI.name)
    print(f"  forward again to {release.name}", flush=True)
    await release.releases()
    dynos, stage.router.leads_to = await release.up(["web", "worker"])
    previous.ended(old, await old.end())
    with stage.timed("both cases: from the money to the end"):
        for name in (JAPANESE.name, KUWAITI.name):
            await stage.desk.pays(name)
            await stage.desk.closed(name)
    stage.connected("connections of both releases side by side at most", 4)
    await _once_each(stage, (JAPANESE.name, KUWAITI.name))
    release.ended(dynos, await dynos.end())


async def _once_each(stage: Stage, names: Sequence[str]) -> None:
    mails = [await stage.desk.mails(name) for name in names]
    cards = [len(await stage.desk.cards(name)) for name in names]
    stage.exactly("  lost", mails.count(0) + cards.count(0), 0)
    stage.exactly("  doubled", sum(one > 1 for one in (*mails, *cards)), 0)


async def _got(port: int, path: str, *, post: bool = False) -> tuple[int, str]:
    """Status and text; 0 and nothing while nobody listens."""
    url = f"http://127.0.0.1:{port}{path}"
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.request("POST" if post else "GET", url) as answer,
        ):
            return answer.status, await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return 0, ""


def _is_json(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and {"at", "level", "event"} <= found.keys()
