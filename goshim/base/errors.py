"""Every error of goshim's own, with its exit code. A call that runs go otherwise has go's."""

from __future__ import annotations


class GoshimError(Exception):
    """A fault that ends a goshim command; its text is what the user reads."""

    exit_code = 125


class UsageError(GoshimError):
    """A command line, or a place in it, that goshim can't act on."""

    exit_code = 2


class ConfigError(GoshimError):
    """A config that can't be obeyed: go must not run as if it were not there."""

    exit_code = 2


class CannotRunError(GoshimError):
    """A go was found that can't be run."""

    exit_code = 126


class NoGoError(GoshimError):
    """No go anywhere."""

    exit_code = 127
