"""What our Slack app has to be allowed, by what we call; slack-manifest.yaml asks for no more.

https://docs.slack.dev/reference/scopes. A test holds the table to the calls in this program.
"""

from collections.abc import Mapping
from typing import Final

# Every method that we call, and the scope of the bot's token that it needs.
METHODS: Final[Mapping[str, str | None]] = {
    "apps.connections.open": None,  # with the app's own token, whose scope is connections:write
    "auth.test": None,
    "bots.info": "users:read",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "groups:history",
    "conversations.info": "groups:read",
    "conversations.list": "groups:read",
    "conversations.members": "groups:read",
    "conversations.replies": "groups:history",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.conversations": "groups:read",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": None,
    "views.publish": None,
    "views.update": None,
}
# What Slack tells us of only with a scope: a slash command.
LISTENING: Final = frozenset({"commands"})
# Without these something is missing that not every company uses, and the rest goes on: account
# managers named by their e-mail, user groups among the approvers, the slash command.
DISPENSABLE: Final = frozenset({"users:read.email", "usergroups:read"}) | LISTENING

SCOPES: Final = frozenset(one for one in METHODS.values() if one) | LISTENING
# What no card can do without: posting, seeing that a channel is private and who is in it, finding
# what was posted already, and looking a person up.
NEEDED: Final = SCOPES - DISPENSABLE
