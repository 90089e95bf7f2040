"""The pages of the monitor as files: exactly what the filter in the address leaves, all pages of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from assessments.services.cycles import illustrative
from results.documents.pdf import pdf
from units import clock

from ..monitor import tables
from ..monitor.burnup import burn_up
from ..monitor.export import Export, Part, document, workbook
from ..monitor.lines import lines
from ..monitor.ranking import ranking, shares
from ..monitor.shown import shown
from ..monitor.standings import Standing, standings
from ..monitor.timeline import timeline
from ..monitor.waiting import last_years, stage_times, unit_times
from .monitor import WatchBase


class ExportView(WatchBase):
    """A page as a file; subclasses give its tables."""

    http_method_names = ["get", "head", "options"]
    extension = "xlsx"
    filtered = True

    def title(self) -> str:
        raise NotImplementedError

    def file_name(self) -> str:
        raise NotImplementedError

    def parts(self) -> tuple[list[Part], int | None]:
        """The tables, and how many units they show."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        parts, units = self.parts()
        export = Export(
            cycle=self.cycle,
            title=self.title(),
            parts=[part for part in parts if part.rows] or parts[:1],
            units=units,
            filter_words=self.chosen.words(self.form) if self.filtered else "",
            at=clock.now(),
            illustrative=illustrative(self.cycle),
        )
        if self.extension == "pdf":
            content, media_type = pdf(document(export)), "application/pdf"
        else:
            content = workbook(export)
            media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(content, content_type=media_type)
        words = f"{self.file_name()} {self.cycle.year} {clock.today():%Y-%m-%d}"
        name = slugify(f"{words}{' minh hoa' if export.illustrative else ''}")
        response["Content-Disposition"] = f'attachment; filename="{name}.{self.extension}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response

    @property
    def grouped(self) -> bool:
        """The units stand in the order of their groups."""
        return "sap_xep" not in self.chosen.fields

    def of_group(self, rows: list[Standing]) -> list[Standing]:
        """What is counted as a whole follows the group alone, as on the pages."""
        return [row for row in rows if self.chosen.group in (None, row.group_id)]


class UnitsExport(ExportView):
    """The overview: its units, and the burn-up of the group."""

    def title(self) -> str:
        return _("Theo dõi tiến độ")

    def file_name(self) -> str:
        return "tien do"

    def parts(self) -> tuple[list[Part], int | None]:
        rows = standings(self.cycle)
        found = shown(rows, self.chosen)
        chart = burn_up(self.cycle, self.of_group(rows), self.chosen.group)
        units = tables.units(lines(self.cycle, found.rows), grouped=self.grouped)
        return [units, tables.burn_up(chart)], len(found.rows)


class WaitingExport(ExportView):
    """Where dossiers wait."""

    def title(self) -> str:
        return _("Hồ sơ chờ ở đâu")

    def file_name(self) -> str:
        return "ho so cho o dau"

    def parts(self) -> tuple[list[Part], int | None]:
        rows = standings(self.cycle)
        found = shown(rows, self.chosen)
        before = last_years(self.cycle)
        times = stage_times(self.cycle, before, self.of_group(rows), self.chosen.group)
        days = unit_times(self.cycle, before, found.rows)
        return [
            tables.stages(times, before),
            tables.unit_days(days, before, grouped=self.grouped),
        ], len(found.rows)


class RankingExport(ExportView):
    """Who was in time."""

    def title(self) -> str:
        return _("Xếp hạng đúng hạn")

    def file_name(self) -> str:
        return "xep hang dung han"

    def parts(self) -> tuple[list[Part], int | None]:
        rows = standings(self.cycle)
        in_group = self.of_group(rows)
        kept = {row.dossier for row in shown(rows, self.chosen).rows}
        ranked = [row for row in ranking(in_group) if row.standing.dossier in kept]
        return [tables.shares(shares(in_group)), tables.ranks(ranked)], len(ranked)


class PlanExport(ExportView):
    """The plan against what happened; the filter of units says nothing of it."""

    filtered = False

    def title(self) -> str:
        return _("Kế hoạch và thực tế")

    def file_name(self) -> str:
        return "ke hoach va thuc te"

    def parts(self) -> tuple[list[Part], int | None]:
        found = timeline(self.cycle)
        return [tables.phases(found), tables.tasks(self.cycle, found)], None
