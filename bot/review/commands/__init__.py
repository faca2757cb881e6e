"""/dunning: what people ask and tell the bot in words, answered to them alone."""
