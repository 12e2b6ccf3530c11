"""The check that a form was sent by our own page, from the headers of the browser.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
https://www.w3.org/TR/fetch-metadata/
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_SITE: Final = "sec-fetch-site"
_SAME: Final = "same-origin"


def is_ours(headers: Mapping[str, str], origin: str) -> bool:
    """Tell whether a POST came from a page at `origin`. Header names are in lower case.

    Origin decides; without it Referer does, and without both Sec-Fetch-Site, which only a browser writes. A call
    without any of them is refused, and so is one that contradicts itself.
    """
    site = headers.get(_SITE, "")
    if site not in ("", _SAME):
        return False
    if "origin" in headers:
        return headers["origin"] == origin
    if "referer" in headers:
        return _origin_of(headers["referer"]) == origin
    return site == _SAME


def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
