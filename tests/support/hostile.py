"""Requests as the worst sender would make them: every field drawn from what a chat could mistake for its own."""

from typing import Any

from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model import ApprovalRequest
from relay.signed.request import read_form

_SPITEFUL = st.sampled_from(
    [
        *("<!channel>", "<!here|x>", "<@U123>", "<#C123>", "@here", "@everyone", "<http://evil|https://good>", "&lt;"),
        *("&amp;lt;", "&", "<", ">", "> quoted", "\u202e", "\u2066", "```", "`" * 300, "*" * 40, "**b**", "_i_", "~s~"),
        *("[x](https://evil.example/a|b>c)", "[x](javascript:alert)", "[a](https://x.example)", "- item", "\n", "\t"),
        *(
            ":tada:",
            "<!date^1^{date}|x>",
            "<!subteam^S1>",
            "é",
            "배포",
            "👩‍🚀",
            "\\",
            '"',
            "a" * 400,
            "|",
            "](",
            "Approve",
        ),
    ]
)


def words(size: int) -> st.SearchStrategy[str]:
    return st.lists(_SPITEFUL | st.text(max_size=12), max_size=8).map(lambda parts: " ".join(parts)[:size])


def _line(size: int) -> st.SearchStrategy[str]:
    return words(size).map(lambda text: " ".join(text.split()) or "x")


_PAIRS = st.lists(
    st.fixed_dictionaries({"name": _line(100), "value": words(2_000).map(lambda t: t or "x")}), max_size=8
)
_LINKS = st.lists(
    st.fixed_dictionaries(
        {
            "name": _line(100),
            "url": st.sampled_from(["https://ci.example/1?a=b&c=<d>|e", "http://x.example/" + "y" * 500]),
        }
    ),
    max_size=4,
)
_URI = st.sampled_from(
    ["https://ok.example/", "javascript:alert(1)", "https://ok.example/" + "z" * 4_000, "http://a\\b"]
)
_ACTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "@type": st.sampled_from(["OpenUri", "HttpPOST"]),
            "name": words(90),
            "targets": st.lists(st.fixed_dictionaries({"os": st.just("default"), "uri": _URI}), max_size=2),
        }
    ),
    max_size=2,
)
_SECTIONS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"title": words(200), "text": words(900), "facts": _PAIRS, "potentialAction": _ACTIONS}
    ),
    max_size=3,
)
FORMS = st.fixed_dictionaries(
    {"repository": st.just("octo/api"), "title": _line(300), "event_type": st.just("deploy-api")},
    optional={
        "text": words(8_000),
        "summary": _line(300),
        "environment": _line(255),
        "ref": _line(255),
        "facts": _PAIRS,
        "links": _LINKS,
        "sections": _SECTIONS,
        "actions": _ACTIONS,
        "confirm": _line(300),
        "approve_label": _line(40),
        "reject_label": _line(40),
        "requested_by": st.just("octocat"),
        "require_comment": st.booleans(),
        "run_url": st.just("https://github.com/octo/api/actions/runs/1"),
    },
)


def request(form: dict[str, Any]) -> ApprovalRequest | None:
    """Return the request of a form, None where no relay would take it."""
    try:
        return read_form(form, issued_at=1_790_000_000, nonce="n" * 22, lifetime=86_400)
    except Refusal:
        return None
