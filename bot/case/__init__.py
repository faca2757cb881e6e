"""The domain: what a case is and how it lives. Standard library only."""
