"""Machines as records, healthy and sick, and the code that describes them: `python -m tests.doctor.zoo` writes them."""
