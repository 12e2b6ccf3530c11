"""HTTP to the outside: addresses, one call, the client and its connections."""
