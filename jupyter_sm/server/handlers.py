"""The routes below ``/api/sm``, the same in every host."""

import asyncio
import inspect
import json
import math
from functools import partial
from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler

from ..cuda import CudaReport
from ..image import MetadataReading
from ..kernels.background import Flights
from . import api, openapi
from .access import guarded
from .healthreport import PATIENCE, health_report
from .hostcuda import TooSoonError
from .imageanswer import image_of
from .loganswers import EVENTS_DEFAULT, EVENTS_MOST, logs_of, logs_unanswered
from .openapi import Operation, Query
from .refusals import ErrorBodyMixin, RefusalError, fresh_catalog
from .service import Service
from .standins import not_started

AUTH_RESOURCE = "jupyter_sm"

DIGITS_MOST = 18
"""Of a number in a query."""

LOGS_SECONDS = 5.0
"""For reading the last events, of which a thousand may be a megabyte each."""

may_read = guarded("read", AUTH_RESOURCE)
may_write = guarded("write", AUTH_RESOURCE)


class Handler(ErrorBodyMixin, APIHandler):
    """Base of the routes: the service, and one error body for all."""

    auth_resource = AUTH_RESOURCE
    # The panel polls; polling must not keep an idle host awake.
    _track_activity = False

    def initialize(self, service: Service, flights: Flights[Any]) -> None:
        self.service = service
        self.flights = flights

    def send(self, model: msgspec.Struct) -> None:
        self.finish(msgspec.json.encode(model))


class HealthHandler(Handler):
    """Without a token and without detail, for whatever watches the container."""

    @allow_unauthenticated
    def get(self) -> None:
        if self.service.state == "starting":
            self.service.start()  # a first look that failed is tried again
        health = api.health_of(self.service)
        self.set_status(200 if health.status == "ready" else 503)
        self.send(health)

    @allow_unauthenticated
    def head(self) -> None:
        self.get()


class MetadataHandler(Handler):
    """The app's identity."""

    @may_read
    async def get(self) -> None:
        try:
            reading = await self.service.metadata_async()
        except TimeoutError as error:
            raise not_known("metadata", error) from None
        self.send(api.metadata_of(self.service, reading))


class KernelsHandler(Handler):
    """Every kernel found or configured."""

    @may_read
    async def get(self) -> None:
        if not self.service.active:
            self.send(await self.host_kernels())
            return
        catalog = await fresh_catalog(self.service.live)
        default = self.kernel_manager.default_kernel_name
        stranded = not_started(self.kernel_manager)
        self.set_header("Etag", self.service.etag(catalog, default, stranded))
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        self.finish(self.service.kernels_body(catalog, default, stranded))

    def compute_etag(self) -> str | None:
        """Already set, from the catalog's identity: the body needs no hashing."""
        return None

    async def host_kernels(self) -> api.Kernels:
        """What the host lists by itself, where this package is a guest."""
        manager = self.kernel_spec_manager
        if inspect.iscoroutinefunction(manager.get_all_specs):
            specs = await manager.get_all_specs()
        else:
            specs = await self.flights.next("kernelspecs", manager.get_all_specs)
        default = self.kernel_manager.default_kernel_name
        return api.kernels_of_host(specs, default, not_started(self.kernel_manager))


class OverviewHandler(KernelsHandler):
    """Everything in one document; what is not known yet is empty there, and in the report."""

    @may_read
    async def get(self) -> None:
        service = self.service
        kernels, reading, report, who, logs = await asyncio.gather(
            self.known_kernels() if service.active else self.host_kernels(),
            self.known_metadata(),
            health_report(service, self.kernel_manager),
            service.problems.who(),
            service.logs_async(),
        )
        overview = api.Overview(
            host=service.host,
            active=service.active,
            health=api.health_of(service),
            report=report,
            metadata=api.metadata_of(service, reading),
            image=image_of(service.look, reading, service.host, who),
            kernels=kernels,
            cuda=service.cuda.glance(),
            logs=logs,
        )
        self.send(overview)

    async def known_kernels(self) -> api.Kernels:
        try:
            catalog = await self.service.live.fresh_async(PATIENCE)
        except Exception:  # noqa: BLE001 - whatever a look raises is in the report, and in the log
            catalog = None
        default = self.kernel_manager.default_kernel_name
        stranded = not_started(self.kernel_manager)
        if catalog is None:
            return api.kernels_not_known(default, stranded)
        return api.kernels_of(catalog, default, stranded)

    async def known_metadata(self) -> MetadataReading:
        try:
            return await self.service.metadata_async(PATIENCE)
        except TimeoutError:
            return self.service.metadata_not_known()


class HealthReportHandler(Handler):
    """Every problem, the worst first."""

    @may_read
    async def get(self) -> None:
        self.send(await health_report(self.service, self.kernel_manager))


class CudaHandler(Handler):
    """Whether CUDA is visible."""

    @may_read
    async def get(self) -> None:
        try:
            self.send(await self.service.cuda.report())
        except TimeoutError as error:
            raise not_known("cuda", error) from None


class CudaRefreshHandler(Handler):
    """The same, asked anew."""

    @may_write
    async def post(self) -> None:
        try:
            self.send(await self.service.cuda.refresh())
        except TooSoonError as error:
            hint = "GET /api/sm/cuda has the last report"
            wait = math.ceil(error.seconds)
            raise RefusalError(429, "too-soon", str(error), hint, retry_after=wait) from None
        except TimeoutError as error:
            raise not_known("cuda", error) from None


class LogsHandler(Handler):
    """Where the log is, and its last events."""

    @may_read
    async def get(self) -> None:
        count = _event_count(self.get_query_arguments("tail"))
        logs = self.service.logs
        work = self.flights.next(("logs", count), partial(logs_of, logs, count))
        try:
            self.send(await asyncio.wait_for(work, LOGS_SECONDS))
        except asyncio.TimeoutError:
            self.send(logs_unanswered(logs))


class OpenAPIHandler(Handler):
    """The description of these routes."""

    @may_read
    def get(self) -> None:
        self.finish(json.dumps(openapi.document((o for o, _ in ROUTES), self.base_url)))


def not_known(what: str, error: TimeoutError) -> RefusalError:
    """The answer while a file system or the driver does not answer."""
    return RefusalError(503, f"{what}-not-known", str(error), "ask again in a minute")


def _event_count(given: list[str]) -> int:
    """What ``?tail=N`` says.

    Raises:
        RefusalError: 400, it is not a number.
    """
    if not given:
        return EVENTS_DEFAULT
    text = given[-1].strip()
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MOST):
        message = f"tail={text[:64]}: how many events is a whole number from 0 on"
        hint = f"/api/sm/logs?tail={EVENTS_DEFAULT}; no more than {EVENTS_MOST} are given"
        raise RefusalError(400, "bad-tail", message, hint)
    return min(int(text), EVENTS_MOST)


ROUTES: tuple[tuple[Operation, type[Handler]], ...] = (
    (
        Operation("/api/sm", "Everything in one document", api.Overview, proxied=True),
        OverviewHandler,
    ),
    (
        Operation(
            "/api/sm/health",
            "Whether kernels can be served",
            api.Health,
            authenticated=False,
            statuses=((503, "Starting or stopping", api.Health),),
        ),
        HealthHandler,
    ),
    (
        Operation(
            "/api/sm/health/report",
            "Every problem, the worst first",
            api.HealthReport,
            proxied=True,
        ),
        HealthReportHandler,
    ),
    (
        Operation(
            "/api/sm/metadata",
            "The app's identity",
            api.Metadata,
            statuses=((503, "A file system does not answer", api.Error),),
            proxied=True,
        ),
        MetadataHandler,
    ),
    (
        Operation(
            "/api/sm/kernels",
            "Every kernel found or configured",
            api.Kernels,
            statuses=(
                (304, "Nothing has changed since the ETag that was sent", None),
                (503, "No look for kernels has succeeded yet", api.Error),
            ),
            proxied=True,
        ),
        KernelsHandler,
    ),
    (
        Operation(
            "/api/sm/cuda",
            "Whether CUDA is visible, why not, what mends it",
            CudaReport,
            statuses=((503, "The driver or a file system does not answer", api.Error),),
            proxied=True,
        ),
        CudaHandler,
    ),
    (
        Operation(
            "/api/sm/cuda/refresh",
            "The same, asked anew",
            CudaReport,
            statuses=(
                (429, "Asked anew a moment ago", api.Error),
                (503, "The driver or a file system does not answer", api.Error),
            ),
            method="post",
            proxied=True,
        ),
        CudaRefreshHandler,
    ),
    (
        Operation(
            "/api/sm/logs",
            "Where the log is, how far it is shipped, its last events",
            api.Logs,
            statuses=((400, "`tail` is not a number", api.Error),),
            query=(
                Query("tail", f"How many events; {EVENTS_DEFAULT} if not given", most=EVENTS_MOST),
            ),
            proxied=True,
        ),
        LogsHandler,
    ),
    (Operation("/api/sm/openapi.json", "The description of these routes", None), OpenAPIHandler),
)
"""Every route; the OpenAPI document is made of the same table."""


def handlers(service: Service) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """The routes as tornado takes them, to be put below the host's base URL."""
    shared = {"service": service, "flights": Flights[Any]("answer")}
    return [(operation.path.replace(".", r"\."), handler, shared) for operation, handler in ROUTES]
