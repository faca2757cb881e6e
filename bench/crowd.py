"""A PostgreSQL database after years of work: so many closed and so many open cases, and their rows.

Everything is written by INSERT … SELECT from one case of each kind, so that a million take a minute
or two. Every case is as large as a real one, with its facts and its last letter.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import create_engine, text

from bot.case.facts import Card, Customer, Decline, Facts, Invoice, InvoiceStatus, Payment
from bot.case.ids import Actor, CaseId, CustomerKey, InvoiceId
from bot.case.letter import Author, Letter
from bot.case.model import Case, State, Why
from bot.case.money import Money
from bot.store.codec import case_to_json

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)  # in which the closed ones were opened, evenly
ROUND = timedelta(days=28)  # in which the open ones were
MARK = "00000000"  # stands in a template where each case has its number

# Each of a kind has its number, and the time at which it was opened: evenly until now.
NUMBERED = """
CREATE TEMPORARY TABLE numbered AS
SELECT i, lpad(CAST(i AS text), 8, '0') AS number,
       CAST(:now AS timestamptz)
       - make_interval(secs => CAST(:seconds AS float8) * (:last + 1 - i) / (:last + 1 - :first))
       AS opened
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS i
"""
# Customers come back: one has about four closed cases; an open one is its customer's only one.
CASES = """
INSERT INTO cases (id, account, livemode, customer, state, why, version, opened_at, closed_at, body,
                   registered, waits_since)
SELECT 'case_' || number, '', true,
       CASE WHEN :state = 'closed' THEN 'cus_' || i % :returning ELSE 'cus_open_' || i END,
       :state, :why, 12, opened, CASE WHEN :state = 'closed' THEN opened + interval '3 days' END,
       CAST(replace(:body, :mark, number) AS json), 12, CASE WHEN :waits THEN opened END
FROM numbered
"""
INVOICES = """
INSERT INTO case_invoices (invoice, account, livemode, case_id)
SELECT 'in_' || number, '', true, 'case_' || number FROM numbered
"""
FIGURES = """
INSERT INTO figures (case_id, currency, counts, opened_at, ended, credit, at_failure, back, owed)
SELECT 'case_' || number, (ARRAY['eur', 'usd', 'jpy'])[i % 3 + 1], true, opened,
       CASE WHEN :state <> 'closed' THEN 'open' WHEN paid THEN 'recovered' ELSE 'lost' END,
       CASE WHEN paid THEN (ARRAY['retry', 'letter', 'person'])[i % 3 + 1] END,
       4900, CASE WHEN paid THEN 4900 ELSE 0 END, CASE WHEN :state = 'closed' THEN 0 ELSE 4900 END
FROM numbered, LATERAL (SELECT :state = 'closed' AND i % 2 = 0 AS paid) AS end_of_it
"""
TERMS = """
INSERT INTO finding (kind, term, case_id)
SELECT kind, term, 'case_' || number FROM numbered, LATERAL (VALUES
    ('email', 'person' || number || '@example.com'),
    ('number', 'acme-' || number),
    ('name', 'ada' || i % 5000 || ' lovelace' || i % 997),
    ('rest', 'lovelace' || i % 997)) AS said (kind, term)
"""
EFFECTS = """
INSERT INTO outbox (key, kind, case_id, revision, state, due, attempt, failures, created, finished)
SELECT kind || '/case_' || number || '/1', kind, 'case_' || number, 1,
       CASE WHEN i % 10000 = 0 THEN 'failed' ELSE state END, opened, 1, 0, opened, opened
FROM numbered, (VALUES ('hand_over', 'sent'), ('show', 'done')) AS said (kind, state)
"""
EVENTS = """
INSERT INTO inbox (event_id, type, news, account, livemode, invoice, created, received_at, state,
                   due, attempt, failures, case_id)
SELECT 'evt_' || number, 'invoice.payment_failed', 'failure', '', true, 'in_' || number,
       opened, opened, CASE WHEN i % 10000 = 0 THEN 'parked' ELSE 'done' END, opened, 1, 0,
       'case_' || number
FROM numbered
"""
CUSTOMERS = """
INSERT INTO customers (customer, account, livemode, lifetime, paid_invoices, filled_at)
SELECT 'cus_' || i, '', true, CAST('[]' AS json), 12, opened FROM numbered WHERE i <= :returning
"""
CONTACTS = """
INSERT INTO contacts (key, customer, account, livemode, address, at)
SELECT 'send/case_' || number || '/1', 'cus_' || i % :returning, '', true,
       'person' || number || '@example.com', opened
FROM numbered
"""
ADDRESSES = """
INSERT INTO addresses (address) SELECT 'person' || number || '@example.com' FROM numbered
"""
MUTED = """
INSERT INTO muted (customer, account, livemode, invoice)
SELECT 'cus_' || i % :returning, '', true, 'in_' || number FROM numbered WHERE i % 2 = 1
"""
FORGOTTEN = "DROP TABLE numbered"
WRITTEN = (CASES, INVOICES, FIGURES, TERMS, EFFECTS, EVENTS, CUSTOMERS, CONTACTS, ADDRESSES, MUTED)


def fill(url: str, *, closed: int, opened: int) -> None:
    """Write so many closed and open cases and what belongs to them, and let PostgreSQL count it."""
    kinds = (
        (1, closed, State.CLOSED, Why.RECOVERED, YEARS),
        (closed + 1, closed + opened // 5, State.WAITING, Why.NEXT_NOTICE, ROUND),
        (closed + opened // 5 + 1, closed + opened, State.IN_REVIEW, None, ROUND),
    )
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for first, last, state, why, span in kinds:
            parts: Mapping[str, object] = {
                "first": first,
                "last": last,
                "state": state,
                "why": why,
                "waits": state is State.IN_REVIEW,
                "now": NOW,
                "seconds": span.total_seconds(),
                "returning": max(1, closed // 4),
                "mark": MARK,
                "body": json.dumps(case_to_json(_template(state, why))),
            }
            for statement in (NUMBERED, *WRITTEN, FORGOTTEN):
                connection.execute(text(statement), _asked_for(statement, parts))
        connection.execute(text("VACUUM (ANALYZE)"))
    engine.dispose()


def _asked_for(statement: str, parts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in parts.items() if f":{name}" in statement}


def _template(state: State, why: Why | None) -> Case:
    owed = Money(minor=4900, currency="eur")
    letter = Letter(subject="About your payment", body="Hello. {amount} " * 20, locale="en",
                    by=Author.MODEL)  # fmt: skip
    open_ = state is not State.CLOSED
    return replace(
        Case(
            id=CaseId(f"case_{MARK}"),
            key=CustomerKey(account="", livemode=True, customer=f"cus_{MARK}"),
            opened_at=NOW,
        ),
        state=state,
        why=why,
        joined=(InvoiceId(f"in_{MARK}"),),
        counted=(InvoiceId(f"in_{MARK}"),),
        facts=_facts(is_open=open_),
        ever_owed=True,
        opening=(owed,),
        revision=1,
        letter=letter,
        earlier=() if open_ else (letter,),
        last_approved_by=Actor("slack:T1:U1"),
        last_sent_at=None if open_ else NOW,
        closed_at=None if open_ else NOW,
    )


def _facts(*, is_open: bool) -> Facts:
    invoice = Invoice(
        id=InvoiceId(f"in_{MARK}"),
        number=f"ACME-{MARK}",
        status=InvoiceStatus.OPEN if is_open else InvoiceStatus.PAID,
        currency="eur",
        total=4900,
        paid=0 if is_open else 4900,
        remaining=4900 if is_open else 0,
        attempt=1,
        created=NOW,
        payment=Payment(
            decline=Decline(code="card_declined", decline_code="insufficient_funds"),
            card=Card(brand="visa", last_four="0341", expires=(12, 2030)),
        ),
    )
    customer = Customer(
        id=f"cus_{MARK}",
        name="Ada Lovelace",
        email=f"person{MARK}@example.com",
        recipient=f"person{MARK}@example.com",
    )
    return Facts(read_at=NOW, customer=customer, invoices=(invoice,))
