"""Cards that their hosts draw whole, to be spoiled."""

import json
from collections.abc import Callable
from typing import Any

Spoil = Callable[[dict[str, Any]], object]
OPEN = {"type": "Action.OpenUrl", "title": "Logs", "url": "https://ci.example", "iconUrl": "https://x.example/i.png"}
HTTP = {
    "type": "Action.Http",
    "title": "승인",
    "method": "POST",
    "url": "https://relay.example/api",
    "headers": [{"name": "Relay-Ticket", "value": "t"}],
    "body": "{}",
}
EXECUTE = {"type": "Action.Execute", "title": "승인", "verb": "approve", "fallback": {"type": "Action.Submit"}}
SHOW = {
    "type": "Action.ShowCard",
    "title": "More",
    "card": {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "x"}], "actions": [OPEN]},
}
ADA = {"type": "mention", "text": "<at>Ada</at>", "mentioned": {"id": "ada@octo.example", "name": "Ada"}}
CARD: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.0",
    "body": [
        {"type": "TextBlock", "text": "x < y, **굵게**"},
        {"type": "Container", "items": [{"type": "FactSet", "facts": [{"title": "a", "value": "b"}]}]},
        {"type": "ColumnSet", "columns": [{"items": [{"type": "Image", "url": "https://x.example/a.png"}]}]},
        {"type": "ImageSet", "images": [{"url": "https://x.example/a.png"}]},
    ],
    "actions": [SHOW, OPEN],
}
TEXT = {"type": "Input.Text", "id": "comment", "inlineAction": OPEN}
MAIL: dict[str, Any] = {**CARD, "body": [*CARD["body"], TEXT], "actions": [HTTP, OPEN]}
BOT: dict[str, Any] = {
    **CARD,
    "version": "1.5",
    "body": [
        {"type": "TextBlock", "text": "For <at>Ada</at>"},
        {"type": "RichTextBlock", "inlines": ["x", {"type": "TextRun", "text": "y"}]},
        {"type": "Table", "columns": [{"width": 1}], "rows": [], "fallback": "drop"},
        TEXT,
        {"type": "ActionSet", "actions": [EXECUTE]},
    ],
    "refresh": {"action": EXECUTE, "userIds": ["29:1"] * 60},
    "msteams": {"entities": [ADA]},
}


def spoiled(card: dict[str, Any], spoil: Spoil) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(card))
    spoil(copy)
    return copy
