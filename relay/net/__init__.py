"""HTTP to the outside: addresses, calls, the client and its connections."""
