"""Programs ask here: a request is registered, shown, cancelled; plain cards are run."""
