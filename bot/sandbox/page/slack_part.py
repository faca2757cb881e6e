"""The page's Slack: what a viewer sees of the workspace, and what they may do in it."""

from bot.sandbox.page import slack_acts, slack_screen
from bot.sandbox.page.desk import Part

PART = Part(screen=slack_screen.screen, acts=slack_acts.ACTS)
