"""The comment of a press, whose place a card marks with a placeholder for the chat to fill in."""

from typing import Final

PLACEHOLDER: Final = "{{comment.value}}"
BODY: Final = f'{{"comment": "{PLACEHOLDER}"}}'


def typed(comment: str) -> str:
    """Return a comment as it was typed: the bare placeholder, which the chat left unfilled, is none.

    https://github.com/microsoft/AdaptiveCards/issues/5447
    """
    return "" if comment.strip() == PLACEHOLDER else comment
