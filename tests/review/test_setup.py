from bot.errors import ChannelTrouble
from bot.review.setup import verdict

REFUSED = ChannelTrouble("is_archived", permanent=True)
KNOWN = (("REVIEW_CHANNEL", "is_archived"),)


def test_a_slack_that_does_not_answer_says_nothing_new_about_settings() -> None:
    silent = {"SLACK_BOT_TOKEN": ChannelTrouble("no_answer")}
    assert verdict(silent, ()) == ()
    assert verdict(silent, KNOWN) == KNOWN


def test_each_channel_is_told_what_is_wrong_with_it_and_what_is_over_is_forgotten() -> None:
    assert verdict({"REVIEW_CHANNEL": REFUSED, "VIP_CHANNEL": None}, ()) == KNOWN
    assert verdict({"REVIEW_CHANNEL": None, "VIP_CHANNEL": REFUSED}, KNOWN) == (
        ("VIP_CHANNEL", "is_archived"),
    )


def test_a_missing_right_is_the_tokens_and_said_once() -> None:
    lacking = ChannelTrouble("missing_scope", permanent=True)
    answers = {"REVIEW_CHANNEL": lacking, "VIP_CHANNEL": lacking}
    assert verdict(answers, ()) == (("SLACK_BOT_TOKEN", "missing_scope"),)
