"""The peers of the relay: the same job, done the ordinary way."""
