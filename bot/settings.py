"""Every name that an operator can set: what for, its default, an example, and if it is secret.

docs/settings.md is made from this table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One environment variable. `about` is a sentence or two; `default` "" means none.

    `later`: its name is settled, and nothing uses it in this release.
    """

    name: str
    about: str
    default: str = ""
    example: str
    secret: bool = False
    later: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="PORT",
        about="The port to listen on. Heroku sets it.",
        default="8080",
        example="8080",
    ),
    Setting(
        name="PUBLIC_URL",
        about="Where the internet reaches this program. The set-up takes Stripe's and Slack's "
        "addresses of us from it, and the doctor asks whether it answers and Stripe sends there.",
        example="https://dunning.example.com",
    ),
    Setting(
        name="SECRET_KEY",
        about="Signs what we hand out ourselves, such as the way into the set-up page; at least 32 "
        "characters. Needed with PUBLIC_URL; Heroku generates it.",
        example="(openssl rand -hex 32)",
        secret=True,
    ),
    Setting(
        name="DATABASE_URL",
        about="PostgreSQL, or the path of a SQLite file. SQLite serves one process and is "
        "refused on Heroku, which wipes its disk.",
        default="sqlite:///dunning.sqlite3",
        example="postgres://user:password@host:5432/dunning",
        secret=True,
    ),
    Setting(
        name="STRIPE_API_KEY",
        about="A restricted key is enough: read invoices, customers, subscriptions, payment "
        "intents, charges, products and events. It decides between live and test mode.",
        example="rk_test_…",
        secret=True,
    ),
    Setting(
        name="STRIPE_WEBHOOK_SECRET",
        about="The signing secret of the webhook endpoint; a comma-separated list while it is "
        "being replaced.",
        example="whsec_…",
        secret=True,
    ),
    Setting(
        name="STRIPE_API_BASE",
        about="Stripe's address, for tests against a local counterpart.",
        default="https://api.stripe.com",
        example="http://127.0.0.1:12111",
    ),
    Setting(
        name="STRIPE_LINK_HOSTS",
        about="Your own domains for Stripe's payment pages, beside Stripe's.",
        example="billing.example.com",
    ),
    Setting(
        name="SLACK_BOT_TOKEN",
        about="The bot user's token of the Slack app.",
        example="xoxb-…",
        secret=True,
    ),
    Setting(
        name="SLACK_SIGNING_SECRET",
        about="The Slack app's signing secret; a comma-separated list while it is being replaced. "
        "Not needed with SLACK_APP_TOKEN.",
        example="0123456789abcdef0123456789abcdef",
        secret=True,
    ),
    Setting(
        name="SLACK_APP_TOKEN",
        about="An app-level token with the scope `connections:write`: with it we open the "
        "connection to Slack (Socket Mode), and Slack needs no address of ours.",
        example="xapp-…",
        secret=True,
    ),
    Setting(
        name="SLACK_API_URL",
        about="Slack's address, for tests against a local counterpart.",
        default="https://slack.com/api",
        example="http://127.0.0.1:8888/api",
    ),
    Setting(
        name="REVIEW_CHANNEL",
        about="The private channel where letters are reviewed: its id or its name.",
        example="dunning",
    ),
    Setting(
        name="VIP_CHANNEL",
        about="The private channel for VIP threads, whose members may take VIPs on. Without it: "
        "the review channel.",
        example="vip-accounts",
    ),
    Setting(
        name="APPROVERS",
        about="Who may decide: ids of Slack users and user groups. Without it: all members of "
        "the review channel.",
        example="U012AB3CD, S045EF6GH",
    ),
    Setting(
        name="ACCOUNT_MANAGER",
        about="Who is tagged for a VIP without an account_manager in Stripe's metadata: the id "
        "of a Slack user or user group.",
        example="U012AB3CD",
    ),
    Setting(
        name="OPENAI_API_KEY",
        about="The key of the language model. Without it the fixed letters are offered.",
        example="sk-…",
        secret=True,
    ),
    Setting(
        name="OPENAI_BASE_URL",
        about="Any endpoint that speaks OpenAI's chat completions.",
        default="https://api.openai.com/v1",
        example="http://127.0.0.1:11434/v1",
    ),
    Setting(
        name="OPENAI_MODEL",
        about="The model's name there.",
        default="gpt-5-mini",
        example="gpt-5-mini",
    ),
    Setting(
        name="COMPANY_NAME",
        about="Your company's name, as your customers know it.",
        example="Acme",
    ),
    Setting(
        name="MAIL_FROM",
        about="The one address that letters come from, with the name that signs them or without: "
        "then the company's team signs.",
        example="Ana at Acme <ana@example.com>",
    ),
    Setting(
        name="MAIL_REPLY_TO",
        about="The one address that answers go to. Without it: MAIL_FROM.",
        example="support@example.com",
    ),
    Setting(
        name="MAIL_URL",
        about="The way out for letters: `smtp://` (STARTTLS when offered), `smtps://`, or "
        "`sendgrid://KEY` for SendGrid’s API (EU: `sendgrid://KEY@api.eu.sendgrid.com`). "
        "Percent-encode special characters in its password.",
        example="smtp://user:password@smtp.example.com:587",
        secret=True,
    ),
    Setting(
        name="TEST_MAIL_TO",
        about="Gets every letter in test mode, in the customer's place. Without it, test mode "
        "mails nobody. Refused with a live key.",
        example="me@example.com",
    ),
    Setting(
        name="SMS_URL",
        about="Twilio, for messages to a customer's phone.",
        example="twilio://AC0123:token@+15005550006",
        secret=True,
        later=True,
    ),
    Setting(
        name="VIP_AMOUNT",
        about="A customer is a VIP when one invoice is at least this much; one amount for each "
        "currency, never compared across. `none` switches the rule off.",
        default="500 USD, 450 EUR, 400 GBP",
        example="500 USD, 450 EUR, 60000 JPY",
    ),
    Setting(
        name="VIP_LTV",
        about="A customer is a VIP when they have paid at least this much in all.",
        example="20000 USD",
    ),
    Setting(
        name="VIP_PLANS",
        about="Plans that make a VIP: ids of prices or products, lookup keys, or whole names of "
        "products. A name with a comma stands in double quotes.",
        example='price_1AbC, Enterprise, "Team, yearly"',
    ),
    Setting(
        name="VIP_TENURE",
        about="A customer of so many years is a VIP when one invoice is at least so much.",
        example="2 years and 300 USD",
    ),
    Setting(
        name="VIP_METADATA",
        about="Metadata of the Stripe customer or subscription that makes a VIP. A value with a "
        "comma stands in double quotes together with its key.",
        example="tier=enterprise",
    ),
    Setting(
        name="AUTO_SEND",
        about="`never`: a person approves every letter. `first-notice`: a first letter to a "
        "Standard customer goes out by itself when every rule is kept and nothing is doubtful; its "
        "card stands in Slack first, with *Undo*.",
        default="never",
        example="first-notice",
    ),
    Setting(
        name="FIRST_NOTICE",
        about="`at-once`, or `after-retry`: what may pass by itself gives one line first, and a "
        "letter when Stripe's next try failed, after 72 hours at the latest.",
        default="at-once",
        example="after-retry",
    ),
    Setting(
        name="UNDO_SECONDS",
        about="How long a letter waits after its approval, in seconds.",
        default="30",
        example="0",
    ),
    Setting(
        name="SENDING_HOURS",
        about="When letters may leave, on the customer's own clock; `always` switches it off. "
        "Without days: every day.",
        default="09:00-18:00 mon-fri",
        example="08:30-19:00 mon-sat",
    ),
    Setting(
        name="TIMEZONE",
        about="The company's time zone, also used for customers whose own is unknown.",
        default="UTC",
        example="Europe/Paris",
    ),
    Setting(
        name="LOCALE",
        about="The team's language in Slack: `en`, `es` or `fr`.",
        default="en",
        example="fr",
    ),
    Setting(
        name="LETTER_LANGUAGES",
        about="The languages that your reviewers can read; letters are written in no other.",
        default="en, es, fr",
        example="en, fr",
    ),
    Setting(
        name="RETENTION_DAYS",
        about="How many days after a case closed its drafts, letters, names, addresses and notes "
        "are kept, 30 to 3650. How it ended and what it counts for stay.",
        default="180",
        example="90",
    ),
    Setting(
        name="METRICS_TOKEN",
        about="The bearer token of /metrics, for Prometheus. Without it, /metrics is off.",
        example="(openssl rand -hex 32)",
        secret=True,
    ),
    Setting(
        name="SENTRY_DSN",
        about="Your Sentry project's DSN: errors are told there too, by kind, place and code, "
        "without a name, an address or a message. Without it, nothing is sent.",
        example="https://0123456789abcdef@o1.ingest.sentry.io/2",
        secret=True,
    ),
    Setting(
        name="LOG_LEVEL",
        about="`debug`, `info`, `warning` or `error`.",
        default="info",
        example="debug",
    ),
)
