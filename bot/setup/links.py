"""Links that open a form of Slack's or Stripe's already filled in. Pure, but for the manifest.

https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests. What Stripe's form is
filled in with stands beside its link, too: a person sees it when Stripe should change it.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from bot.doctor.stripe import READ

_MANIFEST: Final = Path(__file__).parents[2] / "slack-manifest.yaml"
_PLACE: Final = "https://dunning.example.com"
_ADDRESS: Final = re.compile(rf"# (\w+: ){re.escape(_PLACE)}")
_COMMENT: Final = re.compile(r"(^|\s+)#(\s.*)?$")
_NEW_APP: Final = "https://api.slack.com/apps?new_app=1&manifest_yaml="
_NEW_KEY: Final = "https://dashboard.stripe.com/test/apikeys/create"
# Only the set-up uses it, and only when its button is pressed.
ENDPOINTS: Final = "webhook_endpoints"


def slack_app(base: str | None = None) -> str:
    """Opens Slack's form for a new app: by Socket Mode, or by HTTP at our address `base`."""
    return _NEW_APP + quote(manifest(base), safe="")


def manifest(base: str | None = None) -> str:
    """slack-manifest.yaml without its comments; with `base` as they say for HTTP."""
    text = _text()
    if base is not None:
        text = _ADDRESS.sub(lambda found: found[1] + base, text)
        text = text.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    lines = (_COMMENT.sub("", line) for line in text.splitlines())
    return "\n".join(line for line in lines if line.strip()) + "\n"


def stripe_key() -> str:
    """Opens Stripe's form for a restricted key, in test mode, with the rights that we need."""
    rights = [f"rak_{kind.removesuffix('s')}_read" for kind in READ]
    asked = [("permissions[]", one) for one in (*rights, "rak_webhook_write")]
    return f"{_NEW_KEY}?{urlencode([('name', 'Dunning Desk'), *asked])}"


@cache
def _text() -> str:
    return _MANIFEST.read_text("utf-8")
