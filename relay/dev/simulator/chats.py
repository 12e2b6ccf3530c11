"""All chats together: the API of the page for them, and the routes that the relay and others call."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from threading import Condition
from typing import Any, Final

from relay.dev.simulator import connector
from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.app_tokens import AppTokens
from relay.dev.simulator.bot_framework import BotFramework
from relay.dev.simulator.command import commands, exports
from relay.dev.simulator.command_line import CommandLine
from relay.dev.simulator.connector import Connector
from relay.dev.simulator.destinations import RequestSender, destinations_of
from relay.dev.simulator.entra import Entra
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.job_tokens import JobTokens, claims_of
from relay.dev.simulator.mailbox import USER, Mailbox
from relay.dev.simulator.outlook import Outlook
from relay.dev.simulator.people import Person
from relay.dev.simulator.posted_cards import Board, Posted
from relay.dev.simulator.relay_api import RelayApi, RequestStates
from relay.dev.simulator.relay_settings import Relay
from relay.dev.simulator.sign_in import SignIn
from relay.dev.simulator.slack_look import SlackLook
from relay.dev.simulator.teams import Teams
from relay.dev.simulator.webhooks import Webhook
from relay.dev.simulator.workflows import Workflows

ENTRA: Final = "/simulator/entra"
LONGEST_ANSWER: Final = 15.0  # seconds; no chat waits longer for the answer to a press
IDENTITY: Final = "identity"  # the page's name of a request by a job's own token
_KEYS: Final = "/discovery/v2.0/keys"
# A mail is a foreign document: it runs nothing, loads nothing, and is shown in a frame of the page alone.
_IN_A_FRAME: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}


class Chats:
    """Serves at `origin`. Buttons of cards call the relay at `origins`. `on_change` is called after each change."""

    def __init__(
        self,
        origin: str,
        relay: Relay,
        people: Sequence[Person],
        origins: Collection[str],
        on_change: Callable[[], None],
        job_tokens: JobTokens,
    ) -> None:
        channels = {name: each for name, each in relay.policy.channels.items() if each.kind == "teams"}
        app_id = relay.bot.app_id
        ours = {*origins, relay.public_url.lower()}
        self._relay = relay
        self._job_tokens = job_tokens
        self._people = people
        self._pressing = Condition()
        self._presses = 0  # those that are not answered yet
        self._destinations = destinations_of(relay.policy)
        self._api = RelayApi(origin, relay.api_key)
        self._board = Board(on_change)
        self._states = RequestStates(self._api)
        self._entra = Entra(origin + ENTRA, relay.audience, relay.caller)
        self._sign_in = SignIn(people, self._entra, relay.sign_in)
        self._tokens = AppTokens(self._entra, relay.bot, self._sign_in.redeem)
        self._outlook = Outlook(self._board, self._api, self._entra, ours)
        self._mailbox = Mailbox(self._outlook.mail)
        self.webhook = Webhook(origin, self._outlook)
        self.workflows = Workflows(origin, self._board, ours)
        self.bot_framework = BotFramework(origin, app_id)
        self.connector = Connector(self._tokens, self._board, channels, people)
        self._teams = Teams(
            self._board,
            self._api,
            self.bot_framework,
            service=origin + connector.PATH,
            app_id=app_id,
            channels=channels,
            connector=self.connector,
        )
        self.slack = SlackLook(origin, relay, people, self._board, self._api)
        self._line = CommandLine(relay.policy.channels, {"slack": self.slack.say, "teams": self._teams.say})
        self._sender = RequestSender(
            self._api,
            self._board,
            self._outlook,
            self.workflows,
            target=relay.public_url,
            destinations=self._destinations,
        )

    def close(self) -> None:
        """Take no more mail, and close the connections."""
        self._mailbox.close()
        self._api.close()

    def places(self) -> list[dict[str, str]]:
        """Return the possible destinations of cards, for the page."""
        return [asdict(each) for each in self._destinations]

    def cards(self) -> list[dict[str, object]]:
        """Return the cards, the newest first, each with the state of its request."""
        return self._board.shown(self._states.of(self._board.requests()))

    def install(self) -> None:
        """Add the relay's bot to the team, unless that was done before."""
        self._teams.install(self._people[0])

    def ask(self, asked: Mapping[str, Any]) -> Answer:
        """Make a request, and post its card to its destinations."""
        self.install()
        form = _form(asked)
        token = self._job_tokens.of_form(form, self._relay.public_url) if asked.get("proof") == IDENTITY else ""
        self._sender.ask(form, asked.get("places"), token)
        return json_answer(201, {})

    def command(self, asked: Mapping[str, Any]) -> Answer:
        """Return the commands that do the same, and the environment that they need."""
        form = _form(asked)
        line = commands(form, asked.get("places"))
        environ = {
            "RELAY_URL": self._relay.public_url,
            **self._proof(form, asked.get("proof")),
            "RELAY_WEBHOOK_URL": self.webhook.url,
            "WORKFLOWS_URL": self.workflows.url,
            "RELAY_SMTP": self._mailbox.address,
            "RELAY_SMTP_USER": USER,
            "RELAY_SMTP_PASSWORD": self._mailbox.password,
        }
        return json_answer(200, {"command": line, "environment": exports(environ)})

    def press(self, asked: Mapping[str, Any]) -> Answer:
        """Press on a card as a person. The answer names the revision of the card that shows the outcome."""
        person, posted = self._person(asked), self._board.find(asked.get("card"))
        inputs = asked.get("inputs", {})
        if not isinstance(inputs, dict) or not all(isinstance(value, str) for value in inputs.values()):
            raise NotTaken(400, "inputs must be an object of strings", "inputs")
        with self._pressing:
            self._presses += 1
        try:
            self._press(posted, person, inputs, asked)
        finally:
            with self._pressing:
                self._presses -= 1
                self._pressing.notify_all()
        return json_answer(200, {"revision": posted.revision})

    def wait_for_answers(self) -> None:
        """Wait until the chats show the answers to all presses."""
        with self._pressing:
            self._pressing.wait_for(lambda: not self._presses, LONGEST_ANSWER)

    def rooms(self) -> list[dict[str, str]]:
        """Return the conversations in which commands can be typed, for the page."""
        return self._line.rooms()

    def say(self, asked: Mapping[str, Any]) -> Answer:
        """Type a command as a person."""
        self.install()
        return self._line.say(asked, self._person(asked))

    def refresh(self, asked: Mapping[str, Any]) -> Answer:
        """Refresh a card for a person, as its chat does when it is shown or when the person asks for it."""
        person, posted = self._person(asked), self._board.find(asked.get("card"))
        if posted.host == "outlook":
            self._outlook.opened(posted, person)
        elif posted.host == "bot":
            self._teams.refresh(posted, person, "manual" if asked.get("trigger") == "manual" else "automatic")
        return json_answer(200, {"revision": posted.revision})

    def entra(self, call: Call) -> Answer:
        """Answer calls that need no token: the sign-in page, the public keys, and the token endpoint."""
        granted = self._sign_in.page(call) or self._tokens.grant(call)
        if granted is not None:
            return granted
        if call.method in {"GET", "HEAD"} and call.path.endswith(_KEYS):
            return json_answer(200, self._entra.jwks())
        raise NotTaken(404, "There is nothing at this address.")

    def mail(self, card_id: str) -> Answer:
        """Return the HTML of a mail, for a frame without rights."""
        # a card's id is random, so the address of its mail cannot be guessed
        html = next((each.mail for each in self._board.all() if each.id == card_id), "")
        if not html:
            raise NotTaken(404, "There is no mail at this address.")
        return Answer(200, _IN_A_FRAME, html.replace("<head>", '<head><base target="_blank">', 1).encode())

    def _press(self, posted: Posted, person: Person, inputs: Mapping[str, str], asked: Mapping[str, Any]) -> None:
        path = asked.get("path")
        match posted.host:
            case "outlook":
                self._outlook.press(posted, path, person, inputs)
            case "bot":
                self._teams.press(posted, path, person, inputs, everyone=asked.get("everyone") is True)
            case "slack":
                self.slack.press(posted, path, person, inputs)
            case _:
                raise NotTaken(400, "a press on this card reaches no relay")

    def _proof(self, form: Mapping[str, object], proof: object) -> dict[str, str]:
        """Return the variables by which the command proves who asks: a job's identity, or the key."""
        claims = claims_of(form)
        if proof == IDENTITY and "repository" in claims:
            return self._job_tokens.environment(**claims)
        return {"RELAY_API_KEY": self._relay.api_key}

    def _person(self, asked: Mapping[str, Any]) -> Person:
        person = next((each for each in self._people if each.key == asked.get("person")), None)
        if person is None:
            raise NotTaken(400, "no such person", "person")
        return person


def _form(asked: Mapping[str, Any]) -> Mapping[str, object]:
    form = asked.get("form")
    if not isinstance(form, dict):
        raise NotTaken(400, "form must be an object", "form")
    return form
