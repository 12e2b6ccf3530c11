"""Server-sent events with the whole state, for every open page.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
from collections.abc import Callable, Mapping
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import Final, Self

MOST: Final = 8  # streams; each holds a thread of the server, and one more ends the oldest
PING: Final = b": ping\n\n"


class Live:
    """The streams of all pages, fed by one watcher that calls `snapshot`.

    It does so after each `wake`, and every `every` seconds for changes without one. A stream sends a comment after
    `ping` seconds of silence, so that a closed page is noticed. It ends after `life` seconds, and the page opens
    another.
    """

    def __init__(
        self,
        snapshot: Callable[[], Mapping[str, object]],
        *,
        every: float = 1.0,
        ping: float = 10.0,
        life: float = 240.0,
    ) -> None:
        self._snapshot = snapshot
        self._every = every
        self._ping = ping
        self._life = life
        self._news = Condition()
        self._streams: list[Stream] = []
        self._watcher: Thread | None = None  # the last one; it runs only while a page is open
        self._watching = False
        self._wakes = 0
        self._seen_wakes = 0  # the wakes before the snapshot of the event
        self._closed = False
        self._event = b""
        self._number = 0

    def open(self) -> "Stream":
        """Return a stream that begins with the present state, or one that has ended already after `close`."""
        with self._news:
            self._wakes += 1
            stream = Stream(self, self._wakes, monotonic() + self._life)
            if not self._closed:
                self._streams = [*self._streams[1 - MOST :], stream]
                if not self._watching:
                    self._watching = True
                    self._watcher = Thread(target=self._watch, name="simulator-watch", daemon=True)
                    self._watcher.start()
                self._news.notify_all()
        return stream

    def wake(self) -> None:
        """Take a snapshot at once, because something has changed."""
        with self._news:
            self._wakes += 1
            self._news.notify_all()

    def end(self, stream: "Stream") -> None:
        """End a stream."""
        with self._news:
            self._streams = [each for each in self._streams if each is not stream]
            self._news.notify_all()

    def close(self) -> None:
        """End every stream; no other opens."""
        with self._news:
            self._closed = True
            self._streams = []
            self._news.notify_all()

    def join(self) -> None:
        """Wait for the watcher, which ends after `close` once its snapshot is done."""
        if self._watcher is not None:
            self._watcher.join()

    def next_chunk(self, stream: "Stream") -> bytes:
        """Wait for the next chunk of a stream, which is empty at the end."""
        ping_at = monotonic() + self._ping
        with self._news:
            while stream in self._streams and monotonic() < stream.ends_at:
                if stream.since <= self._seen_wakes and stream.sent != self._number:
                    stream.sent = self._number
                    return self._event
                left = ping_at - monotonic()
                if left <= 0:
                    return PING
                self._news.wait(min(left, max(0.0, stream.ends_at - monotonic())))
        return b""

    def _watch(self) -> None:
        try:
            while self._has_streams():
                wakes = self._wakes
                event = f"event: state\ndata: {json.dumps(self._snapshot())}\n\n".encode()
                with self._news:
                    if event != self._event:
                        self._event, self._number = event, self._number + 1
                    self._seen_wakes = wakes
                    self._news.notify_all()
                    self._news.wait_for(lambda: self._wakes != self._seen_wakes or not self._streams, self._every)
        finally:
            with self._news:
                if self._watching and self._watcher is current_thread():
                    self._end_all()  # a snapshot failed; the next stream starts another watcher

    def _has_streams(self) -> bool:
        with self._news:
            if not self._streams:
                self._end_all()
            return bool(self._streams)

    def _end_all(self) -> None:
        self._watching, self._streams = False, []
        self._news.notify_all()


class Stream:
    """The body of one answer: events of looks after the wake `since`; `sent` is the number of the last one sent."""

    def __init__(self, live: Live, since: int, ends_at: float) -> None:
        self._live = live
        self.since = since
        self.ends_at = ends_at
        self.sent = -1

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        """Return the next event or comment, once there is one."""
        chunk = self._live.next_chunk(self)
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """End it; a WSGI server calls this when the answer is over."""
        self._live.end(self)
