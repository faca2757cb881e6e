"""The windows that open on a press: what they show, and what is done when they are sent."""
