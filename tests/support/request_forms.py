"""Hypothesis strategies of the request forms that the relay takes, for property tests."""

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).filter(str.strip)
KOREAN = st.sampled_from(["배포 승인", "가나다 라마바", "프로덕션 릴리스 🚀", 'He said "go"\\', "日本語"])
WORDS = KOREAN | TEXT
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=3)
URL = st.integers(1, 9_999).map(lambda run: f"https://github.com/octo/api/actions/runs/{run}")
_FIELDS: dict[str, st.SearchStrategy[object]] = {
    "event_type": st.sampled_from(["deploy-api", "deploy-배포"]),
    "client_payload": st.dictionaries(WORDS.filter(lambda key: key != "approval"), VALUES, max_size=4),
    "text": WORDS.map(lambda text: f"{text}\n둘째 줄"),
    "summary": WORDS,
    "theme_color": st.sampled_from(["#0969DA", "cf222e"]),
    "sections": st.lists(OBJECTS, max_size=2),
    "actions": st.lists(OBJECTS, max_size=2),
    "facts": st.lists(st.fixed_dictionaries({"name": WORDS, "value": WORDS}), max_size=3),
    "links": st.lists(st.fixed_dictionaries({"name": WORDS, "url": URL}), max_size=3),
    "environment": st.sampled_from(["production", "스테이징"]),
    "ref": st.just("refs/heads/main"),
    "sha": st.sampled_from(["0123abc", "f" * 40]),
    "run_url": URL,
    "requested_by": st.sampled_from(["octocat", "dependabot[bot]"]),
    "requested_by_id": st.integers(1, 2**40),
    "require_comment": st.booleans(),
    "approvers": st.lists(WORDS, max_size=3),
    "approve_label": WORDS,
    "reject_label": WORDS,
    "confirm": WORDS,
    "channels": st.lists(WORDS, max_size=2),
}
FORMS = st.fixed_dictionaries(
    {"repository": st.sampled_from(["octo/api", "Octo/Site.js"]), "title": WORDS}, optional=_FIELDS
)
