"""The functions served without Azure: HTTP server, Functions host, routes and timers."""
