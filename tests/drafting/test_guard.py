"""What must not reach a customer is refused by its rule; what may is not touched."""

import re
import time
import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from bot.drafting.guard import STOPS_A_PERSON, Author, Rule, check, stopped
from bot.drafting.rulebook import language, locales
from bot.drafting.shape import MAX_BODY
from tests.drafting.guard_rows import LOCALES, drafts, judged, rows

CLEAN = ("A payment is still open", "You can pay here: {pay_link}\nJust reply if you like.")

every_locale = pytest.mark.parametrize("locale", LOCALES)


def broken(  # noqa: PLR0913 - the guard's own arguments
    subject: str,
    body: str,
    *,
    author: Author = Author.MODEL,
    company: str = "Acme",
    several: bool = False,
    locale: str = "en",
) -> set[Rule]:
    found = check(subject, body, locale=locale, author=author, company=company, several=several)
    return {violation.rule for violation in found}


def test_every_guarded_language_has_its_rows() -> None:
    assert locales() == LOCALES


@every_locale
@pytest.mark.parametrize("name", ["refuse", "pass"])
def test_every_rule_has_at_least_twenty_sentences_each_way(locale: str, name: str) -> None:
    counted = Counter(row.rule for row in rows(locale, name))
    assert {rule: counted[rule] for rule in Rule if counted[rule] < 20} == {}
    assert len(set(rows(locale, name))) == counted.total()


@every_locale
@pytest.mark.parametrize("rule", Rule)
def test_the_guard_refuses(rule: Rule, locale: str) -> None:
    listed = [row for row in rows(locale, "refuse") if row.rule is rule]
    assert [row for row in listed if rule not in {one.rule for one in judged(row)}] == []


@every_locale
@pytest.mark.parametrize("rule", Rule)
def test_the_guard_lets_pass(rule: Rule, locale: str) -> None:
    listed = [row for row in rows(locale, "pass") if row.rule is rule]
    assert [row for row in listed if judged(row)] == []


@every_locale
def test_the_rules_hold_for_sentences_they_were_not_written_for(
    locale: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = rows(locale, "heldout_refuse"), rows(locale, "heldout_pass")
    caught = [row for row in bad if row.rule in {found.rule for found in judged(row)}]
    false = [row for row in good if judged(row)]
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the point
            f"\nguard {locale}: {len(caught)} of {len(bad)} caught, "
            f"{len(false)} of {len(good)} refused in vain"
        )
    assert len(caught) >= 0.9 * len(bad)
    assert len(false) <= 0.05 * len(good), [str(row) for row in false]


# What was measured at first sight: nothing may get worse. The aim is 95 % and 2 %.
# (the least that must be caught, the most clean letters that may be refused)
AT_FIRST_SIGHT = {"en": (23, 0), "es": (24, 1), "fr": (22, 2)}


@every_locale
def test_letters_the_rules_have_never_been_mended_on_are_judged_as_well_as_at_first_sight(
    locale: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = rows(locale, "blind_refuse"), drafts(locale, "blind_drafts")
    caught = [row for row in bad if row.rule in {found.rule for found in judged(row)}]
    false = [body for subject, body in good if broken(subject, body, locale=locale)]
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the point
            f"\nguard {locale}, never mended on: {len(caught)} of {len(bad)} caught, "
            f"{len(false)} of {len(good)} clean letters refused"
        )
    least, most = AT_FIRST_SIGHT[locale]
    assert len(caught) >= least
    assert len(false) <= most, false


@every_locale
def test_whole_drafts_as_a_model_writes_them_are_not_refused_in_vain(locale: str) -> None:
    for subject, body in drafts(locale):
        found = check(subject, body, locale=locale, author=Author.MODEL, company="Acme")
        assert found == (), body


@every_locale
def test_a_letter_in_another_language_is_refused_whole(locale: str) -> None:
    for other in set(LOCALES) - {locale}:
        written = files("bot").joinpath("words", "letters", f"{other}.toml").read_text("utf-8")
        for family, numbered in tomllib.loads(written).items():
            if family in {"frame", "phrases"}:
                continue
            for letter in numbered.values():
                found = check(
                    letter["subject"],
                    letter["body"],
                    locale=locale,
                    author=Author.MODEL,
                    company="Acme",
                )
                fields = {one.field for one in found if one.rule is Rule.LANGUAGE}
                assert "body" in fields, letter["body"]


def test_a_person_may_promise_and_urge() -> None:
    body = "Hello Ann, please pay the 49 euros by Friday & enjoy ten percent off!\n{pay_link}\nBye."
    assert broken("RE: URGENT!", body, author=Author.PERSON) == set()


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (Rule.CARD_DATA, "Just reply with your card number: {pay_link}"),
        (Rule.DECLINE_SECRET, "Your card was reported as stolen: {pay_link}"),
        (Rule.PAY_LINK, "You can pay on the page."),
        (Rule.PLACEHOLDER, "Hello {nickname}, you can pay here: {pay_link}"),
        (Rule.PLACEHOLDER, "We ask for [amuont]: {pay_link}"),
        (Rule.LINK, "Have a look at example.org: {pay_link}"),
    ],
)
def test_a_person_is_stopped_where_anybody_is(rule: Rule, body: str) -> None:
    assert rule in STOPS_A_PERSON
    assert broken("A payment", body, author=Author.PERSON) == {rule}


def test_each_foreign_link_of_a_person_is_named_until_exactly_that_one_is_confirmed() -> None:
    body = "See help.example.org, or www.example.net/a. {pay_link}"

    def named(*confirmed: str) -> list[str]:
        found = stopped(
            "A payment", body, locale="en", company="Acme", confirmed=frozenset(confirmed)
        )
        assert {one.rule for one in found} <= {Rule.LINK}
        return [one.found for one in found]

    first, second = named()
    assert first.startswith("help.example.org")
    assert second.startswith("www.example.net/a")
    assert named(first) == [second]
    assert named(first, second) == []
    assert named("example.org") == [first, second]


def test_of_our_facts_only_the_companys_name_stands_in_a_persons_subject() -> None:
    def found(subject: str) -> list[tuple[Rule, str, str]]:
        violations = stopped(subject, "{pay_link}", locale="en", company="Acme")
        return [(one.rule, one.field, one.found) for one in violations]

    assert found("For {company}") == []
    assert found("{amount} to {company}") == [(Rule.PLACEHOLDER, "subject", "{amount}")]
    assert found("{nickname}") == [(Rule.PLACEHOLDER, "subject", "{nickname}")]


def test_a_person_may_put_the_link_where_they_like() -> None:
    body = "Use {pay_link}. Or {pay_link}, if you prefer."
    assert broken("A payment", body, author=Author.PERSON) == set()


@pytest.mark.parametrize("company", ["Acme.io", "3M", "YAHOO!", "B&Q", "Ctrl*Labs"])
def test_the_company_may_be_called_whatever_it_is_called(company: str) -> None:
    body = f"Your account with {company} is open: {{pay_link}}"
    assert broken("A payment is still open", body, company=company) == set()


@every_locale
@pytest.mark.parametrize(
    "company",
    ["Final Draft", "Free Agent", "Discount Tire", "Urgent Care Co", "Solde & Fils", "Gratis SL"],
)
def test_a_company_may_be_called_like_a_word_of_the_rules(locale: str, company: str) -> None:
    for subject, body in drafts(locale)[:20]:
        assert broken(subject, body, company=company, locale=locale) == set()


def test_a_company_named_like_a_word_switches_no_rule_off() -> None:
    body = "Your plan is free: {pay_link}"
    assert broken("A payment is still open", body, company="free") == {Rule.DISCOUNT}


def test_a_look_alike_of_the_company_is_still_a_link() -> None:
    body = "Have a look at Acme.io.evil.com: {pay_link}"
    assert Rule.LINK in broken("A payment is still open", body, company="Acme.io")


@pytest.mark.parametrize("token", ["{plan}", "{card}", "{invoice}"])
def test_a_letter_about_several_invoices_speaks_of_no_single_one(token: str) -> None:
    body = f"The payment for {token} is still open: {{pay_link}}"
    assert broken("A payment is still open", body) == set()
    assert broken("A payment is still open", body, several=True) == {Rule.PLACEHOLDER}


@pytest.mark.parametrize(
    "words",
    [
        "Reply with your CARD NUMBER please.",
        "Reply with your card\u00a0number please.",
        "Reply with your \uff43\uff41\uff52\uff44 number please.",
        "Reply with your ca\u00adrd number please.",
        "Réply with your cärd nùmber please.",
    ],
)
def test_disguises_are_folded_away(words: str) -> None:
    assert Rule.CARD_DATA in broken(CLEAN[0], f"{words} {CLEAN[1]}")


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    for sign in "'’ʼ":
        assert Rule.BLAME in broken(CLEAN[0], f"You{sign}ve forgotten to pay. {CLEAN[1]}")


def test_a_violation_quotes_the_words_as_they_stand() -> None:
    body = f"Please pay by Frídày. {CLEAN[1]}"
    (found,) = check(CLEAN[0], body, locale="en", author=Author.MODEL, company="Acme")
    assert (found.rule, found.field, found.found) == (Rule.DEADLINE, "body", "Frídày")


def test_an_empty_letter_is_refused() -> None:
    assert broken("", "") == {Rule.SUBJECT, Rule.LENGTH, Rule.PAY_LINK}
    assert broken(" \n", " \n ", author=Author.PERSON) == {Rule.PAY_LINK}


def test_the_longest_letter_is_counted_in_characters() -> None:
    link = " {pay_link}"
    body = ("It is open " * 90)[: MAX_BODY - len(link)] + link
    assert Rule.LENGTH not in broken(CLEAN[0], body)
    assert broken(CLEAN[0], "x" + body) == {Rule.LENGTH}


def test_ten_megabytes_are_refused_at_once() -> None:
    started = time.perf_counter()
    assert broken(CLEAN[0], "a. " * 3_500_000) == {Rule.LENGTH}
    assert broken("a" * 10_000_000, CLEAN[1]) == {Rule.SUBJECT}
    assert time.perf_counter() - started < 1


@every_locale
@pytest.mark.parametrize(
    "seed", ["a ", "we ", "your ", "si ", "ne ", "no ", "le ", "card ", "{", "'"]
)
def test_no_text_makes_a_pattern_run_away(locale: str, seed: str) -> None:
    body = (seed * MAX_BODY)[:MAX_BODY]
    started = time.perf_counter()
    assert broken("A payment", body, locale=locale)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("seed", ["a", "a@", "a.", "a-", "a ", "@", "{card}", "your ", "://"])
def test_the_longest_words_of_a_person_are_judged_while_slack_waits(seed: str) -> None:
    body = "{pay_link}" + seed * (2990 // len(seed))
    started = time.process_time()
    stopped("A payment", body, locale="en", company="Acme")
    assert time.process_time() - started < 2


@every_locale
def test_no_pattern_repeats_a_repetition_without_a_sign_between_the_rounds(locale: str) -> None:
    # (?:\\w+)* takes a time that doubles with each letter; (?: \\w+)* can be read in one way only.
    rules = language(locale)
    for phrases in rules.phrases.values():
        for pattern in filter(None, (phrases.refuse, phrases.spare)):
            assert ambiguous(pattern.pattern) == []


def test_a_repeated_repetition_is_noticed() -> None:
    assert ambiguous(r"a(?:\w+)*b") == [r"(?:\w+)*"]
    assert ambiguous(r"a(?:x|\w*){2,}b") == [r"(?:x|\w*){2,}"]
    assert ambiguous(r"a(?: \w+|'\w+)*(?:\w+ )*(?:\w+){0,3}?b") == []


def ambiguous(pattern: str) -> list[str]:
    """Groups that repeat without end, with an alternative that does so too and has no sign."""
    endless = re.compile(r"\(\?:((?:[^()\\]|\\.)*)\)(?:[*+]|\{\d+,\})")
    inner = re.compile(r"(?<!\\)[*+]")
    return [
        found[0]
        for found in endless.finditer(pattern)
        for branch in found[1].split("|")
        if inner.search(branch) and not re.match(r"[ ',-]", branch) and not branch.endswith(" ")
    ]


def test_a_country_uses_the_rules_of_its_language() -> None:
    assert language("fr-CA") is not language("es_MX")
    body = "Merci de régler avant vendredi. Vous pouvez payer ici : {pay_link}"
    found = check("Votre paiement", body, locale="fr-CA", author=Author.MODEL, company="Acme")
    assert [violation.rule for violation in found] == [Rule.DEADLINE]


def test_a_language_without_rules_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(LookupError, match="sv"):
        check(*CLEAN, locale="sv", author=Author.MODEL, company="Acme")
    with pytest.raises(LookupError, match="other_languages"):
        check(*CLEAN, locale="other_languages", author=Author.MODEL, company="Acme")
