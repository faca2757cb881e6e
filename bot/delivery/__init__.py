"""A letter leaves: one provider each."""
