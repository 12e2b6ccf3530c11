"""What a browser sees: pages drawn on the server, without script, in English and Korean."""
