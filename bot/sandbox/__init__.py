"""The bot with no accounts: loopback Stripe, Slack, model and mailbox."""
