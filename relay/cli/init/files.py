"""The files of `relay init`: their texts, made of the answers."""

import json
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay import __version__
from relay.cli.context import Context
from relay.cli.init.choices import ENVIRONMENT, Approver, Choices
from relay.cli.init.ways import CHANNEL
from relay.signed import receipt_keys, tickets
from relay.signed.canonical_json import base64url
from relay.signed.tickets import TicketKey

POLICY: Final = "policy.toml"
SETTINGS: Final = "local.settings.json"
ASK: Final = ".github/workflows/ask.yml"
RELEASE: Final = ".github/workflows/release.yml"
# Copies of docs/examples, which are in no package.
_TEMPLATES: Final = Path(__file__).parent
_EVENT_TYPE: Final = "deploy-api-production"
_ACTION: Final = "OWNER/approval-relay"
_COMMIT: Final = f"@{'0' * 40} # v0.1.0"
_WEBHOOK: Final = "          webhook: ${{ secrets.RELAY_WEBHOOK_URL }}\n"
_ON_PUSH: Final = "  push:\n    branches: [main]\n"
_DEPLOY: Final = '          ./deploy.sh "$SHA" "$PAYLOAD"\n'


def policy_text(choices: Choices) -> str:
    """Return policy.toml: the people, the channel if the relay posts the card, and one rule."""
    names = ", ".join(_quoted(each.key) for each in choices.approvers)
    blocks = [_person(each) for each in choices.approvers]
    if choices.way.kind:
        blocks.append(_channel(choices, names))
    owner = choices.repository.partition("/")[0]
    rule = [
        "[[rule]]",
        f"repository = {_quoted(choices.repository)}",
        f"environment = {_quoted(ENVIRONMENT)}",
        f"event_types = [{_quoted(choices.event_type)}]",
        'requests = ["oidc"]  # asked for by the token of a workflow, which needs no key',
        f"# owner_id = 0  # the id in https://api.github.com/users/{owner}: a name can be given up and taken by others",
        *(["self_approval = true  # a person may approve their own request: see below"] * choices.self_approval),
    ]
    stage = ["[[rule.stage]]", f"approvers = [{names}]"]
    blocks += ["\n".join(rule), "\n".join(stage)]
    if choices.self_approval:
        blocks.append(
            "# One approver alone could never have their own request approved, and without a github_id nobody knows\n"
            "# who asked. With several approvers, each with a github_id, take self_approval out."
        )
    return "\n\n".join(blocks) + "\n"


def settings_text(choices: Choices, context: Context) -> str:
    """Return local.settings.json, with keys made now. Values that only a person knows stay empty."""
    tenants = sorted({each.entra.partition("/")[0].lower() for each in choices.approvers if each.entra})
    teams = sorted({each.slack.partition("/")[0] for each in choices.approvers if each.slack})
    values = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "PYTHON_THREADPOOL_THREAD_COUNT": "64",
        "RELAY_PUBLIC_URL": choices.origin,
        "RELAY_TICKET_KEYS": tickets.format_key(TicketKey(f"k{context.random(4).hex()}", context.random(32))),
        "RELAY_RECEIPT_KEYS": receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(context.random(32))),
        "RELAY_API_KEYS": f"operator:{base64url(context.random(32))}:operator",
        "RELAY_ENTRA_TENANTS": ",".join(tenants),
        "RELAY_SLACK_TEAMS": ",".join(teams),
        "RELAY_SIGN_IN": choices.sign_in,
    }
    filled = {name: value for name, value in values.items() if value}
    return (
        json.dumps({"IsEncrypted": False, "Values": filled | dict.fromkeys(to_fill_in(choices), "")}, indent=2) + "\n"
    )


def to_fill_in(choices: Choices) -> tuple[str, ...]:
    """Return the settings that only a person can give."""
    client = f"RELAY_{choices.sign_in.upper()}_SIGN_IN_CLIENT"
    sign_in = (f"{client}_ID", f"{client}_SECRET") if choices.sign_in else ()
    return ("RELAY_GITHUB_TOKEN", *choices.way.settings, *sign_in)


def ask_text(choices: Choices) -> str:
    """Return ask.yml: on a push to main, and by hand, a keyless request."""
    inputs = "".join(f"          {line}\n" for line in choices.way.inputs)
    text = _template("ask.yml", choices)
    text = text.replace(_WEBHOOK, inputs).replace(_ON_PUSH, f"{_ON_PUSH}  workflow_dispatch:\n")
    return text.replace("Deploy the API to production", f"Deploy {choices.repository} to production")


def release_text(choices: Choices) -> str:
    """Return release.yml: it verifies the approval, and then shows the place of the deployment."""
    shown = '          echo "Approved: $SHA. Put your deployment in the place of this line."\n'
    return _template("release.yml", choices).replace(_DEPLOY, shown)


def _template(name: str, choices: Choices) -> str:
    action = choices.action
    text = (_TEMPLATES / name).read_text("utf-8").replace(_EVENT_TYPE, choices.event_type)
    return text.replace(_COMMIT, f"@{action.commit} # v{__version__}").replace(_ACTION, action.repository)


def _person(approver: Approver) -> str:
    ids = [
        f"entra = {_quoted(approver.entra.lower())}" if approver.entra else "",
        f"slack = {_quoted(approver.slack)}" if approver.slack else "",
        f"github_id = {approver.github}" if approver.github else "",
    ]
    key = _quoted(approver.key) if "." in approver.key else approver.key
    return "\n".join([f"[people.{key}]", *filter(None, ids)])


def _channel(choices: Choices, names: str) -> str:
    lines = [f"[channels.{CHANNEL}]", f"kind = {_quoted(choices.way.kind)}"]
    if choices.place:
        return "\n".join([*lines, f"place = {_quoted(choices.place)}"])
    if choices.way.takes_people:
        return "\n".join([*lines, f"people = [{names}]"])
    return "\n".join(f"# {line}" for line in [*lines, 'place = "..."  # the bot answers `relay help` with it'])


def _quoted(text: str) -> str:
    return json.dumps(text)
