"""The environment's proxy leads into the internet: a Slack on this machine is called itself."""

import pytest

from bot.clock import SystemClock
from bot.review.client import slack_client

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("address", "proxy"),
    [
        ("https://slack.com/api/", PROXY),
        ("http://127.0.0.1:8888/api/", None),
        ("http://localhost:8888/api/", None),
    ],
)
async def test_a_slack_on_this_machine_is_not_asked_for_by_a_proxy(
    monkeypatch: pytest.MonkeyPatch, address: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    async with slack_client("xoxb-1", address, SystemClock()) as client:
        assert client.proxy == proxy
