"""Checks of the settings and of the policy, which ask nothing of the outside."""

from collections.abc import Iterator
from typing import Final

from relay.doctor.inside.subject import Inside
from relay.health import few_threads, unheard, unreachable, without_effect, without_receiver
from relay.model.findings import Finding, LeftOut

_REFERENCE: Final = "that was not resolved: "
_WEBHOOK: Final = "Set a secret of 16 characters or more there and in the webhook at GitHub."
_APP: Final = "Make a GitHub App with `relay github-app`, and set its client id and its private key."
_HOOK: Final = "Add NAME:KEY:URL of its receiver to the setting, and restart."
_IDENTITY: Final = "A user-assigned identity must be the app's keyVaultReferenceIdentity too."


def settings(inside: Inside) -> Iterator[Finding]:
    """Look at each setting: wrong ones are failures, those without effect warnings."""
    for name, problem in inside.problems.items():
        if _REFERENCE not in problem:
            fault, _, cure = problem.partition("; ") if "; " in problem else problem.partition(": ")
            yield Finding("failed", f"{name} {fault}", _sentence(cure or f"correct {name}, and restart"))
    for trouble in without_effect(inside.settings):
        yield Finding("warning", trouble, "Correct or remove it, and restart.")
    for trouble in unheard(inside.settings, inside.policy):
        yield Finding("failed", trouble, _APP if trouble.startswith("RELAY_GITHUB_APP") else _WEBHOOK)
    if "RELAY_HOOKS" not in inside.problems:
        for trouble in without_receiver(inside.settings, inside.policy):
            yield Finding("warning", trouble, _HOOK)
    if not inside.problems:
        yield Finding("ok", "every setting can be read")


def vault(inside: Inside) -> Iterator[Finding]:
    """Look for settings that still hold the text of a reference to a vault."""
    found = [(name, problem) for name, problem in inside.problems.items() if _REFERENCE in problem]
    for name, problem in found:
        fault, _, cure = problem.partition(": ")
        yield Finding("failed", f"{name} {fault}", f"{_sentence(cure)} {_IDENTITY}")
    if not found:
        yield Finding("ok", "no setting holds a reference that was not resolved")


def threads(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Look at the number of presses that one instance takes at a time."""
    if inside.settings.threads is None:
        yield LeftOut("the relay does not run on Azure Functions here")
        return
    trouble, _, cure = few_threads(inside.settings).rpartition(": ")
    if trouble:
        yield Finding("warning", trouble, _sentence(cure))
    else:
        yield Finding("ok", f"one instance takes {inside.settings.threads} calls at once")


def people(inside: Inside) -> Iterator[Finding]:
    """Ask whether the people of each stage could decide."""
    found = [*unreachable(inside.settings, inside.policy, inside.ways)]
    for trouble in found:
        yield Finding("failed", trouble, "Correct the setting, or the people of the policy.")
    if not found:
        yield Finding("ok", "every stage has people who can decide")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
