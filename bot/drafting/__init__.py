"""Words for a customer: asked of a model, checked, or taken from the reviewed letters."""
