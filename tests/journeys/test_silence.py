"""What is nobody's business appears in no log, no prompt and no exception."""

import logging
from collections.abc import Iterator

import pytest

from bot import log
from bot.log import tell
from bot.review import actions
from bot.sandbox.slack import Fault
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE
from tests.test_sentry import reporting, sentry

NAME = "Zephyrine Quatrebarbes"
ADDRESS = "zephyrine.quatrebarbes@canary.example"
PLAN = "Canariplan"
SECRETS = {
    "STRIPE_WEBHOOK_SECRET": "whsec_canary_webhook_0123456789",
    "METRICS_TOKEN": "canary-metrics-token-0123456789",
}


@pytest.fixture
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    for name in ("bot", "slack_bolt.AsyncApp", "stripe", "aiohttp.access", "openai", "httpx2"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.usefixtures("as_it_was")
async def test_no_name_address_letter_or_secret_is_ever_logged_or_told_to_others(
    build: Towns, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    who = {
        "name": NAME,
        "email": ADDRESS,
        "phone": "+33199009900",
        "description": "canary description",
        "metadata": {"tier": "canary-metadata", "account_manager": "canary@manager.example"},
    }
    caplog.set_level("DEBUG")
    set_ = {"LOG_LEVEL": "debug", "METRICS_TOKEN": SECRETS["METRICS_TOKEN"]}
    async with sentry() as house, reporting(house) as reports, build(**set_) as story:
        log.start(level="debug", secrets=story.town.config.secrets, also=[reports])
        invoice = await story.failed(**who, plan=PLAN)
        letter = story.card()
        story.town.slack.fault("chat.update", Fault(status=500))
        story.town.mailbox.refuse("RCPT", f"451 4.3.0 <{ADDRESS}> later")
        story.town.stripe.fault("garbage")
        await story.press(actions.APPROVE)
        for minutes in range(5):
            await story.town.later((minutes + 1) * MINUTE)
        assert len(story.mailed()) == 1
        await story.failed(**(who | {"name": NAME, "email": "x"}), plan=PLAN)
        await story.failed(**who, plan=PLAN, amount=90000)
        story.world.pay(invoice)
        await story.town.settle()
        tell("broke", level=logging.ERROR, error=ValueError(NAME), what=ADDRESS)
        await house.told()
        said = "\n".join((*capsys.readouterr(), caplog.text, *story.town.model.prompts))
        said += "\n".join(house.said)
        secret = [one for one in story.town.config.secrets if len(one) > 4]
        lines = [one for one in letter.split("\n") if "abonnement" in one]
    assert '"event"' in said  # it was not silent
    for canary in (NAME, "Zephyrine", "Quatrebarbes", ADDRESS, PLAN, "canary", *secret, *lines):
        assert canary.lower() not in said.lower(), canary
