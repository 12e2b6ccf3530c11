"""The private key of a GitHub App, in the forms that operators paste."""

from base64 import b64decode
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

MIN_BITS: Final = 2048


def read_private_key(text: str) -> RSAPrivateKey:
    """Read RELAY_GITHUB_APP_PRIVATE_KEY: the PEM, perhaps with its line breaks as backslash n, or the PEM in base64.

    Raises ValueError, with the cure, unless it is an RSA key of 2048 bits or more.
    """
    stripped = text.strip()
    try:
        pem = (
            stripped.replace("\\n", "\n").encode()
            if stripped.startswith("-----BEGIN")
            else b64decode("".join(stripped.split()), validate=True)
        )
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(
            "is not a private key: paste the .pem file that GitHub gave for the App, or its base64"
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_BITS:
        raise ValueError("is not an RSA key of 2048 bits or more: make a new one in the settings of the GitHub App")
    return key
