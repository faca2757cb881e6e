"""The parts of the page, by the names that the browser knows them by."""

from collections.abc import Mapping

from bot.sandbox.page import clock_part, fault_part, guide_part, mail_part, slack_part, stripe_part
from bot.sandbox.page.desk import Part

PARTS: Mapping[str, Part] = {
    "guide": guide_part.PART,
    "stripe": stripe_part.PART,
    "clock": clock_part.PART,
    "faults": fault_part.PART,
    "slack": slack_part.PART,
    "mail": mail_part.PART,
}
