"""Teams through a Workflows webhook: a card whose button leads to the review page."""
