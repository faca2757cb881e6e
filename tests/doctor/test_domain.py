"""What DNS says of the From domain, asked of a real server, and judged by what receivers do."""

from collections.abc import AsyncIterator

import pytest

from bot import config as settings
from bot.doctor import domain, names, report
from tests.doctor.nameserver import NameServer, name_server

GMAIL = "smtp://ada:secret@smtp.gmail.com:587"
SENDGRID = "sendgrid://SG.abc.def"
ELSEWHERE = "smtp://ada:secret@mail.example.net:587"
GOOD = "v=spf1 include:_spf.google.com ~all"
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkq"


@pytest.fixture
async def dns() -> AsyncIterator[NameServer]:
    """All is well at acme.example, which sends by Google."""
    async with name_server() as found:
        found.texts |= {
            "acme.example": ["google-site-verification=1", GOOD],
            "_spf.google.com": ["v=spf1 include:_netblocks.google.com ~all"],
            "_netblocks.google.com": ["v=spf1 ip4:192.0.2.0/24 ~all"],
            "google._domainkey.acme.example": [KEY],
            "_dmarc.acme.example": ["v=DMARC1; p=quarantine; rua=mailto:ada@acme.example"],
        }
        yield found


async def told(
    dns: NameServer, mail_url: str = GMAIL, sender: str = "billing@acme.example"
) -> dict[str, str]:
    """State and code of each of the three checks; every sentence can be said."""
    config = settings.load({"MAIL_FROM": sender, "MAIL_URL": mail_url})
    findings = await domain.examined(config, names.texts_of(dns.resolver))
    for locale in ("en", "es", "fr"):
        assert "secret" not in "\n".join(report.lines(findings, locale))
    return {
        one.name.removeprefix("mail."): f"{one.verdict.state} {one.verdict.code}"
        for one in findings
    }


FINE = {"spf": "ok ok", "dkim": "ok ok", "dmarc": "ok ok"}


async def test_where_all_is_well_all_three_are_green(dns: NameServer) -> None:
    assert await told(dns) == FINE


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "wrong none_of"),
        (["v=spf10 include:_spf.google.com"], "wrong none_of"),
        ([GOOD, "v=spf1 -all"], "wrong several"),
        (["v=spf1 include:_spf.google.com +all"], "wrong everybody"),
        (["v=spf1 include:_spf.google.com all"], "wrong everybody"),
        (["v=spf1 include:loose.example include:_spf.google.com ~all"], "wrong everybody"),
        (
            ["v=spf1 include:_spf.google.com a mx ptr exists:%{i}.x " + "a:b.c " * 5],
            "wrong lookups",
        ),
        (["v=spf1 include:_spf.google.com a mx ptr exists:%{i}.x " + "a:b.c " * 4], "ok ok"),
        (["v=spf1 include:round.example ~all"], "wrong lookups"),
        (["v=spf1 include:nothing.example include:_spf.google.com ~all"], "wrong broken"),
        (["v=spf1 include:silent.example ~all"], "unknown silent"),
        (["v=spf1 ip4:192.0.2.1 -all"], "wrong unnamed"),
        (["v=spf1 redirect=_spf.google.com"], "ok ok"),
        (["v=spf1 redirect=_spf.google.com -all"], "wrong unnamed"),
        (["V=SPF1 INCLUDE:_SPF.GOOGLE.COM ~ALL"], "ok ok"),
    ],
)
async def test_spf_is_judged_as_receivers_do(
    dns: NameServer, records: list[str], said: str
) -> None:
    dns.texts["acme.example"] = records
    dns.texts["loose.example"] = ["v=spf1 +all"]
    dns.texts["round.example"] = ["v=spf1 include:round.example ~all"]
    dns.broken.add("silent.example")
    assert await told(dns) == {**FINE, "spf": said}


async def test_a_provider_with_a_return_address_of_its_own_needs_no_spf(dns: NameServer) -> None:
    dns.texts["acme.example"] = []
    dns.aliases["s1._domainkey.acme.example"] = "s1.domainkey.u1.wl.sendgrid.net"
    dns.texts["s1.domainkey.u1.wl.sendgrid.net"] = [KEY]
    assert await told(dns, SENDGRID) == {**FINE, "spf": "unknown none_needed"}


async def test_of_a_provider_that_we_do_not_know_the_key_is_not_guessed(dns: NameServer) -> None:
    assert await told(dns, ELSEWHERE) == {**FINE, "dkim": "unknown anywhere"}
    dns.texts["acme.example"] = []
    assert (await told(dns, ELSEWHERE))["spf"] == "wrong none"


@pytest.mark.parametrize(
    ("records", "said"),
    [([], "unknown none"), (["v=DKIM1; p="], "unknown none"), (["v=DKIM1; k=rsa;p=MII"], "ok ok")],
)
async def test_a_key_that_is_missing_or_revoked_is_to_look_at(
    dns: NameServer, records: list[str], said: str
) -> None:
    dns.texts["google._domainkey.acme.example"] = records
    assert await told(dns) == {**FINE, "dkim": said}


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "wrong none"),
        (["v=DMARC1; p=none"], "ok watches"),
        (["v=DMARC1;p=REJECT"], "ok ok"),
        (["v=DMARC1; p=perhaps"], "wrong lawless"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "wrong several"),
        (["google-site-verification=1"], "wrong none"),
        (["v = DMARC1 ;p = none ; x = y"], "ok watches"),
        ([f"v=DMARC1; p=none{' ' * 60_000}x"], "wrong lawless"),  # at once
    ],
)
async def test_dmarc_is_judged_as_receivers_do(
    dns: NameServer, records: list[str], said: str
) -> None:
    dns.texts["_dmarc.acme.example"] = records
    assert await told(dns) == {**FINE, "dmarc": said}


@pytest.mark.parametrize(
    ("above", "said"),
    [
        ("v=DMARC1; p=reject", "ok ok"),
        ("v=DMARC1; p=reject; sp=none", "ok watches"),
        ("v=DMARC1; psd=y; p=reject", "wrong none"),
    ],
)
async def test_below_the_company_s_domain_dmarc_is_that_of_the_company(
    dns: NameServer, above: str, said: str
) -> None:
    dns.texts["_dmarc.acme.example"] = [above]
    assert (await told(dns, sender="billing@mail.eu.acme.example"))["dmarc"] == said
    assert [one for one in dns.asked if one.startswith("_dmarc")][:2] == [
        "_dmarc.mail.eu.acme.example",
        "_dmarc.acme.example",
    ]


async def test_a_long_record_comes_in_pieces_and_over_tcp(dns: NameServer) -> None:
    networks = " ".join(f"ip4:192.0.2.{one}" for one in range(60))
    dns.texts["acme.example"] = [f"v=spf1 {networks} include:_spf.google.com -all"]
    assert await told(dns) == FINE
    assert dns.over_tcp == ["acme.example"]


@pytest.mark.parametrize("fault", ["silent", "broken"])
async def test_a_dns_that_does_not_answer_is_no_fault_of_the_domain_s(
    dns: NameServer, fault: str
) -> None:
    getattr(dns, fault).update(dns.texts)
    assert await told(dns) == dict.fromkeys(FINE, "unknown silent")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "relay"])
async def test_beside_a_mail_server_of_ones_own_nothing_is_asked(
    dns: NameServer, host: str
) -> None:
    assert await told(dns, f"smtp://{host}:25") == dict.fromkeys(FINE, "skipped here")
    assert dns.asked == []
