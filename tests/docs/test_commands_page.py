"""The page of the commands is made from what the program knows."""

from docs.make_commands import PAGE, page


def test_the_page_of_the_commands_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m docs.make_commands"
