from __future__ import annotations

from goshim.base import errors
from tests.tables import for_each


@for_each(
    "error, code",
    [
        (errors.GoshimError, 125),
        (errors.UsageError, 2),
        (errors.ConfigError, 2),
        (errors.CannotRunError, 126),
        (errors.NoGoError, 127),
    ],
)
def test_each_error_has_the_exit_code_that_is_promised(error, code):
    assert error("x").exit_code == code
    assert issubclass(error, errors.GoshimError)
