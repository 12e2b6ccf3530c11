"""The content of a mail, and the mail that each recipient gets."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from relay.chats.drawn import Letter
from relay.cli.context import Context


def inert(text: str) -> str:
    """Return text for a header, with nothing in it that is an encoded word of RFC 2047."""
    # Python decodes such a word, and before 3.11.10 wrote a line break in it as a break of the header: the author of
    # the text could add headers, and a body.
    return text.replace("=?", "= ?")


def make_mail(message: Letter, *, sender: Address, recipient: Address, context: Context) -> EmailMessage:
    """Return the mail of one recipient, named in To.

    https://learn.microsoft.com/outlook/actionable-messages/get-started#supported-scenarios
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, recipient  # Outlook draws no card for a blind copy or a list
    mail["Subject"] = inert(" ".join(message.subject.split()))
    mail["Date"] = datetime.fromtimestamp(int(context.now()), UTC)
    mail["Message-ID"] = f"<{context.token()}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # keeps out-of-office replies away, RFC 3834
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail
