"""A loopback Slack with a private review channel, and the bot's own Slack side before it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.case import machine
from bot.case.events import AnyEvent
from bot.case.ids import CaseId
from bot.case.letter import Asked, Basis, Letter
from bot.case.model import Case
from bot.case.policy import Policy
from bot.case.standing import Standing
from bot.request_body import AS_IT_CAME
from bot.review.channel import Channel, Desk
from bot.review.client import slack_client
from bot.review.deciding import Deciding
from bot.review.door import Door, mount
from bot.review.listeners import bolt_app, dispatch
from bot.review.rooms import Rooms
from bot.review.stale import Letters
from bot.review.who import Directory
from bot.sandbox import slack as double
from bot.sandbox.clock import MovableClock
from bot.words.reading import Reader
from tests.review.connected import Office
from tests.review.stories import BASIS, NOW, REVIEW, VIEW
from tests.sandbox.slack.stage import HandClock

# Seconds that a look-up or an answer may take here: long, as machines may be busy with others.
PATIENCE = 20.0
POLICY = Policy(sender=BASIS.sender)
READER = Reader(company="Acme", link="[Stripe’s payment page]")


@dataclass(kw_only=True)
class Outcome:
    refused: str | None = None


@dataclass(kw_only=True)
class Book:
    """One case, and all that was said to have happened to it; `acts`: the machine answers."""

    case: Case = REVIEW
    refused: str | None = None
    broken: bool = False
    acts: bool = False
    before: Asked | None = None
    events: list[tuple[CaseId, AnyEvent]] = field(default_factory=list)

    async def find(self, case_id: CaseId) -> Case | None:
        return self.case if case_id == self.case.id else None

    async def asked(self, case_id: CaseId, revision: int) -> Asked | None:
        return self.before if (case_id, revision) == (self.case.id, REVIEW.revision) else None

    async def happened(self, case_id: CaseId, event: AnyEvent) -> Outcome:
        if self.broken:
            raise RuntimeError("the database is gone")
        self.events.append((case_id, event))
        if self.acts:
            step = machine.step(self.case, event, Standing(), POLICY)
            self.case = step.case
            return Outcome(refused=step.refused)
        return Outcome(refused=self.refused)


@dataclass(kw_only=True)
class Stage:
    """Everything between Slack and the case."""

    slack: double.Slack
    clock: HandClock
    client: AsyncWebClient
    rooms: Rooms
    people: Directory
    channel: Channel
    book: Book
    deciding: Deciding
    ana: double.User
    eve: double.User
    review: double.Channel
    vip: double.Channel

    def directory(
        self, *approvers: str, manager: str | None = None, within: float = PATIENCE
    ) -> Directory:
        return Directory(
            self.client,
            self.rooms,
            channel="dunning",
            approvers=frozenset(approvers),
            default_manager=manager,
            within=within,
        )

    def with_rooms_of(self, review: str) -> Channel:
        """A channel whose review channel the operator wrote as an id."""
        desk = Desk(review=review, vip=review, company="Acme")
        return Channel(
            self.client,
            rooms=self.rooms,
            people=self.people,
            clock=self.clock,
            desk=desk,
            read=read,
            fingerprint=READER.fingerprint,
        )

    def impatient(self) -> None:
        """Every look-up takes too long for a modal to wait for."""
        object.__setattr__(self.deciding, "patience", 0.0)

    def posts(self) -> int:
        return len(self.slack.calls("chat.postMessage"))


def read(_letter: Letter, _basis: Basis) -> tuple[str, str]:
    return VIEW.subject or "", VIEW.letter_text or ""


@pytest.fixture
def clock() -> HandClock:
    clock = HandClock()
    clock.moment = NOW
    return clock


@pytest.fixture
async def slack(clock: HandClock) -> AsyncIterator[double.Slack]:
    slack = double.Slack(clock)
    slack.patience = PATIENCE
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
async def client(slack: double.Slack, clock: HandClock) -> AsyncIterator[AsyncWebClient]:
    async with slack_client(slack.token, slack.api_url, clock) as made:
        yield made


@pytest.fixture
async def stage(
    slack: double.Slack, clock: HandClock, client: AsyncWebClient
) -> AsyncIterator[Stage]:
    ana = slack.add_user("ana", email="ana@acme.example", locale="fr-FR")
    eve = slack.add_user("eve", email="eve@acme.example", locale="es-ES")
    review = slack.add_channel("dunning", members=[ana])
    vip = slack.add_channel("vips", members=[ana])
    rooms = Rooms(client, clock)
    people = Directory(client, rooms, channel="#dunning", default_manager=ana.id, within=PATIENCE)
    desk = Desk(review="dunning", vip="vips", company="Acme", zone="Europe/Paris")
    channel = Channel(
        client,
        rooms=rooms,
        people=people,
        clock=clock,
        desk=desk,
        read=read,
        fingerprint=READER.fingerprint,
    )
    book = Book()
    deciding = Deciding(
        client=client,
        people=people,
        find=book.find,
        happened=book.happened,
        letters=Letters(asked=book.asked, reader=READER, policy=POLICY),
        clock=clock,
        desk=desk,
        patience=PATIENCE,
    )
    app = web.Application(handler_args=AS_IT_CAME)
    secrets = ("next-secret", slack.signing_secret)
    mount(app, Door(take=dispatch(bolt_app(deciding)), secrets=secrets, clock=clock))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.bot_url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield Stage(
        slack=slack,
        clock=clock,
        client=client,
        rooms=rooms,
        people=people,
        channel=channel,
        book=book,
        deciding=deciding,
        ana=ana,
        eve=eve,
        review=review,
        vip=vip,
    )
    await runner.cleanup()


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    slack = double.Slack(HandClock())
    await slack.start()
    slack.sockets.on = True
    ana = slack.add_user("ana")
    async with (
        slack_client(slack.token, slack.api_url, HandClock()) as client,
        AsyncExitStack() as stack,
    ):
        yield Office(
            slack=slack,
            ana=ana,
            channel=slack.add_channel("dunning", members=[ana]).id,
            client=client,
            clock=MovableClock(datetime(2026, 11, 17, 12, tzinfo=UTC)),
            stack=stack,
        )
    await slack.stop()
