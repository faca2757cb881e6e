"""Stripe says something."""
