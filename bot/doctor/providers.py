"""Mail providers that we know by the host of MAIL_URL, and what they want to find in DNS."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

SENDGRID_API: Final = "api.sendgrid.com"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """`include` is what SPF names it by; `selectors` are of the DKIM keys that all have alike.

    `own_return`: bounces go to a domain of its own, or to one below ours, and SPF is asked of that.
    """

    name: str
    include: str
    selectors: tuple[str, ...] = ()
    own_return: bool = False


# https://support.google.com/a/answer/33786 and /180504
GOOGLE: Final = Provider(name="Google", include="_spf.google.com", selectors=("google",))
# https://www.twilio.com/docs/sendgrid/ui/account-and-settings/how-to-set-up-domain-authentication
SENDGRID: Final = Provider(
    name="SendGrid", include="sendgrid.net", selectors=("s1", "s2"), own_return=True
)
# https://docs.aws.amazon.com/ses/latest/dg/mail-from.html; each account's selectors are its own
SES: Final = Provider(name="Amazon SES", include="amazonses.com", own_return=True)
# https://postmarkapp.com/support/article/1091; so are these
POSTMARK: Final = Provider(name="Postmark", include="spf.mtasv.net", own_return=True)
# https://documentation.mailgun.com/docs/mailgun/user-manual/domains/domains-verify
MAILGUN: Final = Provider(
    name="Mailgun",
    include="mailgun.org",
    selectors=("mx", "smtp", "k1", "pic", "s1"),
    own_return=True,
)
# https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure
MICROSOFT: Final = Provider(
    name="Microsoft 365",
    include="spf.protection.outlook.com",
    selectors=("selector1", "selector2"),
)
# https://resend.com/docs/dashboard/domains/introduction
RESEND: Final = Provider(
    name="Resend", include="amazonses.com", selectors=("resend",), own_return=True
)

_BY_HOST: Final = (
    (re.compile(r"smtp(-relay)?\.(gmail|google)\.com|smtp\.googlemail\.com"), GOOGLE),
    (re.compile(r"(.+\.)?sendgrid\.(net|com)"), SENDGRID),
    (re.compile(r"email-smtp(-fips)?\..+\.amazonaws\.com"), SES),
    (re.compile(r"(.+\.)?postmarkapp\.com"), POSTMARK),
    (re.compile(r"(.+\.)?mailgun\.org"), MAILGUN),
    (re.compile(r"smtp\.office365\.com|.+\.protection\.outlook\.com"), MICROSOFT),
    (re.compile(r"smtp\.resend\.com"), RESEND),
)


def host(mail_url: str) -> str:
    """The host that takes the letters; in SendGrid's short form stands the key alone."""
    url = urlsplit(mail_url)
    if url.scheme == "sendgrid" and "@" not in url.netloc:
        return SENDGRID_API
    return url.hostname or ""


def known(mail_host: str) -> Provider | None:
    """Whose host that is; None for all the others."""
    return next((whose for shape, whose in _BY_HOST if shape.fullmatch(mail_host)), None)
