"""What the relay is measured against: the same job, done the ordinary way."""
