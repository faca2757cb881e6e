"""Whether the way out for letters takes us. No mail is sent."""

from functools import partial
from typing import Final

from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, skipped, unknown, wrong
from bot.errors import SendFailed
from bot.performers import transport
from bot.words.filling import split_sender

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
    """The findings about mail."""
    found = await in_turn("mail.login", partial(_login, config), {})
    return [*found, Finding(name="mail.domain", verdict=_domain(config.mail_from))]


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


def _domain(sender: str | None) -> Verdict:
    """The standard library asks DNS for addresses only, and a resolver is not worth a library."""
    if not sender:
        return skipped("missing", setting="MAIL_FROM")
    return unknown("look", domain=split_sender(sender)[1].rpartition("@")[2])
