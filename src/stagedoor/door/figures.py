"""What the door counts and measures, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# From a forked kernel's few milliseconds to a cold start with a long run.
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Figures:
    """The door's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._sessions = Gauge("stagedoor_sessions", "Sessions that are open", registry=self.registry)
        self._queue = Gauge("stagedoor_sessions_waiting", "Sessions that wait for a place", registry=self.registry)
        self._memory = Gauge(
            "stagedoor_sessions_memory_bytes", "Memory of the sessions' kernels", registry=self.registry
        )
        self._opened = Counter("stagedoor_sessions_opened", "Sessions opened so far", registry=self.registry)
        self._ended = Counter("stagedoor_sessions_ended", "Sessions ended, by reason", ["code"], registry=self.registry)
        self._in = Counter("stagedoor_messages_received", "Messages of pages", registry=self.registry)
        self._out = Counter("stagedoor_messages_sent", "Messages to pages", ["type"], registry=self.registry)
        self._refused = Counter(
            "stagedoor_refusals", "Messages and requests refused", ["reason"], registry=self.registry
        )
        self._kernels = Gauge("stagedoor_kernels", "Kernels, by state", ["state"], registry=self.registry)
        self._opening = Histogram(
            "stagedoor_session_open_seconds",
            "From a page's first message to a kernel that is as far as the recording",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._first = Histogram(
            "stagedoor_first_reply_seconds",
            "From a page's first message to its first answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._reply = Histogram(
            "stagedoor_reply_seconds",
            "From a message given to a kernel to its first answer",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def watch_kernels(self, state: str, count: Callable[[], float]) -> None:
        """From now on ``count`` is asked for the number of kernels in this state."""
        self._kernels.labels(state).set_function(count)

    def watch_admission(self, waiting: Callable[[], float], memory: Callable[[], float]) -> None:
        """From now on these are asked how many sessions wait, and how many bytes the others' kernels use."""
        self._queue.set_function(waiting)
        self._memory.set_function(memory)

    def session_opened(self) -> None:
        self._sessions.inc()
        self._opened.inc()

    def session_live(self, seconds: float) -> None:
        self._opening.observe(seconds)

    def session_ended(self, code: str) -> None:
        self._sessions.dec()
        self._ended.labels(code).inc()

    def received(self) -> None:
        self._in.inc()

    def sent(self, msg_type: str) -> None:
        self._out.labels(msg_type).inc()

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def replied(self, seconds: float) -> None:
        self._reply.observe(seconds)

    def first_replied(self, seconds: float) -> None:
        self._first.observe(seconds)
