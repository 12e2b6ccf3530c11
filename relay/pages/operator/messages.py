"""The operator's routes of messages: a page of them, and the story of a request. HTML for people, JSON for programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.api.json_replies import json_reply
from relay.approval.policy import Policy
from relay.errors import Refusal
from relay.journal.message_log import MessageLog
from relay.journal.messages import shown
from relay.journal.search import Search
from relay.model.delivery import Delivery, Reply
from relay.pages.operator import story
from relay.pages.operator.access import Operator, wants_page
from relay.pages.operator.answering import Answering
from relay.pages.operator.filters import PAGE, check_outcome, next_cursor, read_search
from relay.pages.operator.list_page import draw_messages
from relay.pages.operator.parts import MESSAGES, Look, look_of
from relay.pages.operator.story_page import draw_story
from relay.store.contract import Store

OF_A_STORY: Final = 1_000  # messages of one request that its story tells at most, the newest
FLUSH: Final = 2.0  # seconds that the newest messages of this process may take to be written


@dataclass(frozen=True, slots=True)
class MessagesDesk:
    """The messages that an operator reads. `clock` returns Unix seconds."""

    answering: Answering
    store: Store
    log: MessageLog
    policy: Policy
    clock: Callable[[], float]

    def messages(self, delivery: Delivery, query: Mapping[str, str]) -> Reply:
        """GET /api/messages: a page of messages, newest first."""
        return self.answering.get(delivery, MESSAGES, query, lambda operator: self._messages(delivery, query, operator))

    def story(self, delivery: Delivery, request_id: str) -> Reply:
        """GET /api/messages/{id}: the whole story of a request."""
        path = f"{MESSAGES}/{request_id}"
        return self.answering.get(delivery, path, {}, lambda operator: self._story(delivery, request_id, operator))

    def _messages(self, delivery: Delivery, query: Mapping[str, str], operator: Operator) -> Reply:
        is_page = wants_page(delivery.headers)
        try:
            search = read_search(query, self.policy)
            self.log.flush(FLUSH)
            found = self.store.messages(search, PAGE + 1)
            if not found:
                check_outcome(query)
        except Refusal as refusal:
            if not is_page:
                raise
            return draw_messages((), query, "", self._look(delivery, operator, MESSAGES), problem=refusal.message)
        cursor = next_cursor(found, query)
        if is_page:
            return draw_messages(found[:PAGE], query, cursor, self._look(delivery, operator, MESSAGES))
        return json_reply(200, {"messages": [shown(message) for message in found[:PAGE]], "next": cursor or None})

    def _story(self, delivery: Delivery, request_id: str, operator: Operator) -> Reply:
        self.log.flush(FLUSH)
        case = self.store.load(request_id) if request_id.isascii() else None
        found = self.store.messages(Search(request=request_id), OF_A_STORY) if request_id.isascii() else ()
        if case is None and not found:
            raise Refusal("unknown-request", "no case and no message of this id")
        if wants_page(delivery.headers):
            look = self._look(delivery, operator, f"{MESSAGES}/{request_id}")
            return draw_story(case, found[::-1], look)
        return json_reply(200, story.tell(case, request_id, found[::-1], self.policy, self.clock()))

    def _look(self, delivery: Delivery, operator: Operator, path: str) -> Look:
        return look_of(self.answering.access, operator, delivery.headers, path, self.clock())
