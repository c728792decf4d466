from __future__ import annotations

import pytest

from goshim.rules.rule import Overlay, rule


def test_an_overlay_shows_the_changes_made_so_far_and_leaves_what_is_below():
    below = {"A": "1", "B": "2"}
    overlay = Overlay(below)
    overlay.change("A", None)
    overlay.change("B", "")
    overlay.change("C", "3")
    assert dict(overlay) == {"B": "", "C": "3"}
    assert len(overlay) == 2
    assert overlay.get("A") is None
    with pytest.raises(KeyError):
        overlay["A"]
    overlay.change("A", "again")
    assert set(overlay) == {"A", "B", "C"}
    assert below == {"A": "1", "B": "2"}


def test_a_rule_is_a_function_with_an_id_and_the_text_of_its_doc():
    @rule("some-id", "A B", "everywhere")
    def some(facts, settings):
        """The summary.

        More,
        in two lines.
        """
        yield "A", None, "why"

    assert (some.id, some.variables, some.where) == ("some-id", "A B", "everywhere")
    assert (some.summary, some.doc) == ("The summary.", "The summary.\n\nMore,\nin two lines.")
    assert list(some.apply(None, None)) == [("A", None, "why")]
