"""Scripts that hold a file open or locked, or wait for its lock, and tell when they are ready."""

from __future__ import annotations

HOLD = "import sys, time; file = open(sys.argv[1]); print('ready', flush=True); time.sleep(60)"
LOCK = (
    "import fcntl, sys, time; file = open(sys.argv[1], 'a'); fcntl.flock(file, int(sys.argv[2]));"
    "print('ready', flush=True); time.sleep(60)"
)
WAIT = (
    "import fcntl, sys; file = open(sys.argv[1], 'a'); print('ready', flush=True);"
    "fcntl.flock(file, fcntl.LOCK_EX) if sys.argv[2] == 'flock' else fcntl.lockf(file, fcntl.LOCK_EX)"
)
