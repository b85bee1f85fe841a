"""What `/metrics` tells Prometheus: requests, connections, and the checks of readiness.

Counted where every request passes, by route and never by path or person.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.calls import Pools
from api.readiness import Check

# A client may send any word as a method; each would be a series of its own for ever.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# From a cached read to the statement timeout of 8 s.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class RequestMetrics:
    """Counts requests and their time. Made before anything that it is told about."""

    def __init__(self) -> None:
        """Begin at nothing, apart from any other application in this process."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Requests that were answered; 499 when the client had left.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "From a request's head to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        # Looking a series up by its labels costs more than counting.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count one request; `route` is None where no route was found."""
        series = (route or "none", method if method in METHODS else "other", status)
        found = self._found.get(series)
        if found is None:
            found = self._requests.labels(*series), self._seconds.labels(series[0])
            self._found[series] = found
        requests, took = found
        requests.inc()
        took.observe(seconds)

    def text(self, pools: Pools, checks: list[Check]) -> bytes:
        """Return all of it as Prometheus reads it."""
        momentary = CollectorRegistry()
        momentary.register(_Momentary(pools, checks))
        return generate_latest(self.registry) + generate_latest(momentary)


class _Momentary(Collector):
    """What is looked up when somebody asks."""

    def __init__(self, pools: Pools, checks: list[Check]) -> None:
        self._pools = pools
        self._checks = checks

    def collect(self) -> Iterable[Metric]:
        connections = GaugeMetricFamily(
            "database_connections",
            "Connections to Postgres, by the role they work as.",
            labels=("role", "state"),
        )
        waiting = GaugeMetricFamily(
            "database_calls_waiting", "Calls that wait for a connection.", labels=("role",)
        )
        for role, pool in zip(("anon", "user", "media"), self._pools.all(), strict=True):
            load = pool.load()
            connections.add_metric((role, "idle"), load.idle)
            connections.add_metric((role, "busy"), load.connections - load.idle)
            waiting.add_metric((role,), load.waiting)
        ok = GaugeMetricFamily(
            "check_ok",
            "1 when nothing is wrong; /api/health/ready says what is.",
            labels=("check",),
        )
        value = GaugeMetricFamily(
            "check_value",
            "cron: seconds since a job ran; retention: seconds the oldest video is overdue; "
            "deletions: orders due; breaker: alarms; drift: wrong counters; deploy: migrations.",
            labels=("check",),
        )
        for check in self._checks:
            ok.add_metric((check.name,), float(check.ok))
            if check.value is not None:
                value.add_metric((check.name,), check.value)
        return connections, waiting, ok, value
