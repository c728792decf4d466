"""Write the records of all machines anew."""

from __future__ import annotations

from tests.doctor.zoo.keeper import described, place
from tests.doctor.zoo.machines import MACHINES

for name in MACHINES:
    place(name).write_text(described(name), encoding="ascii")
