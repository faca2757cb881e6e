"""What the operator can set. The only module that reads the environment.

`load` is all or nothing: every mistake is told at once, in sentences, before the port opens. What
is merely absent is no mistake: the program binds, and its page names what is `missing`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot import addresses, grammar
from bot.case.policy import Policy, SegmentRules, SendingHours
from bot.errors import Misconfigured
from bot.grammar import Unusable
from bot.settings import SETTINGS
from bot.variables import BY_NAME, Mistake, Variables
from bot.words import LOCALES, say

LEVELS = ("debug", "info", "warning", "error")

# 32 characters are half of what Heroku generates, and still beyond guessing.
_OWN_KEY = grammar.shaped(r"[!-~]{32,}", "short_key")
_STRIPE_KEY = grammar.shaped(r"[sr]k_(live|test)_[!-~]+", "not_a_stripe_key")
_WEBHOOK_SECRET = grammar.shaped(r"whsec_[!-~]+", "not_a_webhook_secret")
_BOT_TOKEN = grammar.shaped(r"xoxb-[!-~]+", "not_a_bot_token")
_APP_TOKEN = grammar.shaped(r"xapp-[!-~]+", "not_an_app_token")
_SIGNING_SECRET = grammar.shaped(r"(?!xox|xapp-)[!-~]+", "not_a_signing_secret")
_SLACK_WHO = grammar.shaped(r"[UWS][A-Z0-9]{2,20}", "not_slack_ids")
_WORD = grammar.shaped(r"[!-~]+", "not_a_word")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, typed. Lists are empty and texts None where nothing was set."""

    port: int
    public_url: str | None
    secret_key: str | None = field(repr=False)
    database_url: str = field(repr=False)
    stripe_api_key: str | None = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    stripe_api_base: str
    stripe_link_hosts: tuple[str, ...]
    slack_bot_token: str | None = field(repr=False)
    slack_signing_secrets: tuple[str, ...] = field(repr=False)
    slack_app_token: str | None = field(repr=False)
    slack_api_url: str  # ends with a slash: slack_sdk drops a last part that has none
    review_channel: str | None
    vip_channel: str | None
    approvers: tuple[str, ...]
    account_manager: str | None
    openai_api_key: str | None = field(repr=False)
    openai_base_url: str
    openai_model: str
    company_name: str | None
    mail_from: str | None
    mail_reply_to: str | None
    mail_url: str | None = field(repr=False)
    test_mail_to: str | None
    sms_url: str | None = field(repr=False)
    rules: SegmentRules
    auto_send: bool
    after_retry: bool
    undo: timedelta
    hours: SendingHours | None
    timezone: str
    locale: str
    letter_languages: tuple[str, ...]
    retention: timedelta
    metrics_token: str | None = field(repr=False)
    sentry_dsn: str | None = field(repr=False)
    log_level: str
    unused: tuple[str, ...] = ()  # set, and not used yet in this release
    on_heroku: bool = False

    @property
    def livemode(self) -> bool:
        """Whether the Stripe key works with real money."""
        return (self.stripe_api_key or "").startswith(("sk_live_", "rk_live_"))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must appear nowhere."""
        plain = (
            *(self.secret_key, self.stripe_api_key, *self.stripe_webhook_secrets),
            *(self.slack_bot_token, *self.slack_signing_secrets, self.slack_app_token),
            *(self.openai_api_key, self.metrics_token, self.mail_url, self.sms_url),
            self.sentry_dsn,
        )
        urls = (self.database_url, self.mail_url, self.sms_url, self.sentry_dsn)
        inside = [part for url in urls for part in addresses.secrets_of(url)]
        return tuple(one for one in (*plain, *inside) if one)


def load(environ: Mapping[str, str] = os.environ) -> Config:
    """The settings of `environ`; raises Misconfigured with a sentence for each mistake.

    A variable that is blank counts as not set. No sentence holds a secret's value.
    """
    reading = Variables(environ)
    config = _read(reading)
    told = {mistake.name for mistake in reading.mistakes}
    reading.mistakes += [one for one in _contradictions(config) if one.name not in told]
    if reading.mistakes:
        raise Misconfigured(tuple(_sentence(config.locale, one) for one in reading.mistakes))
    return config


def named_in(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Which of our settings an environment sets; never their values."""
    return tuple(one.name for one in SETTINGS if environ.get(one.name, "").strip())


def environment() -> Mapping[str, str]:
    """All that is set, as it is now: for the sandbox, which judges what it is started in."""
    return dict(os.environ)


def missing(config: Config) -> tuple[str, ...]:
    """The names still needed before cases can be worked."""
    needed: dict[str, object] = {
        "STRIPE_API_KEY": config.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": config.stripe_webhook_secrets,
        "SLACK_BOT_TOKEN": config.slack_bot_token,
        # By Socket Mode nothing of Slack's comes to our address that a signature could prove.
        "SLACK_SIGNING_SECRET": config.slack_signing_secrets or config.slack_app_token,
        "REVIEW_CHANNEL": config.review_channel,
        "COMPANY_NAME": config.company_name,
        "MAIL_FROM": config.mail_from,
        "MAIL_URL": config.mail_url,
    }
    return tuple(name for name, value in needed.items() if not value)


def channels(config: Config) -> dict[str, str]:
    """The Slack channels that are set, by the setting's name."""
    named = {"REVIEW_CHANNEL": config.review_channel, "VIP_CHANNEL": config.vip_channel}
    return {name: channel for name, channel in named.items() if channel}


def policy(config: Config) -> Policy:
    """What the life of a case depends on, as version 1 of the rules."""
    return Policy(
        rules=config.rules,
        sender=config.mail_from or "",
        test_recipient=config.test_mail_to,
        languages=config.letter_languages,
        locale=config.locale,
        zone=config.timezone,
        hours=config.hours,
        undo=config.undo,
        auto_send=config.auto_send,
        after_retry=config.after_retry,
    )


def _read(read: Variables) -> Config:
    return Config(
        port=read.default("PORT", grammar.whole(0, 65535)),
        public_url=read.text("PUBLIC_URL", addresses.base),
        secret_key=read.text("SECRET_KEY", _OWN_KEY),
        database_url=_database_url(read),
        stripe_api_key=read.text("STRIPE_API_KEY", _STRIPE_KEY),
        stripe_webhook_secrets=read.listed("STRIPE_WEBHOOK_SECRET", _WEBHOOK_SECRET),
        stripe_api_base=read.default("STRIPE_API_BASE", addresses.base),
        stripe_link_hosts=read.listed("STRIPE_LINK_HOSTS", addresses.host),
        slack_bot_token=read.text("SLACK_BOT_TOKEN", _BOT_TOKEN),
        slack_signing_secrets=read.listed("SLACK_SIGNING_SECRET", _SIGNING_SECRET),
        slack_app_token=read.text("SLACK_APP_TOKEN", _APP_TOKEN),
        slack_api_url=f"{read.default('SLACK_API_URL', addresses.base)}/",
        review_channel=read.text("REVIEW_CHANNEL", grammar.channel),
        vip_channel=read.text("VIP_CHANNEL", grammar.channel),
        approvers=read.listed("APPROVERS", _SLACK_WHO),
        account_manager=read.text("ACCOUNT_MANAGER", _SLACK_WHO),
        openai_api_key=read.text("OPENAI_API_KEY", _WORD),
        openai_base_url=read.default("OPENAI_BASE_URL", addresses.base),
        openai_model=read.default("OPENAI_MODEL", _WORD),
        company_name=read.text("COMPANY_NAME", grammar.company),
        mail_from=read.text("MAIL_FROM", grammar.sender),
        mail_reply_to=read.text("MAIL_REPLY_TO", grammar.address),
        mail_url=read.text("MAIL_URL", addresses.mail),
        test_mail_to=read.text("TEST_MAIL_TO", grammar.address),
        sms_url=read.text("SMS_URL", addresses.by_scheme("twilio")),
        rules=_rules(read),
        auto_send=read.default("AUTO_SEND", grammar.whether("first-notice", "never")),
        after_retry=read.default("FIRST_NOTICE", grammar.whether("after-retry", "at-once")),
        undo=timedelta(seconds=read.default("UNDO_SECONDS", grammar.whole(0, 3600))),
        hours=read.default("SENDING_HOURS", grammar.hours),
        timezone=read.default("TIMEZONE", grammar.zone),
        locale=read.default("LOCALE", grammar.one_of(*LOCALES)),
        letter_languages=read.default("LETTER_LANGUAGES", grammar.some_of(*LOCALES)),
        retention=timedelta(days=read.default("RETENTION_DAYS", grammar.whole(30, 3650))),
        metrics_token=read.text("METRICS_TOKEN", _WORD),
        sentry_dsn=read.text("SENTRY_DSN", addresses.sentry),
        log_level=read.default("LOG_LEVEL", grammar.one_of(*LEVELS)),
        unused=_unused(read),
        on_heroku=_on_heroku(read),
    )


def _unused(read: Variables) -> tuple[str, ...]:
    late = (one for one in SETTINGS if one.later)
    return tuple(one.name for one in late if read.set(one.name) not in {"", one.default})


def _on_heroku(reading: Variables) -> bool:
    """Heroku names every dyno: https://devcenter.heroku.com/articles/dyno-metadata."""
    return bool(reading.set("DYNO"))


def _database_url(reading: Variables) -> str:
    """Only on Heroku is a file no place for a database."""
    parse = addresses.database(on_heroku=_on_heroku(reading))
    given = reading.set("DATABASE_URL") or BY_NAME["DATABASE_URL"].default
    try:
        return parse(given)
    except Unusable as wrong:
        reading.mistakes.append(Mistake(name="DATABASE_URL", key=wrong.key))
        return ""


def _rules(reading: Variables) -> SegmentRules:
    plans: tuple[str, ...] = reading.optional("VIP_PLANS", grammar.quoted, ())
    return SegmentRules(
        amounts=reading.default("VIP_AMOUNT", grammar.amounts),
        lifetimes=reading.optional("VIP_LTV", grammar.amounts, ()),
        plans=frozenset(plans),
        tenures=reading.optional("VIP_TENURE", grammar.tenures, ()),
        metadata=reading.optional("VIP_METADATA", grammar.metadata, frozenset()),
    )


def _contradictions(config: Config) -> list[Mistake]:
    """Settings that are each fine, and together would write to the wrong people, or to nobody."""
    mailbox_here = addresses.loopback(addresses.host_of(config.mail_url))
    stripe_here = addresses.loopback(addresses.host_of(config.stripe_api_base))
    found = {
        ("SECRET_KEY", "key_for_links"): config.public_url and not config.secret_key,
        ("MAIL_URL", "live_mailbox_here"): config.livemode and mailbox_here,
        ("STRIPE_API_BASE", "live_stripe_here"): config.livemode and stripe_here,
        ("TEST_MAIL_TO", "test_mail_live"): config.livemode and config.test_mail_to,
        ("MAIL_URL", "real_mailbox_stripe_here"): stripe_here
        and config.mail_url
        and not mailbox_here,
    }
    return [Mistake(name=name, key=key) for (name, key), wrong in found.items() if wrong]


def _sentence(locale: str, mistake: Mistake) -> str:
    setting = BY_NAME[mistake.name]
    return say(
        locale,
        f"config.{mistake.key}",
        **{"name": mistake.name, "example": setting.example, **mistake.values},
    )
