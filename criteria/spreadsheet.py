"""Criteria sets in Excel: the template, a set as a file and a file as a set, the one undoing the other exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from units.models import User

from .errors import CriteriaError
from .models import CriteriaSet
from .services import write_set
from .setdata import SetData
from .sheet_layout import INFO, CellIssue, Directory, directory
from .spreadsheet_read import Parsed, parse
from .spreadsheet_write import build_workbook
from .visibility import require_manager

__all__ = [
    "CellIssue",
    "ImportRefused",
    "Parsed",
    "export_workbook",
    "import_workbook",
    "parse_workbook",
    "template_workbook",
]


class ImportRefused(CriteriaError):
    """A file with errors; `issues` names every one with its cell. Nothing was written."""

    def __init__(self, issues: Sequence[CellIssue]) -> None:
        super().__init__("; ".join(str(issue) for issue in issues))
        self.issues = tuple(issues)


def template_workbook() -> bytes:
    """An xlsx to fill in: instructions, lists to choose from, and the units and groups that may be named."""
    return build_workbook(None, directory())


def export_workbook(data: SetData, *, units: Directory | None = None) -> bytes:
    """A set as an xlsx that `parse_workbook` reads back to equal data; `units` adds the list of those to name."""
    return build_workbook(data, units)


def parse_workbook(file: IO[bytes], *, into: CriteriaSet | None = None, units: Directory | None = None) -> Parsed:
    """Read an upload as `import_workbook` would write it: the set, or every error with its cell, and doubts.

    `into` is the draft that the file is meant for: a file of another set or year is an error. `units` are those of
    this installation unless given.
    """
    parsed = parse(file, units or directory())
    if into is None or parsed.data is None or (parsed.data.code, parsed.data.year) == (into.code, into.year):
        return parsed
    issue = CellIssue(
        INFO,
        "",
        _("Tệp là bộ chỉ số “%(code)s” năm %(year)s, không phải “%(own_code)s” năm %(own_year)s.")
        % {"code": parsed.data.code, "year": parsed.data.year, "own_code": into.code, "own_year": into.year},
        _("Sửa mã và năm cho khớp, hoặc nhập thành bộ chỉ số mới."),
    )
    return Parsed(None, (issue,), parsed.warnings)


@transaction.atomic
def import_workbook(file: IO[bytes], *, by: User | None, into: CriteriaSet | None = None) -> CriteriaSet:
    """Write what `parse_workbook` shows, all or nothing: over the draft `into`, or as a new version.

    Raises NotAllowed, Frozen, and ImportRefused with every error of the file.
    """
    if by is not None:
        require_manager(by)
    parsed = parse_workbook(file, into=into)
    if parsed.data is None:
        raise ImportRefused(parsed.errors)
    return write_set(parsed.data, into=into, by=by)
