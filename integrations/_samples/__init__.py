"""From samples to streams, whatever file they came in."""

from integrations._samples.order import in_order
from integrations._samples.records import Records
from integrations._samples.streams import streams

__all__ = ["Records", "in_order", "streams"]
