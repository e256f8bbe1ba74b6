"""The only place that wires: settings in, a working Afterrun out."""

from service.bootstrap.alone import AlreadyRunningError, nobody_works
from service.bootstrap.app import App, build
from service.bootstrap.edges import SystemClock
from service.persistence.migrations import NewerSchemaError

__all__ = ["AlreadyRunningError", "App", "NewerSchemaError", "SystemClock", "build", "nobody_works"]
