"""Texts that no store may stumble over."""

ODD = [
    "",
    "a/b",
    "a\\b",
    "a#b",
    "a?b",
    "a%2Fb",
    "a+b c",
    "it's",
    "배포",
    "\x00\x1f\x7f",
    "x" * 2_000,
    "..",
    "~",
]
