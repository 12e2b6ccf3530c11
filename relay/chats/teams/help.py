"""What the bot says to who writes to it: what it is for, and how to have cards posted here."""

from relay.chats.teams.activity import Activity
from relay.model import ChatSignal, Reply

_WORDS = """\
I post requests for approval, and take Approve and Reject from the people whom the policy of the relay names. I read \
nothing else that is written here.

To have cards posted in this conversation, the operator adds these lines to policy.toml, with a name of their choice:

```
[channels.NAME]
kind = "teams"
place = "{place}"
```

A workflow then asks with `relay send --channel NAME`."""


def help_on(activity: Activity, reply: Reply) -> ChatSignal:
    """Answer somebody in their thread, by a message: Teams shows no answer to one. No place of Teams, no message."""
    place = activity.place()
    if place is None:
        return ChatSignal(reply)
    message = {"type": "message", "textFormat": "markdown", "text": _WORDS.format(place=place.id)}
    return ChatSignal(reply, place, activity.conversation, message)
