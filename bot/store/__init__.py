"""The database. Rows never leave this folder."""
