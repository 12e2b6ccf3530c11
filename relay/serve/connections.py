"""A connection of the web server of `relay dev`, which its loop leaves alone while a thread is sending on it."""

from waitress.channel import HTTPChannel


class Connection(HTTPChannel):
    """The loop would find it ready to be written to, be kept out by the thread's lock, and look again at once.

    With many clicks at once it takes more time so than they do. A thread that could not send all of it wakes the loop.
    """

    _sends = False

    def writable(self) -> bool:
        """Tell the loop whether there is anything for it to do here."""
        return not self._sends and super().writable()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as much as the socket takes; return how much that was."""
        self._sends = True
        try:
            return super().send(data, do_close)
        finally:
            self._sends = False
