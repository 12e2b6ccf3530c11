"""What a page is made of, and what no page may have, whatever a sender wrote."""

from html.parser import HTMLParser
from typing import Final

from relay.model.delivery import Reply

EVIL: Final = "</textarea></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}&amp;"
TAGS: Final = {
    *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "section", "div", "p", "span"),
    *("h1", "h2", "h3", "h4", "dl", "dt", "dd", "ul", "ol", "li", "a", "time", "code", "pre", "strong", "small"),
    *("form", "input", "label", "textarea", "button", "blockquote", "svg", "rect", "path"),
}


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the page's text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def check_shut(reply: Reply) -> Elements:
    """Hold a page against what no page may have: anything that runs, loads, or leads where it should not."""
    page = Elements(reply.body.decode())
    assert [] == page.open
    for tag, attributes in page.found:
        assert tag in TAGS
        assert not any(name.startswith("on") or name in {"src", "srcset", "style"} for name in attributes)
        href = (attributes.get("href") or "#").lower()
        assert href.startswith(
            ("/api/review/", "/.auth/logout?", "#", "data:image/svg+xml;base64,", "https://", "http://")
        )
        if href.startswith("http"):
            assert ("_blank", "noopener noreferrer") == (attributes["target"], attributes["rel"])
        if tag == "meta":
            assert "http-equiv" not in attributes
    return page
