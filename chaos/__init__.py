"""Promises put to trouble, measured and held: `make chaos`."""
