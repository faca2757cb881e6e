"""`python -m bot doctor`: asks each system that we lean on whether it can be used as it is set up.

It changes nothing, sends nothing, posts nothing, and needs no running bot.
"""
