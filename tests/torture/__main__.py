"""Torture of the relay: `make torture` plays until its time is over, and counts the promises that were broken.

--minutes N   the time it takes; RELAY_TORTURE_MINUTES by default, else 10
--seed N      the seed of the dice, printed by each run. The order of simultaneous events still differs between runs
--only NAME   one story or storm, by its name in the output
--store NAME  sqlite or tables
"""

import argparse
import os
import secrets
import sys
import time

from tests.support import azurite
from tests.support.chaos.promises import RULES
from tests.support.left_out import may_leave_nothing_out
from tests.torture.judge import Verdict
from tests.torture.programme import SCENARIOS, Outcome, gales, play, programme, sweeps
from tests.torture.stores import TABLES, kinds

SHOWN = 5  # violations of one rule that are told in full


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Play, print, and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("RELAY_TORTURE_MINUTES") or 10))
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", default="")
    parser.add_argument("--store", choices=("sqlite", "tables"), default="")
    asked = parser.parse_args()
    stores = [kind for kind in kinds() if asked.store in ("", kind.name)]
    if not stores:
        say(azurite.MISSING)
        return 1
    say(f"seed {asked.seed}, {asked.minutes:g} minutes, on {' and '.join(kind.name for kind in stores)}")
    if TABLES not in stores and not asked.store:
        say(azurite.MISSING)
        if may_leave_nothing_out():
            return 1
    began = time.monotonic()
    if asked.only:
        named = [each for each in (*sweeps(), *SCENARIOS) if each.name == asked.only]
        if not named:
            sys.stderr.write("There is: " + "; ".join(each.name for each in (*sweeps(), *SCENARIOS)) + "\n")
            return 1
        outcomes = [play(each, kind, asked.seed, asked.minutes * 60) for each in named for kind in stores]
        for outcome in outcomes:
            print_outcome(outcome)
    else:
        outcomes = []
        for outcome in programme(asked.seed, asked.minutes * 60, stores):
            print_outcome(outcome)
            outcomes.append(outcome)
        everything = len(sweeps()) * len(stores) + len(gales(stores))
        played = {(outcome.scenario, outcome.store) for outcome in outcomes}
        say(f"{everything - len(played)} stories and storms of {everything} were left out: the time was over")
    return report(outcomes, time.monotonic() - began)


def print_outcome(outcome: Outcome) -> None:
    """Print a line for one scenario."""
    counts, broken = outcome.verdict.counts, sum(map(len, outcome.verdict.violations.values()))
    say(
        f"{outcome.scenario:52} {outcome.store:6} seed {outcome.seed:<6} {outcome.seconds:5.0f} s "
        f"{counts['kills']:4} kills {counts['requests']:5} requests {counts['answers']:6} answers "
        f"{counts['dispatches that GitHub took']:5} dispatches" + (f"  {broken} VIOLATIONS" if broken else "")
    )


def report(outcomes: list[Outcome], seconds: float) -> int:
    """Print the sums and every violation."""
    whole = Verdict()
    for outcome in outcomes:
        whole.add(outcome.verdict)
    say(f"\n{len(outcomes)} scenarios in {seconds:.0f} s")
    for name, count in whole.counts.items():
        say(f"{count:8}  {name}")
    say("\nviolations")
    for rule in RULES:
        found = whole.violations.get(rule, [])
        say(f"{len(found):8}  {rule}")
        for text in found[:SHOWN]:
            say(f"          {text}")
    return 1 if any(whole.violations.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
