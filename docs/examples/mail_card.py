# ruff: noqa: INP001 - an example to copy is no package

"""Mail a MessageCard: python3 mail_card.py CARD.json RECIPIENT...

From the environment: CARD_ORIGINATOR (the provider's id), MAIL_FROM, SMTP_HOST, SMTP_USER, SMTP_PASSWORD.
"""

import json
import os
import smtplib
import sys
from collections.abc import Mapping
from email.message import EmailMessage
from html import escape
from pathlib import Path


def make_mail(card: Mapping[str, object], originator: str, sender: str, recipient: str) -> EmailMessage:
    """Return a mail to one recipient: Outlook draws no card for a blind copy or a list."""
    title = str(card["title"])
    # "<" ends a script element wherever it stands; in JSON it may be written so.
    script = json.dumps({**card, "originator": originator}).replace("<", "\\u003c")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, " ".join(title.split())
    mail.set_content(f"{title}\n\nThis mail holds a card, which Outlook on the web and on Windows draws.\n")
    head = f'<meta charset="utf-8"><script type="application/ld+json">{script}</script>'
    mail.add_alternative(f"<html><head>{head}</head><body><p>{escape(title)}</p></body></html>", subtype="html")
    return mail


def main() -> None:
    """Mail the card to each recipient."""
    path, *recipients = sys.argv[1:]
    card = json.loads(Path(path).read_text("utf-8"))
    with smtplib.SMTP_SSL(os.environ["SMTP_HOST"]) as server:
        server.login(os.environ["SMTP_USER"], os.environ["SMTP_PASSWORD"])
        for recipient in recipients:
            server.send_message(make_mail(card, os.environ["CARD_ORIGINATOR"], os.environ["MAIL_FROM"], recipient))


if __name__ == "__main__":
    main()
