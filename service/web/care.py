"""The doors that watchers of the service knock at: is it there, does it work, and by what numbers.

The numbers are for the operator's own network: whoever comes from outside, or through a proxy, finds no such door.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from service.application.health import Readiness
from service.application.measures import Measure

if TYPE_CHECKING:
    from prometheus_client.core import Metric

NAMESPACE = "afterrun_"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Care:
    """What the doors need."""

    look: Callable[[], Readiness]
    measures: Callable[[], Sequence[Measure]]


def routes(care: Care) -> list[Route]:
    """Return the doors."""
    return [
        Route("/healthz", _healthz),
        Route("/readyz", partial(_readyz, care)),
        Route("/metrics", partial(_metrics, care)),
    ]


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _readyz(care: Care, _request: Request) -> Response:
    found = await run_in_threadpool(care.look)
    seen = found.worker_seen.isoformat() if found.worker_seen else None
    answer = {"ready": found.ready, "database": found.database, "worker_seen": seen}
    return JSONResponse(answer, status_code=200 if found.ready else 503)


async def _metrics(care: Care, request: Request) -> Response:
    if not is_near(request):
        raise HTTPException(404)
    text = await run_in_threadpool(lambda: written(care.measures()))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def is_near(request: Request) -> bool:
    """Tell whether a request comes straight from this machine or its private network."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def written(measures: Sequence[Measure]) -> bytes:
    """Return measures as Prometheus reads them."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - where nobody measures, not needed

    class Once:
        def collect(self) -> "Iterator[Metric]":
            yield from map(_family, measures)

    registry = CollectorRegistry()
    registry.register(Once())
    return generate_latest(registry)


def _family(measure: Measure) -> "Metric":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - as above

    names = [name for name, _ in next(iter(measure.values), ())]
    kind = CounterMetricFamily if measure.counts_up else GaugeMetricFamily
    family = kind(NAMESPACE + measure.name, measure.meaning, labels=names)
    for labels, value in measure.values.items():
        family.add_metric([label for _, label in labels], value)
    return family
