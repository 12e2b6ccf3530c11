"""The check of the people's ids: logins that name other accounts, and tenants and teams that are not listed."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from relay.approval.policy import Person
from relay.doctor.github.asking import FOUND, NOT_FOUND, read
from relay.doctor.inside.subject import Inside
from relay.model.findings import Finding

MOST: Final = 20  # people asked for at GitHub
_HELD: Final = "A login can be given to another account, an id cannot: the request of this person is known by the id."


def ids(inside: Inside) -> Iterator[Finding]:
    """Compare each person's ids with GitHub's, and with the tenants and teams that may act."""
    people = [*inside.policy.people.values()]
    troubles = [trouble for person in people for trouble in _unlisted(inside, person)]
    at_github = [person for person in people if person.github][:MOST]
    if inside.github.app is None:  # an App's own signature cannot ask for people
        troubles += [trouble for person in at_github for trouble in _misnamed(inside, person)]
    yield from troubles
    if not troubles:
        yield Finding("ok", f"people: {len(people)}, with a login at GitHub: {len(at_github)}")


def _unlisted(inside: Inside, person: Person) -> Iterator[Finding]:
    tenant = person.entra.partition("/")[0]
    if tenant and tenant not in inside.settings.entra_tenants:
        detail = f"{person.key}: the tenant of entra is not in RELAY_ENTRA_TENANTS, so that they cannot act by it"
        yield Finding("warning", detail, "Add the tenant, or correct the id.")
    teams = {each.partition("/")[0] for each in person.slack} - set(inside.ways.teams)
    if inside.ways.teams and teams:
        detail = f"{person.key}: {', '.join(sorted(teams))} is no team whose people may act"
        yield Finding("warning", detail, "Add the team to the setting of its chat, or correct the id.")


def _misnamed(inside: Inside, person: Person) -> Iterator[Finding]:
    github = inside.github
    answer = github.ask("GET", f"/users/{quote(person.github, safe='')}", github.token)
    found = read(answer) if answer.status == FOUND else None
    if answer.status == NOT_FOUND:
        yield Finding("failed", f"{person.key}: GitHub has no account {person.github}", "Correct `github`.")
        return
    match found:
        case {"id": int(number)} if not person.github_id:
            detail = f"{person.key}: has a login and no github_id"
            yield Finding("warning", detail, f"Add github_id = {number}. {_HELD}")
        case {"id": int(number)} if number != person.github_id:
            detail = f"{person.key}: {person.github} is account {number} at GitHub, not {person.github_id}"
            yield Finding("failed", detail, f"Correct github or github_id. {_HELD}")
        case _:
            pass
