"""The relay's own sign-in: at Entra and at GitHub, by authorization code with PKCE."""
