"""The hosts of Adaptive Cards: the parts that each draws, and the parts that it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Host:
    """A program that draws cards.

    `declared` is the newest version that a card may declare, `drawn` the newest of parts that are drawn everywhere. A
    newer part needs a fallback, if the host `falls_back`. `max_actions` are shown of one row. `without` names the parts
    that do not work, each with the reason and a better one; `beyond` names newer parts that are drawn all the same.
    `data_images` are drawn from the card itself (MicrosoftDocs/msteams-docs, issue 9161).
    """

    name: str
    declared: tuple[int, int]
    drawn: tuple[int, int]
    falls_back: bool
    max_actions: int
    inputs: bool
    mentions: bool
    why: str
    without: Mapping[str, str]
    beyond: frozenset[str] = frozenset()
    data_images: bool = False


# Teams draws up to 1.5 on a desktop and reliably up to 1.2 on a phone:
# https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
# Through Power Automate 1.6 fails (microsoft/AdaptiveCards, issue 9378), and 1.5 did (issue 7676).
_TO_THE_FLOW: Final = "goes to the flow that posted the card, which does not answer: lead to a page by Action.OpenUrl"
WORKFLOWS: Final = Host(
    name="Teams through Workflows",
    declared=(1, 4),
    drawn=(1, 2),
    falls_back=True,
    max_actions=6,
    inputs=False,
    mentions=True,
    data_images=True,
    why="a flow fails on 1.6, and 1.5 was seen to fail: declare 1.4",
    without=MappingProxyType(
        {
            "Action.Submit": _TO_THE_FLOW,
            "Action.Execute": _TO_THE_FLOW,
            "Action.Http": "is of Outlook alone and not drawn in Teams: lead to a page by Action.OpenUrl",
        }
    ),
)
TEAMS: Final = Host(
    name="Teams by a bot",
    declared=(1, 5),
    drawn=(1, 2),
    falls_back=True,
    max_actions=6,
    inputs=True,
    mentions=True,
    data_images=True,
    why="Teams draws cards up to 1.5",
    without=MappingProxyType(
        {"Action.Http": "is of Outlook alone and not drawn in Teams: use Action.Execute, with a fallback"}
    ),
)
# https://learn.microsoft.com/outlook/actionable-messages/adaptive-card
OUTLOOK: Final = Host(
    name="Outlook",
    declared=(1, 0),
    drawn=(1, 0),
    falls_back=False,
    max_actions=5,
    inputs=True,
    mentions=False,
    why="from 1.4 on Outlook draws no Action.Http, and it reads its own properties in 1.0: declare 1.0",
    without=MappingProxyType(
        {
            "Action.Submit": "is not displayed by Outlook: use Action.Http",
            "Action.Execute": "needs a bot on Outlook's channel and is not drawn on a card of 1.0: use Action.Http",
            "Input.Time": "is not displayed by Outlook: use Input.Text and check what was typed",
        }
    ),
    beyond=frozenset(
        {"ActionSet", "Action.ToggleVisibility", "Action.InvokeAddInCommand"}
        | {"Action.DisplayMessageForm", "Action.DisplayAppointmentForm"}
    ),
)
