"""A supervisor whose attempts end as they are told to, and texts of go that they can end with."""

from __future__ import annotations

from tests.watch.made import make_ended

HOST = "proxy.test"


def reset(name: str = "a", host: str = HOST) -> str:
    return f"go: reading https://{host}/{name}/@v/v1.0.0.zip: read tcp 10.0.0.1:5000->10.0.0.2:443: i/o timeout\n"


def unknown_host(name: str = "a") -> str:
    return f'go: Get "https://{HOST}/{name}/@v/v1.0.0.zip": dial tcp: lookup {HOST}: no such host\n'


def handshake(name: str = "a", host: str = HOST) -> str:
    return f'go: Get "https://{host}/{name}/@v/v1.0.0.zip": net/http: TLS handshake timeout\n'


CHECKSUM = "verifying example.com/a@v1.0.0: checksum mismatch\n"


class Scripted:
    """A supervisor whose attempts end as they are told to, and that keeps what it was asked to say and to wait."""

    def __init__(self, ends: list[str | None]) -> None:
        self.ends = ends
        self.runs = 0
        self.waits: list[float] = []
        self.said = ""
        self.shown = b""
        self.forwarded = 0
        self.before_stop = None

    def run(self, _call, *, relay, **_):
        text = self.ends[min(self.runs, len(self.ends) - 1)]
        self.runs += 1
        if relay is not None and text:
            self.shown += relay(text.encode()) + relay(b"")
        return make_ended(text or "", 0 if text is None else 1)

    def wait(self, seconds):
        self.waits.append(seconds)

    def say(self, text):
        self.said += text
