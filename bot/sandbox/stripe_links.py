"""Links to the pages a customer opens: which ones stand on an object, and how long they live.

A hosted invoice page lives 30 days after the due date or the finalization; whoever reads the
invoice again gets a fresh link, until 120 days have passed.
https://docs.stripe.com/invoicing/hosted-invoice-page
"""

from bot.sandbox.stripe_objects import Json

ROUND = 30 * 86_400
LONGEST = 120 * 86_400


def dressed(thing: Json, pages: str, now: int) -> Json:
    """The object (changed in place) with the links that a reader gets at this moment."""
    if thing["object"] == "invoice" and thing["status"] != "draft":
        thing["hosted_invoice_url"] = hosted_invoice_url(thing, pages, now)
    if thing["object"] == "billing_portal.session":
        thing["url"] = f"{pages}/portal/{thing['id']}"
    return thing


def hosted_invoice_url(invoice: Json, pages: str, now: int) -> str | None:
    """A link that opens now; None once no link can be had any more."""
    since = max(0, now - _starts(invoice))
    if since >= LONGEST:
        return None
    again = since // ROUND
    return f"{pages}/invoice/{invoice['id']}" + (f"?again={again}" if again else "")


def opens(invoice: Json, again: int, now: int) -> bool:
    """Whether a link of that round still opens."""
    since = now - _starts(invoice)
    return since < min(LONGEST, (again + 1) * ROUND)


def _starts(invoice: Json) -> int:
    finalized: int = invoice["status_transitions"]["finalized_at"]
    return max(finalized, invoice["due_date"] or 0)
