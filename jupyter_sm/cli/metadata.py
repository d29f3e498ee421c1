"""`jupyter sm metadata`: which app this is, and how that is known."""

import argparse
from collections.abc import Iterator
from dataclasses import fields

from ..image import Identity, Sourced
from ..server.api import Metadata, metadata_of
from .hostconfig import Host
from .report import exit_status, finding_lines, print_lines, print_model
from .table import Row, paragraph, table


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Print the app's identity, each field with its source."""
    service = Host.read(arguments).service
    model = metadata_of(service, service.metadata())
    if options.json:
        print_model(model)
    else:
        print_lines(_lines(model))
    return exit_status(model.findings)


def _lines(model: Metadata) -> Iterator[str]:
    presence = "" if model.present else " is not there: this is no app of SageMaker's"
    yield from paragraph(f"{model.file}{presence}")
    yield ""
    yield from table(("FIELD", "VALUE", "SOURCE"), list(_rows(model.identity)))
    yield from finding_lines(model.findings)


def _rows(identity: Identity) -> Iterator[Row]:
    yield Row(("kind", identity.kind, ""))
    for field in fields(identity):
        sourced = getattr(identity, field.name)
        if isinstance(sourced, Sourced):
            yield Row((field.name, sourced.value or "-", sourced.source))
    for name, value in identity.additional.items():
        yield Row((name, value, name))
