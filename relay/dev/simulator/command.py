"""The `relay send` command line for the form of the page, one option a line, to copy into a shell."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.destinations import BY_POLICY, CHANNEL, MAIL, OUTLOOK, WORKFLOWS

Words = Iterator[tuple[str, ...]]


def commands(form: Mapping[str, object], places: object) -> str:
    """Return one command for each destination. A single command posts to all channels of the relay.

    Raises NotTaken for a value without an option.
    """
    chosen = [*map(str, places)] if isinstance(places, list) else [OUTLOOK]
    channels = [place for place in chosen if place.startswith(CHANNEL)]
    others = [_ways(place) for place in chosen if place not in channels]
    posted = [[f"--channel {shlex.quote(place.removeprefix(CHANNEL))}" for place in channels]] if channels else []
    return "\n\n".join(command(form, ways) for ways in (*posted, *others))


def exports(environ: Mapping[str, str], python: str = sys.executable) -> str:
    """Return the shell lines that set `environ`, and put the `relay` beside this `python` on the path."""
    folder = Path(python).parent
    path = [f'export PATH={shlex.quote(str(folder))}:"$PATH"'] if (folder / "relay").exists() else []
    return "\n".join([*path, *(f"export {name}={shlex.quote(value)}" for name, value in environ.items())])


def _ways(place: str) -> list[str]:
    """Return the options that name the destination of the card."""
    if place == BY_POLICY:
        return ["--policy-channels"]
    if place == WORKFLOWS:
        return ["--format adaptive", '--webhook "$WORKFLOWS_URL"']
    if place == MAIL:
        return ["--from relay@octo.example", "--to ada@octo.example"]
    return ['--webhook "$RELAY_WEBHOOK_URL"'] if place == OUTLOOK else []


def command(form: Mapping[str, object], ways: Sequence[str] = ()) -> str:
    """Return the command for a form of POST /api/requests. Raises NotTaken for a value without an option."""
    for name in form:
        if name not in OPTIONS:
            raise NotTaken(400, "there is no such field", name)
    lines = [
        " ".join(shlex.quote(word) for word in words)
        for name, write in OPTIONS.items()
        if form.get(name) not in (None, "", False, [], {})
        for words in write(name, form[name])
    ]
    return " \\\n  ".join(["relay send", *ways, *lines])


def _value(name: str, value: object) -> Words:
    if not isinstance(value, str) or "\0" in value:
        raise NotTaken(400, f"{name}: must be a string", name)
    yield _option(name), value


def _number(name: str, value: object) -> Words:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotTaken(400, f"{name}: must be a whole number", name)
    yield _option(name), str(value)


def _flag(name: str, value: object) -> Words:
    if value is not True:
        raise NotTaken(400, f"{name}: must be true or false", name)
    yield (_option(name),)


def _json(name: str, value: object) -> Words:
    if not isinstance(value, list):
        raise NotTaken(400, f"{name}: must be a list", name)
    yield _option(name), json.dumps(value, ensure_ascii=False)


def _payload(name: str, value: object) -> Words:
    """Write a payload of plain texts as one --field each, any other as JSON."""
    if not isinstance(value, dict):
        raise NotTaken(400, f"{name}: must be a JSON object", name)
    plain = all(key and "=" not in key and isinstance(each, str) for key, each in value.items())
    if plain and "\0" not in "".join([*value, *value.values()]):
        yield from (("--field", f"{key}={each}") for key, each in value.items())
    else:
        yield "--payload", json.dumps(value, ensure_ascii=False)


def _pairs(option: str, second: str) -> Callable[[str, object], Words]:
    def write(name: str, value: object) -> Words:
        for pair in value if isinstance(value, list) else [None]:
            words = (pair.get("name"), pair.get(second)) if isinstance(pair, dict) else ()
            if len(words) != 2 or not all(isinstance(word, str) and "\0" not in word for word in words):  # noqa: PLR2004 - a pair
                raise NotTaken(400, f"{name}: entries are objects of name and {second}", name)
            if "=" in str(words[0]) or not words[0]:
                raise NotTaken(400, f"{name}: {option} takes no name that is empty or has an equals sign", name)
            yield option, f"{words[0]}={words[1]}"

    return write


def _each(option: str) -> Callable[[str, object], Words]:
    def write(name: str, value: object) -> Words:
        for each in value if isinstance(value, list) else [None]:
            if not isinstance(each, str) or "\0" in each:
                raise NotTaken(400, f"{name}: must be a list of names", name)
            yield option, each

    return write


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


OPTIONS: Final[Mapping[str, Callable[[str, object], Words]]] = MappingProxyType(
    {
        "repository": _value,
        "environment": _value,
        "event_type": _value,
        "title": _value,
        "summary": _value,
        "text": _value,
        "theme_color": _value,
        "client_payload": _payload,
        "facts": _pairs("--fact", "value"),
        "links": _pairs("--link", "url"),
        "sections": _json,
        "actions": _json,
        "ref": _value,
        "sha": _value,
        "run_url": _value,
        "requested_by": _value,
        "requested_by_id": _number,
        "requested_by_also": _value,
        "expires_in": _value,
        "reject_event_type": _value,
        "require_comment": _flag,
        "approvers": _each("--approver"),
        "approve_label": _value,
        "reject_label": _value,
        "confirm": _value,
        "channels": _each("--channel"),
    }
)
