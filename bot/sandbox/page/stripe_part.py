"""The page's Stripe: its customers, what can be done about them, and how the bot hears of it."""

from bot.sandbox.page.desk import Part
from bot.sandbox.page.stripe_acts import ACTS, due, fail
from bot.sandbox.page.stripe_newcomer import add
from bot.sandbox.page.stripe_screen import screen

__all__ = ["PART", "due", "fail"]

PART = Part(screen=screen, acts={**ACTS, "add": add})
