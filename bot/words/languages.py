"""Which language a customer is written to in."""

from babel.languages import get_official_languages

from bot.case.model import Customer
from bot.case.policy import Policy


def letter_locale(customer: Customer, policy: Policy) -> str:
    """One of the policy's languages: the customer's own, else their country's, else the company's.

    Of a country's languages only the first counts: French for Zürich or Ghent would offend more
    than the company's own language does.
    """
    of_country = get_official_languages(customer.country or "", de_facto=True)[:1]
    for wish in (*customer.locales, *of_country, policy.locale):
        if (language := _offered(wish, policy.languages)) is not None:
            return language
    return policy.languages[0]


def _offered(wish: str, languages: tuple[str, ...]) -> str | None:
    """The offered language that fits a tag such as fr, fr-CA or es_CO: the whole tag goes first."""
    tag = wish.strip().replace("-", "_").lower()
    known = {language.lower(): language for language in languages}
    return known.get(tag) or known.get(tag.partition("_")[0])
