"""Legacy actionable messages: MessageCards and `Action.Http`, as Outlook sends them."""
