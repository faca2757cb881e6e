"""Every word a person reads: one file a language, the same keys and placeholders in each."""
