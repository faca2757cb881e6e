"""Whom and what things are about: ids that can't be mixed up, and who does something."""

from dataclasses import dataclass
from typing import NewType

CaseId = NewType("CaseId", str)
InvoiceId = NewType("InvoiceId", str)
# Who did something: "slack:T1:U1", "policy", "terminal" or "system".
Actor = NewType("Actor", str)

SYSTEM = Actor("system")
POLICY = Actor("policy")


@dataclass(frozen=True, kw_only=True)
class CustomerKey:
    """Whose conversation it is: a Stripe account ("" is our own), its mode and `customer` there."""

    account: str
    livemode: bool
    customer: str
