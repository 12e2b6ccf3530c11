"""The documentation, which is in the relay's repository and in no package."""

from relay.cli.init.action import Action, find_action


def where(action: Action | None = None) -> str:
    """Return the sentence that says where the pages under docs/ are, for a clone and for an installed package alike.

    It names the repository if the installation, or the Action of the workflows, tells it.
    """
    known = action or find_action()
    return f"Pages under docs/ are in the relay's repository{f', {known.repository}' if known.is_known else ''}."
