from bot.case.model import State
from docs import make_machine


def test_the_page_about_the_machine_is_what_the_machine_does() -> None:
    written = make_machine.PAGE.read_text(encoding="utf-8")
    assert written == make_machine.page(), "run: python -m docs.make_machine"


def test_the_page_explains_every_state() -> None:
    assert set(make_machine.STATES) == set(State)
