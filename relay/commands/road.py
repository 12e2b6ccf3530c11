"""A command, from bytes to answer, top to bottom: proven, matched, made a request, committed, paid, answered."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from relay.approval import wording as press_wording
from relay.approval.approvers import progress
from relay.approval.judge import Decision
from relay.approval.policy import Policy, rule_of
from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.contract.incoming import Typed
from relay.commands import wording
from relay.commands.choice import MAX_TEXT, BadValue, Chosen, choose, nearest, sayable
from relay.commands.form import request_of
from relay.errors import Outage, Refusal
from relay.formats.words import split
from relay.journal.presses import write_busy_press, write_command, write_refused_press
from relay.model.case import Case
from relay.model.delivery import Delivery, Interaction, Reply
from relay.model.request import ApprovalRequest
from relay.outbox.new_case import NewCases
from relay.signed import canonical_json
from relay.store.contract import Store

REPEATED_FOR: Final = 600  # seconds for which a delivery that comes again gets the same answer
HELP: Final = "help"


@dataclass(frozen=True, slots=True)
class Commands:
    """The road of a command; `clock` returns Unix seconds, `nonce` a new random word."""

    store: Store
    new_cases: NewCases
    policy: Policy
    public_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def answer(self, chat: Typed, delivery: Delivery) -> Reply:
        """Take a command and answer it. A refusal is logged by the check that failed, never by its content."""
        try:
            if len(delivery.body) > chat.max_body:
                raise Refusal("too-large", "body")
            typed = chat.read(delivery, self.clock())
        except Refusal as refusal:
            write_refused_press(refusal, delivery, self.clock())
            return chat.refuse(refusal.code, refusal.check)
        if isinstance(typed, Reply):
            return typed
        arrived, budget = delivery.arrived_at, chat.budget
        return self.reply(typed, delivery, arrived + budget.github_until, arrived + budget.all_until)

    def reply(self, typed: TypedCommand, delivery: Delivery, github_until: float, deadline: float) -> Reply:
        """Answer a proven command. GitHub is waited for until `github_until`, everything is answered by `deadline`."""
        try:
            answer = self._take(typed, github_until, deadline)
        except Refusal as refusal:
            refusal.person = typed.actor.id
            write_refused_press(refusal, delivery, self.clock())
            return typed.reply(CommandAnswer(refusal.code, (wording.refusal(refusal),)))
        except Outage as outage:
            write_busy_press(outage, delivery)
            return typed.reply(CommandAnswer("busy", (wording.busy(),)))
        write_command(answer.code, typed.actor, delivery, self.clock())
        return typed.reply(answer)

    def _take(self, typed: TypedCommand, github_until: float, deadline: float) -> CommandAnswer:
        commands = sayable(self.policy, typed.actor)
        if len(typed.text) > MAX_TEXT:
            return CommandAnswer("malformed", (wording.too_long(),))
        if typed.text.strip().casefold() in ("", HELP):
            person = self.policy.person(typed.actor)
            return CommandAnswer(HELP, (wording.known_as(person, typed.actor), *wording.help_lines(commands)))
        if not commands:
            raise Refusal("not-allowed", "no command of the policy names this person")
        words = split(typed.text)
        match choose(commands, words) if words else None:
            case Chosen() as chosen:
                return self._ask(chosen, typed, github_until, deadline)
            case BadValue() as bad:
                return CommandAnswer("bad-value", (wording.bad_value(bad),))
        form = nearest(commands, words, typed.text)
        return CommandAnswer("unknown-command", (*wording.unknown(form, closed=words is not None),))

    def _ask(self, chosen: Chosen, typed: TypedCommand, github_until: float, deadline: float) -> CommandAnswer:
        """Make the request of a command, once for each delivery."""
        now, nonce = int(self.clock()), self.nonce()
        request = self._request(chosen, typed, issued_at=now, nonce=nonce)
        supersession = self.new_cases.supersession
        if supersession.applies(request):
            request = self._request(chosen, typed, issued_at=supersession.date(request), nonce=nonce)
        key, until = f"command {canonical_json.sha256(typed.delivery.encode())}", now + REPEATED_FOR
        mine = {"iat": request.issued_at, "nonce": nonce}
        first = json.loads(self.store.put_if_absent(key, json.dumps(mine), now=now, until=until))
        if "answer" in first:
            code, lines, url = first["answer"]
            return CommandAnswer(code, tuple(lines), url)
        if first != mine:  # another instance has it too, or stopped half way: its request, made again, is the same one
            request = self._request(chosen, typed, issued_at=first["iat"], nonce=first["nonce"])
        case = self._make(chosen, typed, request, github_until, deadline)
        answer = self._made(case)
        with suppress(Outage):  # the request is made, whether a repetition will find this or not
            stored = [answer.code, answer.lines, answer.url]
            self.store.put(key, json.dumps({**first, "answer": stored}), until=until)
        return answer

    def _request(self, chosen: Chosen, typed: TypedCommand, *, issued_at: int, nonce: str) -> ApprovalRequest:
        person = self.policy.person(typed.actor)
        request = request_of(chosen, typed.text, typed.actor, person, issued_at=issued_at, nonce=nonce)
        return self.new_cases.check(request, "command", typed.conversation)

    def _make(
        self, chosen: Chosen, typed: TypedCommand, request: ApprovalRequest, github_until: float, deadline: float
    ) -> Case:
        """Commit the request, with the requester's own approval in the same write where that counts."""
        ranked, by = self.new_cases.supersession.applies(request), typed.actor.id
        case = Case(request, "command", ranked=ranked, conversation=typed.conversation)
        if chosen.command.approve and typed.approves:
            press = Interaction("", "approve", "", typed.actor)
            with suppress(Refusal):  # the policy does not let it count, so it only asks
                return self.new_cases.make(case, deadline=deadline, github_until=github_until, by=by, press=press)
        return self.new_cases.make(case, deadline=deadline, github_until=github_until, by=by)

    def _made(self, case: Case) -> CommandAnswer:
        """Return the answer for a request as it is now, which may be decided already."""
        title, url = case.request.title, f"{self.public_url}/api/review/{case.request.id}"
        decision = self._decision(case)
        if decision is None:
            return CommandAnswer("asked", (wording.asked(title), *wording.cards(case)), url)
        outcome = press_wording.paid_outcome(press_wording.deciding(case.debts))
        code = press_wording.outcome_code(decision, outcome)
        sentence = press_wording.sentence(decision, outcome, case)
        return CommandAnswer(code, (wording.decided(title, sentence), *wording.cards(case)), url)

    def _decision(self, case: Case) -> Decision | None:
        """Return the decision that a case shows, or None if it waits without any review."""
        match case.status:
            case "approved" | "rejected" | "cancelled" | "superseded" | "expired" as status:
                return Decision(status, case.stage)
        rule = rule_of(self.policy, case.request)
        if not case.reviews or rule is None:
            return None
        current, last = progress(self.policy, rule, case.request, case.reviews), case.reviews[-1].stage
        return Decision("counted", current.stage.name, current.missing, "" if last == current.stage.name else last)
