"""Fake Bot Framework and Teams on loopback: keys, metadata, tokens, and a connector that enforces shapes and limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from relay.model.values import Json
from tests.support import entra_tokens, teams_activities
from tests.support.http_server import Answer, Call, HttpServer

SECRET: Final = "bot-secret-0123456789"
MAX_MESSAGE: Final = 100 * 1024
MAX_USERS: Final = 60
ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"
MESSAGE_CARD: Final = "application/vnd.microsoft.teams.card.o365connector"
Said = tuple[int, dict[str, str], object]


@dataclass
class BotFramework(HttpServer):
    """`rooms` are the conversations where the bot is installed, each with its members' ids by object id.

    `messages` are the messages as they are now, by conversation and id; `next_answers` is what the connector says
    instead of what it would, and `next_tokens` what Entra says.
    """

    rooms: dict[str, dict[str, str]] = field(
        default_factory=lambda: {teams_activities.CHANNEL: {entra_tokens.OBJECT: teams_activities.PERSON}}
    )
    messages: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    next_answers: list[Said] = field(default_factory=list)
    next_tokens: list[Said] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    keys: list[object] = field(default_factory=lambda: [entra_tokens.jwk(endorsements=["acs", "msteams"])])
    page_size: int = 500
    lasts: int = 3_600

    def __post_init__(self) -> None:
        super().__init__()
        self.openid = f"{self.url}/v1/.well-known/openidconfiguration"
        self.service = f"{self.url}/teams/"
        self.token_url = f"{self.url}/{entra_tokens.TENANT}/oauth2/v2.0/token"

    def called(self, method: str, part: str) -> list[Call]:
        """Return the calls of a method whose path has a part."""
        return [call for call in self.calls if call.method == method and part in call.path]

    def shown(self, conversation: str = teams_activities.CHANNEL) -> dict[str, Any]:
        """Return the content of the one card of a conversation."""
        (message,) = (message for (where, _), message in self.messages.items() if where == conversation)
        content: dict[str, Any] = message["attachments"][0]["content"]
        return content

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        status, headers, said = self._said(call)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        return Answer(status, content, {"Content-Type": "application/json", **headers})

    def _said(self, call: Call) -> Said:
        path = urlsplit(call.path).path
        if path == "/v1/.well-known/openidconfiguration":
            return 200, {}, {"issuer": teams_activities.ISSUER, "jwks_uri": f"{self.url}/v1/.well-known/keys"}
        if path == "/v1/.well-known/keys":
            return 200, {}, {"keys": self.keys}
        if path.endswith("/oauth2/v2.0/token"):
            return self.next_tokens.pop(0) if self.next_tokens else self._token(call)
        if call.headers.get("authorization", "") not in {f"Bearer {token}" for token in self.tokens[-1:]}:
            return 401, {}, {"message": "Authorization has been denied for this request."}
        if self.next_answers and "pagedmembers" not in path:
            return self.next_answers.pop(0)
        return self._connector(call, path)

    def _token(self, call: Call) -> Said:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        expected = {
            "grant_type": "client_credentials",
            "client_id": teams_activities.APP,
            "client_secret": SECRET,
            "scope": "https://api.botframework.com/.default",
        }
        if form != expected or urlsplit(call.path).path != urlsplit(self.token_url).path:
            told = "AADSTS7000215: Invalid client secret provided. Trace ID: 1"
            return 401, {}, {"error": "invalid_client", "error_description": told}
        self.tokens.append(f"token-{len(self.tokens)}")
        return 200, {}, {"token_type": "Bearer", "expires_in": self.lasts, "access_token": self.tokens[-1]}

    def _connector(self, call: Call, path: str) -> Said:
        match [unquote(part) for part in path.split("/")]:
            case ["", "teams", "v3", "conversations", room, *rest]:
                found = self.rooms.get(room.partition(";")[0])
                if found is None:
                    return _refused(403, "BotNotInConversationRoster")
                return self._room(call, room, found, rest)
        return _refused(404, "ServiceError")

    def _room(self, call: Call, room: str, members: Mapping[str, str], rest: list[str]) -> Said:
        match call.method, rest:
            case "GET", ["pagedmembers"]:
                return self._members(call, members)
            case "POST", ["activities"]:
                name = f"17{len(self.messages):011}"
                return self._take(call, room, name, members, status=201)
            case "PUT", ["activities", name] if (room, name) in self.messages:
                return self._take(call, room, name, members, status=200)
        return _refused(404, "ActivityNotFoundInConversation")

    def _members(self, call: Call, members: Mapping[str, str]) -> Said:
        query = parse_qs(urlsplit(call.path).query)
        size, start = min(int(query["pageSize"][0]), self.page_size), int(query.get("continuationToken", ["0"])[0])
        listed = [{"id": name, "objectId": oid, "name": "Somebody"} for oid, name in members.items()]
        more = {"continuationToken": str(start + size)} if start + size < len(listed) else {}
        return 200, {}, {"members": listed[start : start + size], **more}

    def _take(self, call: Call, room: str, name: str, members: Mapping[str, str], *, status: int) -> Said:
        if len(call.body) > MAX_MESSAGE:
            return _refused(413, "MessageSizeTooBig")
        message = json.loads(call.body)
        trouble = (
            _trouble(message, set(members.values())) if "application/json" in call.headers["content-type"] else "x"
        )
        if trouble:
            return _refused(400, "BadSyntax", trouble)
        self.messages[room, name] = message
        return status, {}, {"id": name}


def _trouble(message: Json, members: set[str]) -> str:
    """Return the fault of a message, or nothing if it is well-formed."""
    if message.get("type") != "message":
        return "type"
    attachments = message.get("attachments", [])
    if not isinstance(attachments, list) or (not attachments and not message.get("text")):
        return "neither text nor attachment"
    return next(filter(None, (_wrong(each, members) for each in attachments)), "")


def _wrong(attachment: Json, members: set[str]) -> str:
    content = attachment["content"]
    assert isinstance(content, dict)
    if attachment.get("contentType") == MESSAGE_CARD:
        return "" if content.get("summary") else "Summary or Text is required."
    if attachment.get("contentType") != ADAPTIVE or content.get("version") != "1.4":
        return "no card that Teams knows"
    users = content.get("refresh", {}).get("userIds", [])
    if len(users) > MAX_USERS or not set(users) <= members:
        return "refresh.userIds"
    text = json.dumps(content["body"], ensure_ascii=False)
    entities = content.get("msteams", {}).get("entities", [])
    return "" if all(entity["text"] in text for entity in entities) else "a mention is not in the text"


def _refused(status: int, code: str, message: str = "no") -> Said:
    return status, {}, {"error": {"code": code, "message": message}}
