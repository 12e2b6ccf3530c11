"""GitHub's limits, lifted: the fake GitHub has none, and the relay would postpone dispatches beyond 80 a minute.

`python -m bench.limits COMMAND ...` runs `relay COMMAND ...` without them.
"""

from relay.github import rate_limit

NONE = 1_000_000_000  # calls a minute, and an hour


def lift() -> None:
    """Remove the limits from the relay of this process. It still counts its calls."""
    vars(rate_limit).update(MINUTE_LIMIT=NONE, HOUR_LIMIT=NONE)


if __name__ == "__main__":
    from relay.cli.main import main

    lift()
    main()
