"""The check of this machine's clock, against GitHub's and the storage's."""

from collections.abc import Iterator

from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.health import CLOCK_OFF
from relay.model.findings import Finding, LeftOut
from relay.store.tables.account import tables_url


def clock(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Compare the clock with the Date of GitHub's answer, and of the storage's."""
    found = {"GitHub's": _github(inside), "the storage's": _storage(inside)}
    known = {name: ahead for name, ahead in found.items() if ahead is not None}
    if not known:
        yield LeftOut("neither GitHub nor a storage account told the time")
        return
    for name, ahead in known.items():
        if abs(ahead) > CLOCK_OFF:
            yield Finding(
                "failed",
                f"this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {name}",
                "Set it, and keep it by NTP: tokens, tickets and receipts are taken for five minutes either way.",
            )
    if all(abs(ahead) <= CLOCK_OFF for ahead in known.values()):
        yield Finding("ok", "; ".join(f"{abs(ahead):.0f} s from {name} clock" for name, ahead in known.items()))


def _github(inside: Inside) -> float | None:
    try:
        return inside.web.ahead_of(inside.github.about_credential())
    except Outage:  # told by the check of the credential
        return None


def _storage(inside: Inside) -> float | None:
    url = tables_url(inside.settings.storage) if inside.settings.storage else ""
    try:
        return inside.web.ahead_of(inside.web.ask("GET", url)) if url else None
    except Outage:  # told by the check of the store
        return None
