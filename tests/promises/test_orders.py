"""P2: duplicates and order don't matter, and nothing is mailed after it was paid."""

from bench.orders import ends, invoice, orders, played
from bot.case.facts import InvoiceStatus


def test_every_order_and_every_duplicate_ends_in_the_same_state_with_the_same_facts() -> None:
    found = ends()
    assert len(found) == 1
    [(end, count)] = found.items()
    assert count == 2 * len(list(orders())) == 2 * 4 * 720
    assert (end.state, end.joined) == ("closed", ("in_1",))
    assert end.facts == (invoice(6),)
    assert end.facts[0].status is InvoiceStatus.PAID
    assert end.mailed_after_paid == 0


def test_in_the_order_of_life_a_letter_leaves_before_it_is_paid() -> None:
    life = played((0, 1, 2), eager=True)
    assert life.state == "waiting"
    assert life.mailed_after_paid == 0
