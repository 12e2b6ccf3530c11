"""A letter, and the mail that each person gets of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from relay.cli.context import Context


@dataclass(frozen=True, slots=True)
class MailMessage:
    """What a mail says: its subject, and the same in two forms."""

    subject: str
    text: str
    html: str


def inert(text: str) -> str:
    """Return words for a header in which nothing is an encoded word of RFC 2047.

    What sets a header reads such a word, and before Python 3.11.10 writes a line break in it as a break of the header:
    whoever wrote the words could add headers, and a body.
    """
    return text.replace("=?", "= ?")


def make_mail(message: MailMessage, *, sender: Address, recipient: Address, context: Context) -> EmailMessage:
    """Return the mail of one recipient, who is named in it: Outlook draws no card for a blind copy or a list.

    https://learn.microsoft.com/outlook/actionable-messages/get-started#supported-scenarios
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, recipient
    mail["Subject"] = inert(" ".join(message.subject.split()))
    mail["Date"] = datetime.fromtimestamp(int(context.now()), UTC)
    mail["Message-ID"] = f"<{context.token()}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # nobody's absence is answered, RFC 3834
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail
