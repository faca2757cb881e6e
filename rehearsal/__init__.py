"""A deploy as Heroku does it, rehearsed on this machine, with no account."""
