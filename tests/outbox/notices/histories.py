"""Random histories of a relay whose process is killed between any two writes, and all that its channels heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from relay.app import build, read_all
from relay.chats.contract.outgoing import OutgoingNotice, Posted
from relay.errors import Outage, Refusal
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.model.delivery import Interaction
from relay.model.people import Actor, Verdict
from relay.model.values import Json
from relay.signed import tickets
from tests.outbox.notices.killing import Dying, Fuse, Killed
from tests.outbox.notices.telling import FORM, entry, policy
from tests.support import entra_tokens, example_policy, road
from tests.support.hook_server import KEY

ENTRIES: Final = (
    entry("events"),
    entry("releases"),
    entry("testers", style="edit", on=["requested", "approved", "rejected", "cancelled", "expired", "delivered"]),
    entry("owners", style="thread", on=["reviewed", "passed"]),
)
ENVIRONMENTS: Final = ("production", "staged", "newest", "announced")
PEOPLE: Final = ("ada", "grace", "lin")
HOUR: Final = 3_600.0
_LONG: Final = 1_000_000  # moments, more than there are


@dataclass
class Channels:
    """All that the channels heard: case, number, event and message, by channel. `modes` are up, down and lost."""

    heard: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    count: int = 0

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Hear a notice, as the mode of its channel says."""
        assert deadline
        channel, event = outgoing.channel.name + outgoing.notice.person, outgoing.notice.event
        mode = self.modes.get(outgoing.channel.name, "up")
        if mode == "down":
            return None, RetryAfter("it is down")
        self.heard.setdefault(channel, []).append((outgoing.case.request.id, event.number, event.name))
        self.shown[channel, outgoing.case.request.id] = event.name
        if mode == "lost":
            return None, RetryAfter("no answer", ambiguous=outgoing.channel.takes_cards)
        self.count += 1
        return (None if outgoing.shown else Posted(outgoing.place, f"message-{self.count}")), Delivered()


@dataclass
class GitHub:
    """Dispatches, as the `mode` says: up, down or no."""

    mode: str = "up"

    def send(self, repository: str, event_type: str, client_payload: Json, **sent: Any) -> Outcome:
        """Take a dispatch, or not."""
        assert (repository, bool(event_type), bool(client_payload), bool(sent)) == ("octo/api", True, True, True)
        if self.mode == "no":
            return Refused("it says no", "replay")
        return Delivered() if self.mode == "up" else RetryAfter("it is down")

    def identity(self, repository: str) -> str:
        """Return the one credential."""
        return repository and "token"


class History:
    """A relay on a store, what is done with it, and what its channels heard."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self._settings = read_all(
            road.environ(
                folder, RELAY_POLICY=policy(*ENTRIES), RELAY_HOOKS=f"events:{KEY}:https://x.example", **changes
            )
        )
        self._folder = folder
        self.fuse = Fuse()
        self.channels = Channels()
        self.github = GitHub()
        self.asked: list[str] = []
        self.replayed: set[str] = set()
        self.ahead = 0.0
        self.here = self._started()

    def _started(self) -> road.Road:
        """Start another process on the same store."""
        self._world = world = build(*self._settings)
        store: Any = Dying(world.store, self.fuse)
        notices = replace(
            world.payer.notices(),
            tellings={"webhook": self.channels, "slack": self.channels},
            places=lambda channel: channel.people or ("",),
        )
        github: Any = self.github
        payer = replace(
            world.payer,
            store=store,
            dispatches=github,
            notices=lambda: notices,
            jitter=lambda: 0.0,
            pause=lambda _: None,
        )
        supersession = replace(world.supersession, store=store)
        presses = replace(world.presses, store=store, payer=payer, supersession=supersession)
        made = road.Road(
            replace(world, store=store, payer=payer, supersession=supersession, presses=presses), self._folder
        )
        made.ahead = self.ahead
        return made

    def close(self) -> None:
        """Close the store, once its messages are kept."""
        self._world.close()

    def moments(self, step: tuple[Any, ...]) -> int:
        """Do one thing, and return the number of moments at which the process could have been killed."""
        name, *given = step
        self.fuse.left = _LONG
        getattr(self, name)(*given)
        left, self.fuse.left = self.fuse.left, None
        return _LONG - left

    def take(self, step: tuple[Any, ...], fuse: int) -> None:
        """Do one thing; the process may be killed meanwhile, and starts again."""
        name, *given = step
        self.fuse.left = fuse or None
        try:
            getattr(self, name)(*given)
        except (Killed, Outage):
            self.fuse.left = None
            self.ahead = self.here.ahead
            self.close()
            self.here = self._started()
        self.fuse.left = None

    # What is done

    def ask(self, environment: int) -> None:
        form = {**FORM, "environment": ENVIRONMENTS[environment], "title": f"Request {len(self.asked)}"}
        self.asked.append(str(road.said(self.here.ask({**form, "channels": []}))["id"]))

    def press(self, case: int, person: int, verdict: Verdict) -> None:
        if not self.asked:
            return
        request = self.here.case(self.asked[case % len(self.asked)]).request
        text = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=False)
        presses = self.here.presses()
        name = PEOPLE[person]
        by = Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE[name]}", name)
        deadline = self.here.now() + 8
        try:
            presses.decide(
                presses.open_ticket(text), Interaction(text, verdict, "", by), deadline, github_until=deadline
            )
        except Refusal:
            return

    def cancel(self, case: int) -> None:
        if self.asked:
            self.here.cancel(self.asked[case % len(self.asked)])

    def report(self, case: int, state: str) -> None:
        if self.asked:
            self.here.report(self.asked[case % len(self.asked)], {"state": state})

    def round(self, minutes: int) -> None:
        self.here.ahead += minutes * 60.0
        self.here.round()

    def set_github(self, mode: str) -> None:
        self.github.mode = mode

    def set_channel(self, channel: int, mode: str) -> None:
        self.channels.modes[("events", "releases", "testers", "owners")[channel]] = mode

    def settle(self) -> None:
        """Let everything work again until nothing is owed; the operator looks after what was refused."""
        self.github.mode = "up"
        self.channels.modes.clear()
        for _ in range(60):
            self.round(60)
            stuck = {case.request.id for case, index in self.here.outbox().owed()}
            if not stuck:
                return
            for case_id in stuck:
                self._replay(case_id)
        raise AssertionError(f"still owed: {self.here.outbox().owed()}")

    def _replay(self, case_id: str) -> None:
        case = self.here.case(case_id)
        if any(debt.status in ("refused", "dead") and debt.row for debt in case.debts):
            self.replayed.add(case_id)
            try:
                self.here.outbox().replay(case_id, anyway=True)
            except Refusal:
                return


def counted(keys: tuple[str, ...]) -> Mapping[str, int]:
    """Return how often each event stands among the keys of a case."""
    names = [key.rpartition(".")[2].partition(":")[0] for key in keys]
    return {name: names.count(name) for name in names}
