"""What a model may know of a case: a closed set, without a name, an address, an amount or a link.

Two of its fields are free text that people wrote, a reviewer's note and the words of earlier
letters; what people should not have put there is taken out.
"""

import re
from datetime import datetime

from bot.case.facts import Customer, Invoice
from bot.case.letter import Brief, Family, Letter
from bot.case.model import Case, owed_invoices
from bot.case.standing import CustomerRecord
from bot.drafting import bands
from bot.drafting.folding import fold
from bot.drafting.prompt import MAX_NOTE, Ask, Reason, tone_of
from bot.foreign_text import cleaned

HIDDEN = "…"
MAX_WORDS = 1000  # characters

# Links, addresses, domains, and every word with a figure: amounts, dates, numbers of invoices.
_FACT = re.compile(
    r"\S*://\S*|\S*@\S*|[^\s.{}]+(?:[.。][^\W\d_]{2,})+\S*|[^\s{}]*\d[^\s{}]*"
    r"|\S+ ?[(\[]at[)\]] ?\S+(?: ?[(\[]dot[)\]] ?\S+)*"  # an address as it is hidden from robots
)
_LEAST_NAME = 2  # letters: an initial alone tells nothing


def ask_about(case: Case, brief: Brief, known: CustomerRecord, at: datetime) -> Ask:
    """What is asked for this case as it stands at `at`."""
    invoices = owed_invoices(case, known.standing)
    customer = case.facts.customer if case.facts else None
    names = _names(customer, invoices)
    return Ask(
        reason=Reason(brief.family.value),
        attempt=bands.attempt(max((one.attempt for one in invoices), default=0)),
        tenure=bands.tenure(customer.since if customer else None, at),
        paid=bands.paid(customer.paid_invoices if customer else None),
        earlier=tuple(_without_facts(_text(one), names, MAX_WORDS) for one in case.earlier),
        tone=tone_of(brief.notice),
        locale=brief.locale,
        note=_without_facts(brief.note, names, MAX_NOTE),
        several=brief.family is Family.SEVERAL_INVOICES,
    )


def _text(letter: Letter) -> str:
    return f"{letter.subject}\n{letter.body}"


def _names(customer: Customer | None, invoices: tuple[Invoice, ...]) -> re.Pattern[str] | None:
    """Matches what the customer, the plan and the invoice are called, and parts of a name."""
    if customer is None:
        return None
    whole = [customer.name, customer.first_name, customer.email, customer.recipient]
    whole += [one.subscription.plan for one in invoices if one.subscription]
    whole += [one.number for one in invoices]
    parts = re.findall(r"[^\W_]+", customer.name or "")
    folded = {fold(one).text.strip() for one in (*whole, *parts) if one}
    found = {one for one in folded if len(one) >= _LEAST_NAME}
    # Longest first: what is left of a name must not stand beside the mark.
    said = "|".join(re.escape(one) for one in sorted(found, key=len, reverse=True))
    return re.compile(rf"(?<![\w{{])(?:{said})(?![\w}}])", re.IGNORECASE) if said else None


def _without_facts(text: str, names: re.Pattern[str] | None, limit: int) -> str:
    plain = cleaned(text, limit) or ""
    nameless = _hidden(plain, names) if names else plain
    return _hidden(nameless, _FACT)


def _hidden(text: str, pattern: re.Pattern[str]) -> str:
    """The text with a mark for each match, however it is accented or in whichever forms."""
    folded = fold(text)
    ends = (*folded.origins, len(text))
    kept, last = "", 0
    for found in pattern.finditer(folded.text):
        kept += text[last : ends[found.start()]] + HIDDEN
        last = ends[found.end()]
    return kept + text[last:]
