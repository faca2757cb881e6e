import ast
import re
from dataclasses import fields
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot import config as config_module
from bot import grammar
from bot.case.money import Money
from bot.case.policy import SendingHours, TenureRule
from bot.config import Config, load, missing, policy
from bot.errors import Misconfigured
from bot.settings import SETTINGS
from bot.words import LOCALES, words
from docs.make_settings import PAGE, page

ROOT = Path(__file__).parents[1]
KEY = "k" * 32
WORKING = {
    "STRIPE_API_KEY": "rk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "0123",
    "REVIEW_CHANNEL": "#dunning",
    "COMPANY_NAME": "Acme",
    "MAIL_FROM": "billing@example.com",
    "MAIL_URL": "smtp://user:pass@smtp.example.com:587",
}


def mistakes(**environ: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as wrong:
        load(environ)
    return wrong.value.mistakes


def money(minor: int, currency: str) -> Money:
    return Money(minor=minor, currency=currency)


def test_an_empty_environment_is_enough_to_start() -> None:
    config = load({})
    assert config.database_url == "sqlite+aiosqlite:///dunning.sqlite3"
    assert config.port == 8080
    assert config.undo == timedelta(seconds=30)
    assert config.hours == SendingHours(
        opens=time(9), closes=time(18), weekdays=frozenset(range(5))
    )
    assert config.rules.amounts == (money(50000, "usd"), money(45000, "eur"), money(40000, "gbp"))
    assert (config.auto_send, config.after_retry, config.livemode) == (False, False, False)
    assert (config.timezone, config.locale, config.log_level) == ("UTC", "en", "info")
    assert config.letter_languages == ("en", "es", "fr")
    assert config.slack_api_url == "https://slack.com/api/"


def test_what_is_missing_is_named_and_nothing_else() -> None:
    assert missing(load({})) == tuple(WORKING)
    assert missing(load(WORKING)) == ()
    for name in WORKING:
        assert missing(load({key: value for key, value in WORKING.items() if key != name})) == (
            name,
        )


def test_with_socket_mode_no_signature_is_needed() -> None:
    without = {key: value for key, value in WORKING.items() if key != "SLACK_SIGNING_SECRET"}
    assert missing(load(without | {"SLACK_APP_TOKEN": "xapp-1"})) == ()


def test_what_is_not_used_yet_is_named_and_changes_nothing() -> None:
    config = load(WORKING | {"SMS_URL": "twilio://AC0:t@+15005550006", "AUTO_SEND": "first-notice"})
    assert config.unused == ("SMS_URL",)
    assert missing(config) == ()


def test_a_blank_variable_counts_as_not_set() -> None:
    assert load({setting.name: "  " for setting in SETTINGS}) == load({})


def test_all_mistakes_are_told_at_once() -> None:
    told = mistakes(PORT="x", TIMEZONE="Mars/Base", VIP_AMOUNT="lots", LOCALE="tlh", APPROVERS="me")
    assert [one.split()[0] for one in told] == [
        *("PORT", "APPROVERS", "VIP_AMOUNT", "TIMEZONE", "LOCALE")
    ]


def test_mistakes_are_told_in_the_teams_language() -> None:
    assert mistakes(LOCALE="fr", PORT="x") == (
        "PORT n’est pas un nombre entier de 0 à 65535 ; écrivez-en un, par exemple 8080.",
    )
    assert mistakes(LOCALE="es", PORT="x")[0].startswith("PORT no es")
    assert mistakes(LOCALE="de", PORT="x")[0].startswith("PORT is not")


BAD: dict[str, tuple[str, ...]] = {
    "PORT": ("-1", "65536", "80a", "8080.0", "٨", "9" * 5000),
    "PUBLIC_URL": ("http://dunning.example.com", "dunning.example.com", "ftp://x", "https://"),
    "SECRET_KEY": ("short", "with a space in it that is long enough to pass"),
    "DATABASE_URL": (
        "mysql://u:p@h/d",
        "sqlite://",
        "sqlite:///",
        "postgres://",
        "postgres://h:x/",
    ),
    "STRIPE_API_KEY": ("pk_live_1", "sk_1", "whsec_1", "sk_test_", "sk_test_a b"),
    "STRIPE_WEBHOOK_SECRET": ("secret", "whsec_1, oops", ",", "whsec_"),
    "STRIPE_API_BASE": (
        *("http://api.stripe.com", "https://u:p@api.stripe.com", "https://a?b=c"),
        *(
            "http://169.254.169.254",
            "http://8.8.8.8",
            "http://0.0.0.0",
            "http://[::1",
            "https://a b",
        ),
        "https://api.stripe.com:port",
    ),
    "STRIPE_LINK_HOSTS": ("https://pay.example.com", "pay", "a.b/c", "-a.b"),
    "SLACK_BOT_TOKEN": ("xoxp-1", "xapp-1"),
    "SLACK_SIGNING_SECRET": ("a b", ","),
    "SLACK_APP_TOKEN": ("xoxb-1",),
    "SLACK_API_URL": ("http://slack.com/api",),
    "REVIEW_CHANNEL": ("two words", "#", "<!channel>"),
    "VIP_CHANNEL": ("a,b",),
    "APPROVERS": ("@ada", "U1", "C012AB3CD", "u012ab3cd"),
    "ACCOUNT_MANAGER": ("ada", "U012AB3CD, U012AB3CE"),
    "OPENAI_API_KEY": ("a b",),
    "OPENAI_BASE_URL": ("http://models.example.com/v1", "localhost:11434"),
    "OPENAI_MODEL": ("two words",),
    "COMPANY_NAME": ("A" * 65, "A\nB", "A\u202eB", "A\x07B"),
    "MAIL_FROM": ("a@example.com,b@example.com", "Acme <a@example.com", "a", "a@b@c", "a b@c.d"),
    "MAIL_REPLY_TO": ("a@example.com\nBcc: b@example.com",),
    "MAIL_URL": (
        "http://smtp.example.com",
        "smtp.example.com",
        "smtp://",
        "smtp://u:p@",
        "smtp://h:x",
        "sendgrid://",
        "sendgrid://SG.key@api.example.com",
        "sendgrid://@127.0.0.1:80",
        "sendgrid://user:SG.key@api.eu.sendgrid.com",
        "sendgrid://SG.key/v3",
    ),
    "TEST_MAIL_TO": ("me",),
    "SMS_URL": ("smtp://h", "twilio://"),
    "VIP_AMOUNT": (
        *("500", "USD 500", "0 USD", "-1 USD", "500 XXQ", "500,00 EUR", "1e3 USD", "1.5 JPY"),
        *("1.234 USD", "5 USD, 6 usd", ",", "500 USD 450 EUR"),
    ),
    "VIP_LTV": ("much",),
    "VIP_PLANS": ('"Team', 'a "b" "c', '"a"b'),
    "VIP_TENURE": ("2 years", "two years and 300 USD", "2 years and 300", "0 years and 3 USD"),
    "VIP_METADATA": ("tier", "=gold", "tier="),
    "AUTO_SEND": ("always", "true"),
    "FIRST_NOTICE": ("later",),
    "UNDO_SECONDS": ("-1", "3601", "1.5", "30s"),
    "SENDING_HOURS": (
        *("9-18", "09:00-18:00 monday", "25:00-26:00", "09:00-09:00", "09:60-10:00", "never"),
        *("09:00-24:00", "09:00-18:00 mon-", "09:00-18:00 ,"),
    ),
    "TIMEZONE": ("Mars/Base", "../etc/passwd", "/etc/passwd", "Europe", "UTC\x00", "x" * 999),
    "LOCALE": ("de", "en_US"),
    "LETTER_LANGUAGES": ("en, de", ","),
    "RETENTION_DAYS": ("29", "3651", "90.5", "6 months", "0"),
    "METRICS_TOKEN": ("a b",),
    "SENTRY_DSN": (
        *("http://key@sentry.example.com/1", "https://sentry.example.com/1", "https://key@h/x"),
        *("https://key@h", "https://key@h/1?a=b", "key"),
    ),
    "LOG_LEVEL": ("loud",),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_mistake_is_one_sentence_that_names_the_variable_and_shows_what_is_right(
    name: str, value: str, locale: str
) -> None:
    told = mistakes(**{"LOCALE": locale} | {name: value})
    assert len(told) == 1
    assert told[0].startswith(f"{name} ")
    assert told[0].endswith((".", "»."))
    assert "\n" not in told[0]
    assert "{" not in told[0]


def test_every_setting_has_bad_values_to_try() -> None:
    assert BAD.keys() == {setting.name for setting in SETTINGS}


@pytest.mark.parametrize("name", [one.name for one in SETTINGS if one.secret])
def test_a_mistake_never_tells_a_secret(name: str) -> None:
    told = mistakes(**{name: "canary canary:canary@canary://"})
    assert "canary" not in "".join(told)


def test_a_config_never_shows_its_secrets() -> None:
    environ = {
        "SECRET_KEY": "canary" + KEY,
        "DATABASE_URL": "postgres://u:canary@db.example.com/d",
        "STRIPE_API_KEY": "sk_test_canary",
        "STRIPE_WEBHOOK_SECRET": "whsec_canary,whsec_canary2",
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_SIGNING_SECRET": "canary",
        "SLACK_APP_TOKEN": "xapp-canary",
        "OPENAI_API_KEY": "sk-canary",
        "MAIL_URL": "smtp://u:canary@smtp.example.com",
        "SMS_URL": "twilio://AC:canary@+15005550006",
        "METRICS_TOKEN": "canary",
        "SENTRY_DSN": "https://canary@o1.ingest.sentry.io/2",
    }
    config = load(environ)
    assert environ.keys() == {setting.name for setting in SETTINGS if setting.secret}
    assert "canary" not in repr(config)
    assert {"canary", "whsec_canary2", "sk_test_canary", "sk-canary"} <= set(config.secrets)


def test_secrets_inside_addresses_are_known_as_written_and_as_meant() -> None:
    config = load({"MAIL_URL": "smtp://u:p%40ss-word@h.example.com", "SMS_URL": "twilio://SK1"})
    assert {"p%40ss-word", "p@ss-word", "SK1"} <= set(config.secrets)
    for place in ("", "@api.eu.sendgrid.com", "@127.0.0.1:8080"):
        assert "SG.K_y" in load({"MAIL_URL": f"sendgrid://SG.K_y{place}"}).secrets


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p%25@h:5432/d", "postgresql+psycopg://u:p%25@h:5432/d"),
        ("postgresql://h/d?sslmode=disable", "postgresql+psycopg://h/d?sslmode=disable"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("postgresql://u@/d?host=/run/pg", "postgresql+psycopg://u@/d?host=/run/pg"),
        ("sqlite:///cases.sqlite3", "sqlite+aiosqlite:///cases.sqlite3"),
        ("sqlite:////var/cases.sqlite3", "sqlite+aiosqlite:////var/cases.sqlite3"),
        ("sqlite+aiosqlite:///cases.sqlite3", "sqlite+aiosqlite:///cases.sqlite3"),
        ("cases.sqlite3", "sqlite+aiosqlite:///cases.sqlite3"),
        ("/var/cases.sqlite3", "sqlite+aiosqlite:////var/cases.sqlite3"),
    ],
)
def test_a_database_address_is_rewritten_for_its_driver(given: str, used: str) -> None:
    assert load({"DATABASE_URL": given}).database_url == used


def test_heroku_refuses_sqlite_and_encrypts_the_way_to_its_database() -> None:
    assert "Heroku" in mistakes(DYNO="web.1")[0]
    assert "Heroku" in mistakes(DYNO="web.1", DATABASE_URL="sqlite:///x.sqlite3")[0]
    found = load({"DYNO": "web.1", "DATABASE_URL": "postgres://u:p@h/d"}).database_url
    assert found == "postgresql+psycopg://u:p@h/d?sslmode=require"
    chosen = "postgres://h/d?sslmode=verify-full"
    assert load({"DYNO": "web.1", "DATABASE_URL": chosen}).database_url.endswith(
        "?sslmode=verify-full"
    )


@pytest.mark.parametrize(
    "given",
    [
        *("http://127.0.0.1:12111", "http://localhost:1", "http://[::1]:1", "http://10.0.0.7"),
        *("http://192.168.1.5:80/v1", "http://ollama:11434/v1", "http://models.internal/v1"),
        *("https://models.example.com/v1", "https://8.8.8.8"),
    ],
)
def test_services_are_reached_by_https_or_among_neighbours(given: str) -> None:
    assert load({"OPENAI_BASE_URL": f"{given}/"}).openai_base_url == given


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test__live_", False)],
)
def test_the_stripe_key_decides_the_mode(key: str, live: bool) -> None:
    assert load({"STRIPE_API_KEY": key}).livemode is live


def test_secrets_may_be_lists_while_they_are_replaced() -> None:
    config = load({"STRIPE_WEBHOOK_SECRET": "whsec_1 , whsec_2", "SLACK_SIGNING_SECRET": "a,b,"})
    assert config.stripe_webhook_secrets == ("whsec_1", "whsec_2")
    assert config.slack_signing_secrets == ("a", "b")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"MAIL_URL": "smtp://127.0.0.1:2525"}, "MAIL_URL"),
        ({"MAIL_URL": "smtp://localhost:2525"}, "MAIL_URL"),
        ({"MAIL_URL": "smtps://[::1]:2525"}, "MAIL_URL"),
        ({"MAIL_URL": "sendgrid://SG.key@127.0.0.1:8080"}, "MAIL_URL"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE"),
        ({"TEST_MAIL_TO": "me@example.com"}, "TEST_MAIL_TO"),
    ],
)
def test_a_live_key_goes_with_nothing_that_is_for_tests(environ: dict[str, str], name: str) -> None:
    told = mistakes(STRIPE_API_KEY="sk_live_1", **environ)
    assert [one.split()[0] for one in told] == [name]
    load({"STRIPE_API_KEY": "sk_test_1"} | environ)


def test_a_stand_in_for_stripe_writes_to_no_real_mailbox() -> None:
    stand_in = {"STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_API_KEY": "sk_test_1"}
    assert mistakes(**stand_in, MAIL_URL="smtps://u:p@smtp.sendgrid.net")[0].startswith("MAIL_URL")
    load(stand_in | {"MAIL_URL": "smtp://127.0.0.1:2525"})


def test_links_of_our_own_need_a_key() -> None:
    assert mistakes(PUBLIC_URL="https://d.example.com")[0].startswith("SECRET_KEY is missing")
    assert len(mistakes(PUBLIC_URL="https://d.example.com", SECRET_KEY="short")) == 1
    load({"PUBLIC_URL": "https://d.example.com", "SECRET_KEY": KEY})


def test_vip_rules_are_read_with_their_units() -> None:
    rules = load(
        {
            "VIP_AMOUNT": "500 USD, 450.50 EUR,60000JPY, 1.234 KWD",
            "VIP_LTV": "20000 usd",
            "VIP_PLANS": 'price_1, Enterprise, "Team, yearly"',
            "VIP_TENURE": "2 years and 300 USD, 1 year and 900 EUR",
            "VIP_METADATA": 'tier=enterprise, "plan=Big, very"',
        }
    ).rules
    assert rules.amounts == (
        *(money(50000, "usd"), money(45050, "eur"), money(60000, "jpy"), money(1234, "kwd")),
    )
    assert rules.lifetimes == (money(2000000, "usd"),)
    assert rules.plans == {"price_1", "Enterprise", "Team, yearly"}
    assert rules.tenures == (
        TenureRule(years=2, amount=money(30000, "usd")),
        TenureRule(years=1, amount=money(90000, "eur")),
    )
    assert rules.metadata == {("tier", "enterprise"), ("plan", "Big, very")}


def test_the_amount_rule_can_be_switched_off() -> None:
    assert load({"VIP_AMOUNT": "none"}).rules.amounts == ()


@pytest.mark.parametrize(
    ("given", "days", "opens"),
    [
        ("08:30-19:00 mon-sat", {0, 1, 2, 3, 4, 5}, time(8, 30)),
        ("22:00-02:00 fri,sat", {4, 5}, time(22)),
        ("09:00-18:00", {0, 1, 2, 3, 4, 5, 6}, time(9)),
        ("09:00 - 18:00 SAT-Mon", {5, 6, 0}, time(9)),
    ],
)
def test_sending_hours_are_read(given: str, days: set[int], opens: time) -> None:
    hours = load({"SENDING_HOURS": given}).hours
    assert hours
    assert (hours.weekdays, hours.opens) == (frozenset(days), opens)


def test_sending_hours_can_be_switched_off() -> None:
    assert load({"SENDING_HOURS": "Always"}).hours is None


def test_the_policy_is_what_was_set() -> None:
    made = policy(
        load(
            WORKING
            | {
                "TEST_MAIL_TO": "me@example.com",
                "UNDO_SECONDS": "0",
                "AUTO_SEND": "first-notice",
                "FIRST_NOTICE": "after-retry",
                "TIMEZONE": "Europe/Paris",
                "LOCALE": "fr",
                "LETTER_LANGUAGES": "fr, EN, fr",
                "SENDING_HOURS": "always",
            }
        )
    )
    assert (made.sender, made.test_recipient) == ("billing@example.com", "me@example.com")
    assert made.undo == timedelta(0)
    assert (made.auto_send, made.after_retry) == (True, True)
    assert (made.zone, made.locale, made.languages) == ("Europe/Paris", "fr", ("fr", "en"))
    assert made.hours is None


def test_every_field_has_its_setting_and_the_other_way_round() -> None:
    rules = {"VIP_AMOUNT", "VIP_LTV", "VIP_PLANS", "VIP_TENURE", "VIP_METADATA"}
    spelled = {
        "UNDO_SECONDS": "UNDO",
        "SENDING_HOURS": "HOURS",
        "FIRST_NOTICE": "AFTER_RETRY",
        "RETENTION_DAYS": "RETENTION",
    }
    plural = {"STRIPE_WEBHOOK_SECRET", "SLACK_SIGNING_SECRET"}
    expected = {"RULES", "UNUSED", "ON_HEROKU"} | {
        spelled.get(one.name, one.name) + ("S" if one.name in plural else "")
        for one in SETTINGS
        if one.name not in rules
    }
    assert {one.name.upper() for one in fields(Config)} == expected


def test_the_settings_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_only_this_module_reads_the_environment() -> None:
    readers = [
        path
        for path in (ROOT / "bot").rglob("*.py")
        if re.search(r"\b(environ|getenv)\b", path.read_text("utf-8"))
    ]
    assert readers == [ROOT / "bot/config.py"]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_mistake_has_words_and_no_words_are_left_over(locale: str) -> None:
    sources = [Path(str(one.__file__)) for one in (config_module, grammar)]
    sources += [ROOT / "bot/addresses.py", ROOT / "bot/variables.py"]
    said = {
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    keys = {key.removeprefix("config.") for key in words(locale) if key.startswith("config.")}
    assert keys <= said
    english = {k: set(re.findall(r"{\w+}", v)) for k, v in words("en").items()}
    for key in keys:
        here = set(re.findall(r"{\w+}", words(locale)[f"config.{key}"]))
        assert here == english[f"config.{key}"]


@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "OPENAI_API_KEY", "COMPANY_NAME"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_came_along_are_a_mistake_and_not_a_part_of_the_value(
    name: str, quote: str
) -> None:
    (told,) = mistakes(**{name: f"{quote}Acme{quote}"})
    assert told.startswith(f"{name} stands in quotes")


def test_a_template_s_dots_and_a_token_in_a_wrong_place_are_told_as_what_they_are() -> None:
    [dots] = mistakes(STRIPE_API_KEY="rk_test_…")
    assert dots.startswith("STRIPE_API_KEY still has the … of an example")
    [broken] = mistakes(SLACK_BOT_TOKEN="xoxb-1\n2")
    assert broken.startswith("SLACK_BOT_TOKEN has a space or a strange character")
    for token in ("xoxb-1", "xapp-1"):
        [swapped] = mistakes(SLACK_SIGNING_SECRET=token)
        assert swapped.startswith("SLACK_SIGNING_SECRET has a token in it")


def test_a_channel_s_name_is_written_small_as_slack_has_it_and_an_id_is_left() -> None:
    assert grammar.channel("#Billing-Review") == "billing-review"
    assert grammar.channel("C012AB3CD") == "C012AB3CD"
