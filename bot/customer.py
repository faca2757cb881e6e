"""Who a customer is, as far as we may act on it: one address, a name, a language, a clock.

Pure: what Stripe has comes in, what we know goes out. In doubt, nothing.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

from babel.languages import get_official_languages
from email_validator import EmailNotValidError, validate_email

from bot.billing_reading import StripeCustomer
from bot.case.facts import AddressTrouble, Customer
from bot.foreign_text import cleaned

# Metadata keys that the operator may set; all others count only when a rule lists them.
MANAGER = "account_manager"
FIRST_NAME = "first_name"
TIME_ZONE = "time_zone"

WORDS_OF_A_NAME = range(2, 5)
# Words that a person's name does not have; a name with one of them is greeted without a name.
SIGNS = """
    ab ag agency as asa association bank bv cie club co company consulting corp corporation
    design digital ecole eurl foundation gbr gmbh group groupe grupo holding hotel inc institute
    kg labs limited llc llp ltd ltda media nv office ohg oy partners plc pty restaurant sa sarl
    sas sasu scop sci services sl slu software solutions spa srl store studio studios systems team
    tech technologies technology the ug university
"""
COMPANY_SIGNS = frozenset(SIGNS.split())
# Whoever is written with a title is not greeted by a first name.
TITLES = "dr dra herr frau m mme mlle monsieur madame mr mrs ms mx prof sir sr sra"
HONORIFICS = frozenset(TITLES.split())


def known_customer(
    stripe: StripeCustomer,
    subscription_metadata: Mapping[str, str],
    listed: frozenset[str],
    at: datetime,
) -> Customer:
    """What Stripe alone says of a customer; `listed` are the metadata keys that rules name."""
    recipient, trouble = address(stripe.email)
    own = stripe.metadata
    return Customer(
        id=stripe.id,
        name=stripe.name,
        first_name=first_name(own.get(FIRST_NAME), stripe.name),
        email=cleaned(stripe.email),
        recipient=recipient,
        trouble=trouble,
        locales=(*stripe.locales, *country_language(stripe.country)),
        country=stripe.country,
        zone=zone(own.get(TIME_ZONE), stripe.country, at),
        gone=stripe.deleted,
        since=stripe.created,
        manager=cleaned(own.get(MANAGER)) or cleaned(subscription_metadata.get(MANAGER)),
        metadata=_listed((subscription_metadata, own), listed),
    )


def _listed(
    places: Iterable[Mapping[str, str]], listed: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """What stands in any of these: what makes a VIP does so wherever it stands."""
    pairs = {pair for metadata in places for pair in metadata.items()}
    return tuple(sorted(pair for pair in pairs if pair[0] in listed))


def address(email: str | None) -> tuple[str | None, AddressTrouble | None]:
    """The one address in `email`, or why there is none: exactly one of the two is set.

    It comes in the form that every mail server takes: a domain in other letters as xn--, which
    also shows a look-alike for what it is.
    """
    text = (email or "").strip(" ")
    if not text:
        return None, AddressTrouble.MISSING
    if not text.isprintable():
        return None, AddressTrouble.INVALID
    # EmailMessage would make two recipients of one string with a comma.
    if sum("@" in part for part in re.split(r"[,;\s]+", text)) > 1:
        return None, AddressTrouble.SEVERAL
    try:
        valid = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return None, AddressTrouble.INVALID
    return valid.ascii_email, None


def first_name(told: str | None, name: str | None) -> str | None:
    """What to greet by: `told` by metadata, else the first word of a person's name."""
    given = cleaned(told)
    if given is not None:
        return given if all(map(_letters, given.split())) else None
    words = (name or "").split()
    if len(words) not in WORDS_OF_A_NAME or not all(map(_letters, words)):
        return None
    folded = {word.casefold() for word in words}
    shouted = any(word.isupper() for word in words)
    first = words[0]
    # Scripts without capitals often put the family's name first.
    if shouted or folded & (COMPANY_SIGNS | HONORIFICS) or not first[0].isupper():
        return None
    return first


def country_language(country: str | None) -> tuple[str, ...]:
    """The language of most people of a country, for who told Stripe no language that we write.

    Only the first: French for Zürich or Ghent would offend more than the company's own does.
    """
    return get_official_languages(country or "", de_facto=True)[:1]


def zone(told: str | None, country: str | None, at: datetime) -> str | None:
    """The IANA zone `told` by metadata, else the country's, if its clocks all show the same."""
    if told in available_zones():
        return told
    return _only_zone(country.upper(), at.year) if country else None


@cache
def available_zones() -> frozenset[str]:
    """Every zone this machine can tell the time of."""
    return frozenset(available_timezones())


@cache
def _only_zone(country: str, year: int) -> str | None:
    zones = _zones().get(country, ())
    clocks = {_clock(name, year) for name in zones}
    return zones[0] if len(clocks) == 1 else None


def _clock(name: str, year: int) -> tuple[object, ...]:
    months = (datetime(year, month, 15, tzinfo=UTC) for month in range(1, 13))
    return tuple(month.astimezone(ZoneInfo(name)).utcoffset() for month in months)


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country, the one with most people first: tzdata's zone.tab."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), name)
    return found


def _letters(word: str) -> bool:
    return all(part.isalpha() for part in re.split(r"[-'’]", word)) and len(word) > 1
