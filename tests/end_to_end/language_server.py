"""A language server, as an editor talks to it: JSON-RPC over stdin and stdout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_ERROR = 1  # MessageType of the Language Server Protocol


class LanguageServer:
    """A running server."""

    def __init__(self, process):
        self.process = process

    def send(self, message):
        """Send a request or a notification."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def answer(self, number):
        """The answer to a request; what the server asks in the meantime is answered with nothing."""
        while (message := self._next()).get("id") != number or "method" in message:
            pass
        return message

    def error(self):
        """The next error that the server shows the user."""
        while (message := self._next()).get("method") != "window/showMessage" or message["params"]["type"] != _ERROR:
            pass
        return message["params"]["message"]

    def open(self, directory):
        """Open a directory as the workspace."""
        params = {"rootUri": f"file://{directory}", "capabilities": {}, "processId": None}
        self.send({"id": 1, "method": "initialize", "params": params})
        assert "capabilities" in self.answer(1)["result"]
        self.send({"method": "initialized", "params": {}})

    def _next(self):
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            assert line, "the server ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:
            wanted = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": [None for _ in wanted] if wanted is not None else None})
        return message


@contextmanager
def running(machine, *command) -> Iterator[LanguageServer]:
    """A server that runs in the work directory of a machine, and is ended."""
    process = subprocess.Popen(
        command,
        env=machine.with_env(None),
        cwd=machine.work,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield LanguageServer(process)
    finally:
        process.kill()
        process.communicate()
