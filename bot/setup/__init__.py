"""From the Deploy button to the first letter: what to do next, on a page and in a terminal.

Nothing is kept and no secret taken: settings are the environment's. What it does outside it does
when a button is pressed: one endpoint at Stripe, one test card, one test mail.
"""
