"""The steps that are left after `relay init`, in order."""

from collections.abc import Iterator
from typing import NamedTuple

from relay.cli.init.choices import Choices
from relay.cli.init.files import ASK, POLICY, RELEASE, SETTINGS, to_fill_in
from relay.cli.init.ways import CHANNEL

# On Azure the federated credential of the app's identity takes its place.
_NOT_ON_AZURE = "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"


class Step(NamedTuple):
    """A sentence, and the commands of the step to paste."""

    text: str
    commands: tuple[str, ...] = ()


def steps(choices: Choices) -> Iterator[Step]:
    """Yield each step that is left."""
    on_azure = choices.host == "azure"
    yield _on_azure() if on_azure else _on_a_machine(choices)
    yield Step(f"{choices.way.register}: docs/{choices.way.page}")
    if choices.sign_in:
        yield Step(
            "Register the sign-in of the review page: docs/sign-in.md. Its redirect address is the relay's origin and "
            "/api/sign-in/callback"
        )
    yield from _fill_in(choices, on_azure=on_azure)
    if choices.way.kind and not choices.place and not choices.way.takes_people:
        yield Step(
            "Write to the bot in the channel for the cards: @Approval relay help. Put the place that it answers into "
            f"[channels.{CHANNEL}] of {POLICY}, and restart the relay"
        )
    yield from _repository(choices, on_azure=on_azure)


def _on_azure() -> Step:
    return Step(
        f"Copy {POLICY} beside function_app.py in the relay's own folder, and deploy from there: docs/azure.md. Azure "
        f"gets keys of its own; those in {SETTINGS} are for trying on this machine",
        ("azd auth login", "azd env new first", "azd env set RELAY_GITHUB_TOKEN TOKEN", "azd up"),
    )


def _on_a_machine(choices: Choices) -> Step:
    front = "Have a web server with https pass an address on to 127.0.0.1:8080: docs/serve.md"
    if choices.is_here:
        return Step(
            f"{front}. Write its origin into {SETTINGS} as RELAY_PUBLIC_URL, since only this machine reaches "
            f"{choices.origin}"
        )
    return Step(f"{front}. The address is {choices.origin}")


def _fill_in(choices: Choices, *, on_azure: bool) -> Iterator[Step]:
    names = to_fill_in(choices)
    if on_azure:
        commands = tuple(f"azd env set {name} VALUE" for name in names[1:] if name != _NOT_ON_AZURE)
        yield Step("Give the app the values that this brought", (*commands, "azd provision"))
        return
    yield Step(
        f"Fill in the empty values of {SETTINGS}: {', '.join(names)}. The first is a fine-grained token with Contents: "
        f"write for {choices.repository}"
    )
    yield Step("Start the relay in this folder", ("relay policy check", "relay doctor", "relay serve"))


def _repository(choices: Choices, *, on_azure: bool) -> Iterator[Step]:
    at = f"--repo {choices.repository}"
    here = "ORIGIN" if choices.is_here else choices.origin
    origin = '"$(azd env get-value RELAY_URL)"' if on_azure else here
    yield Step(
        f"Tell {choices.repository} where the relay is",
        (
            f"gh variable set RELAY_URL {at} --body {origin}",
            *(f"gh secret set {name} {at}" for name in choices.way.secrets),
            *(f"gh variable set {name} {at} --body VALUE" for name in choices.way.variables),
        ),
    )
    if not choices.action.is_known:
        yield Step(f"In {ASK} and {RELEASE} write the relay's repository and a commit of it that you have looked at")
    yield Step(f"Put {ASK} and {RELEASE} on the default branch of {choices.repository}; a push to main asks at once")
    yield Step("Press Approve in the chat. To ask again", (f"gh workflow run ask.yml {at}",))
