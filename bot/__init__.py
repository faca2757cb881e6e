"""Dunning Desk: failed payments won back in Slack, with a person in charge of every word."""
