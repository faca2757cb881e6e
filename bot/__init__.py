"""Dunning Desk: failed payments won back in Slack, with a person in charge of every word."""

VERSION = "0.1.0"  # as pyproject.toml has it
