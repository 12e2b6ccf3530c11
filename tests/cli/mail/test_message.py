from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.drawn import Letter
from relay.cli.mail.message import make_mail
from relay.cli.mail.options import read_mailing
from tests.cli.mail.sending import ADA, LIN, options, part, read
from tests.cli.running import make_edges

ENCODED = "=?utf-8?q?Fix=0D=0ABcc:_eve@evil.example=0D=0AContent-Type:_text/html=0D=0A=0D=0A<h1>Theirs</h1>?="


def test_what_looks_encoded_in_a_subject_or_a_name_is_neither_a_header_nor_a_body() -> None:
    named = read_mailing(options(f"{ENCODED} <ada@octo.example>", mail_from=f'"{ENCODED}" <relay@octo.example>'))
    assert named is not None
    letter = Letter(ENCODED, "ours", "<p>ours</p>")
    raw = bytes(make_mail(letter, sender=named.sender, recipient=named.recipients[0], context=make_edges()))
    head, _, body = raw.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert [*("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")] == names
    assert b"=?utf-8?q?Fix" not in head
    assert b"Theirs" not in body
    mail = read(raw)
    assert "multipart/alternative" == mail.get_content_type()
    assert ENCODED.replace("=?", "= ?") == mail["Subject"]
    assert "ours\n" == part(mail, "plain")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_subject_and_no_words_write_a_header(subject: str, words: str) -> None:
    context = make_edges()
    clean = subject.encode("utf-8", "replace").decode()
    mail = bytes(make_mail(Letter(clean, words, words), sender=LIN, recipient=ADA, context=context))
    found = read(mail)
    expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    assert sorted(expected) == sorted(found.keys())
    assert "에이다 <ada@octo.example>" == str(found["To"])
