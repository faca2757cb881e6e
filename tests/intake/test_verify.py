import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import RequestRefused
from bot.intake.envelope import Envelope, opened
from bot.intake.verify import verify
from tests.intake.stripe_says import (
    NEW_INVOICE,
    NOW,
    OLD_INVOICE,
    SECRET,
    body_of,
    digest,
    event,
    signature,
)

FAILED = body_of(event("invoice.payment_failed", OLD_INVOICE))
STAMP = int(NOW.timestamp())

SKEWS = (
    *(timedelta(seconds=s) for s in (0, 1, 299, 300)),
    *(timedelta(seconds=s) for s in (301, 302, 3600)),
    *(timedelta(days=d) for d in (1, 30, 365, 3652)),
)


def status_of(body: bytes, header: str, secrets: tuple[str, ...] = (SECRET,)) -> int:
    with pytest.raises(RequestRefused) as refusal:
        verify(body, header, secrets, NOW)
    assert "\n" not in str(refusal.value)
    return refusal.value.status


def test_a_signed_event_is_opened() -> None:
    assert verify(FAILED, signature(FAILED), [SECRET], NOW) == Envelope(
        id="evt_1",
        type="invoice.payment_failed",
        created=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        livemode=False,
        account="",
        kind="invoice",
        invoice="in_old",
        customer="cus_1",
        subscription="sub_1",
    )


@pytest.mark.parametrize("skew", [*SKEWS, *(-skew for skew in SKEWS)], ids=str)
@pytest.mark.parametrize(
    "signing", [("old",), ("new",), ("old", "new"), ("other", "new"), ("other",)], ids=str
)
@pytest.mark.parametrize("known", [("old",), ("new",), ("old", "new"), ()], ids=str)
def test_only_a_known_secret_within_five_minutes_is_good(
    skew: timedelta, signing: tuple[str, ...], known: tuple[str, ...]
) -> None:
    header = signature(FAILED, *signing, at=NOW + skew)
    if abs(skew) <= timedelta(seconds=300) and set(signing) & set(known):
        assert verify(FAILED, header, known, NOW).id == "evt_1"
    else:
        assert status_of(FAILED, header, known) == 401


def test_every_changed_byte_spoils_the_signature() -> None:
    header = signature(FAILED)
    for place in range(0, len(FAILED), 7):
        bent = FAILED[:place] + bytes([FAILED[place] ^ 1]) + FAILED[place + 1 :]
        assert status_of(bent, header) == 401


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "t=",
        f"t={STAMP}",
        f"v1={digest(FAILED, SECRET, STAMP)}",
        f"t={STAMP},v0={digest(FAILED, SECRET, STAMP)}",
        f"t={STAMP},v1=",
        f"t={STAMP},v1={digest(FAILED, SECRET, STAMP).upper()}",
        f"t={STAMP},v1={digest(FAILED, SECRET, STAMP)[:-1]}",
        f"t={STAMP},v1={'é' * 64}",
        f"t={STAMP},t={STAMP},v1={digest(FAILED, SECRET, STAMP)}",
        f"t=-{STAMP},v1={digest(FAILED, SECRET, f'-{STAMP}')}",
        f"t={STAMP}.0,v1={digest(FAILED, SECRET, f'{STAMP}.0')}",
        f"t=١٧,v1={digest(FAILED, SECRET, '١٧')}",
        f"t={'9' * 5000},v1={digest(FAILED, SECRET, '9' * 5000)}",
        f"t=\udcff,v1={'0' * 64}",
    ],
)
def test_an_unusable_header_is_refused(header: str) -> None:
    assert status_of(FAILED, header) == 401


def with_field(**fields: object) -> bytes:
    return body_of(event("invoice.paid", OLD_INVOICE) | fields)


def with_thing(**fields: object) -> bytes:
    return body_of(event("invoice.paid", OLD_INVOICE | fields))


NOT_EVENTS: list[bytes] = [
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf" + FAILED,
    FAILED[:-1],
    FAILED + b"x",
    b"[" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    FAILED.replace(b'"created"', b'"id": "evt_2", "created"', 1),
    FAILED.replace(b'"customer"', b'"customer": "cus_2", "customer"', 1),
    FAILED.replace(b"1700000000", b"NaN"),
    FAILED.replace(b"1700000000", b"Infinity"),
    FAILED.replace(b"1700000000", b"1e999"),
    FAILED.replace(b"1700000000", b"9" * 5000),
    FAILED.replace(b"1700000000", b"9" * 19),
    FAILED.replace(b"1700000000", b"-1"),
    FAILED.replace(b"1700000000", b"1.5"),
    FAILED.replace(b"ada@example.com", rb"\ud800"),
    FAILED.replace(b"ada@example.com", rb"\uDC00\uD800"),
    FAILED.replace(b"ada@example.com", b"\xed\xa0\x80"),
    FAILED.replace(b"ada@example.com", b"\x00"),
    FAILED.replace(b"evt_1", rb"evt\u0000"),
    b"null",
    b"1",
    b'"event"',
    b"[]",
    b"{}",
    *(with_field(id=value) for value in (None, 1, "", "a b", "é", "x" * 256, [], "<!channel>")),
    *(with_field(type=value) for value in (None, 1, "", "a b", "x" * 256, {})),
    *(with_field(created=value) for value in (None, "1", True, [], {})),
    *(with_field(livemode=value) for value in (None, 0, 1, "false", [])),
    *(with_field(account=value) for value in ("", 1, [], "a b")),
    *(with_field(data=value) for value in (None, 1, [], {}, {"object": None}, {"object": []})),
    *(with_thing(id=value) for value in (1, "", [], {"id": 1}, "in 1")),
    *(with_thing(object=value) for value in (None, 1, "", "in voice")),
    *(with_thing(customer=value) for value in (1, "", [], True, {"id": []}, "<@U1>")),
    with_thing(subscription=7),
]


@pytest.mark.parametrize(
    "body",
    NOT_EVENTS,
    ids=lambda body: body[:24].decode("latin-1") + f"…{len(body)}",
)
def test_a_signed_body_that_is_not_an_event_is_refused(body: bytes) -> None:
    assert status_of(body, signature(body)) == 400


def test_a_refusal_never_quotes_the_body() -> None:
    body = b'{"id": "canary", "canary": canary}'
    with pytest.raises(RequestRefused) as refusal:
        verify(body, signature(body), [SECRET], NOW)
    assert "canary" not in repr(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_emoji_written_as_surrogate_pairs_are_no_trouble() -> None:
    body = with_thing(customer_name="Ada 🚀 Lovelace")
    assert rb"\ud83d\ude80" in body
    assert opened(body).customer == "cus_1"


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        (OLD_INVOICE, ("in_old", "cus_1", None, "sub_1")),
        (NEW_INVOICE, ("in_new", "cus_1", None, "sub_1")),
        (OLD_INVOICE | {"customer": {"id": "cus_2"}}, ("in_old", "cus_2", None, "sub_1")),
        (
            NEW_INVOICE | {"customer": None, "customer_account": "acct_2"},
            ("in_new", "acct_2", None, "sub_1"),
        ),
        (NEW_INVOICE | {"customer": None, "parent": None}, ("in_new", None, None, None)),
        (
            NEW_INVOICE | {"parent": {"type": "quote_details", "quote_details": {}}},
            ("in_new", "cus_1", None, None),
        ),
        (OLD_INVOICE | NEW_INVOICE, ("in_new", "cus_1", None, "sub_1")),
        ({"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1"}, ("in_1",)),
        (
            {"id": "sub_2", "object": "subscription", "customer": "cus_1"},
            (None, "cus_1", None, "sub_2"),
        ),
        ({"id": "cus_3", "object": "customer", "deleted": True}, (None, "cus_3")),
        ({"id": "pm_1", "object": "payment_method", "customer": "cus_1"}, (None, "cus_1")),
        ({"id": "dp_1", "object": "dispute", "charge": {"id": "ch_1"}}, (None, None, "ch_1")),
        (
            {"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1"},
            (None, None, "ch_1"),
        ),
        ({"object": "balance"}, ()),
    ],
)
def test_ids_are_found_where_each_shape_has_them(
    thing: dict[str, object], found: tuple[str | None, ...]
) -> None:
    got = opened(body_of(event("some.type", thing)))
    expected = (*found, None, None, None, None)[:4]
    assert (got.invoice, got.customer, got.charge, got.subscription) == expected


def test_a_connected_accounts_event_says_whose_it_is() -> None:
    body = body_of(event("invoice.paid", OLD_INVOICE, account="acct_9"))
    assert opened(body).account == "acct_9"
    assert json.loads(body)["account"] == "acct_9"
