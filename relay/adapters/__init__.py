"""What lies outside: one file per outside thing."""
