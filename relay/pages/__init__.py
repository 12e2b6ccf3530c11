"""Pages for a browser: drawn on the server, without script, in English and Korean."""
