"""Tables of cases that are one test: each row is tried, and the test names all rows that fail."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Iterable
from typing import Any

import pytest

_NAMED_ROW = type(pytest.param())
_MOST_SHOWN = 10


def for_each(names: str | Iterable[str], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test for each row of a table, as `pytest.mark.parametrize` does, but as one case.

    It is for rows that need no fixture of their own; what the test asks for beside them is the same for all rows.
    """
    columns = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [_values(row, len(columns)) for row in rows]
    assert table, "a table without rows checks nothing"

    def with_table(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            failures = []
            for row in table:
                values = dict(zip(columns, row, strict=True))
                try:
                    test(**values, **fixtures)
                except Exception as error:  # noqa: BLE001 - each row has its turn
                    failures.append(f"{values}\n{''.join(traceback.format_exception_only(error))}{_place(error)}")
            if failures:
                shown = "\n".join(failures[:_MOST_SHOWN])
                raise AssertionError(f"{len(failures)} of {len(table)} rows fail\n{shown}")

        signature = inspect.signature(test)
        kept = [each for name, each in signature.parameters.items() if name not in columns]
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return with_table


def _values(row: Any, columns: int) -> tuple[Any, ...]:
    """The values of a row, which pytest.param may have given a name; a mark would have no effect here."""
    if isinstance(row, _NAMED_ROW):
        assert not row.marks, row
        return tuple(row.values)
    return (row,) if columns == 1 else tuple(row)


def _place(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/" in frame.filename]
    return f"  at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
