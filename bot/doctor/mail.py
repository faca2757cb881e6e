"""Whether the way out for letters takes us. No mail is sent."""

from functools import partial
from typing import Final

from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, skipped, wrong
from bot.errors import SendFailed
from bot.performers import transport

# The first word of a transport's code, and the sentence for it.
_SENTENCES: Final = {
    "connect": "no_answer",
    "timeout": "no_answer",
    "dropped": "no_answer",
    "greeting": "no_answer",
    "tls": "encryption",
    "not": "encryption",  # not_offered
    "auth": "login",
    "sendgrid": "login",
    "may": "rights",  # may_not_send
}


async def examined(config: Config) -> list[Finding]:
    """The finding about the way out."""
    return await in_turn("mail.login", partial(_login, config), {})


async def _login(config: Config) -> Verdict:
    if not config.mail_url:
        return skipped("missing", setting="MAIL_URL")
    try:
        await transport(config).try_out()
    except SendFailed as trouble:
        return wrong(sentence_for(trouble.code), code=trouble.code)
    return ok()


def sentence_for(code: str) -> str:
    """The sentence for a transport's code."""
    return _SENTENCES.get(code.partition("_")[0], "refused")
