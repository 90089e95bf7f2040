"""Importing survey points and merging them into the dossiers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import IO

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessments import ledger
from assessments.errors import Incomplete, InvalidInput, WrongStage
from assessments.models import Cycle, Score
from assessments.moves import lock_cycle, require_stage
from assessments.stages import CycleStage, Stage
from criteria.models import Criterion
from criteria.workbooks import UnreadableWorkbook
from units import access, clock
from units.models import User
from units.permissions import Perm

from .models import Quota, SurveyImport, SurveyResult
from .workbook import Expected, read, template

RUNNING = (CycleStage.COLLECTING, CycleStage.APPRAISING)
MAX_BYTES = 5 * 1024 * 1024
MAX_SHOWN_ERRORS = 200


def expected_lines(cycle: Cycle) -> list[Expected]:
    """Every unit and survey criterion that applies to it, in the order of groups, units and criteria."""
    scores = (
        Score.objects.filter(dossier__cycle=cycle, source=Criterion.SourceChoice.SURVEY)
        .exclude(dossier__stage=Stage.NOT_SUBMITTED)
        .select_related("dossier__unit", "criterion")
        .order_by("dossier__unit__group__order", "dossier__unit__order", "criterion__order")
    )
    return [
        Expected(
            unit_id=score.dossier.unit_id,
            unit_code=score.dossier.unit.code,
            unit_name=score.dossier.unit.name,
            criterion_id=score.criterion_id,
            criterion_code=score.criterion.code,
            criterion_name=score.criterion.name,
            maximum=score.criterion.maximum,
        )
        for score in scores
    ]


def known_results(cycle: Cycle) -> Mapping[tuple[int, int], tuple[Decimal, int]]:
    """What stands imported: (unit, criterion) -> (points, valid sheets)."""
    return {
        (result.unit_id, result.criterion_id): (result.points, result.sheets) for result in cycle.survey_results.all()
    }


def template_workbook(cycle: Cycle) -> bytes:
    """The xlsx to fill in, with what is already known."""
    return template(expected_lines(cycle), known_results(cycle))


@transaction.atomic
def import_results(cycle: Cycle, file: IO[bytes], *, filename: str, by: User) -> SurveyImport:
    """Take one workbook, all of it or nothing.

    Raises InvalidInput with one entry per wrong cell; the file as a whole is named "file".
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.IMPORT_SURVEY, by, cycle)
    require_stage(cycle, RUNNING)
    if cycle.survey_merged_at is not None:
        raise WrongStage(_("Điểm điều tra đã được tổng hợp, không nhập thêm được."))
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise InvalidInput({"file": _("Tệp rỗng (0 byte). Hãy chọn lại tệp.")})
    if len(content) > MAX_BYTES:
        raise InvalidInput({"file": _("Tệp lớn hơn 5 MB. Hãy dùng mẫu tải từ trang này.")})
    file.seek(0)
    try:
        lines, errors = read(file, expected_lines(cycle))
    except UnreadableWorkbook as error:
        raise InvalidInput({"file": str(error)}) from error
    if errors:
        raise InvalidInput({error.cell or "file": str(error) for error in errors[:MAX_SHOWN_ERRORS]})
    imported = SurveyImport.objects.create(
        cycle=cycle,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(lines),
        imported_by=by,
        imported_at=clock.now(),
    )
    SurveyResult.objects.bulk_create(
        [
            SurveyResult(
                cycle=cycle,
                unit_id=line.expected.unit_id,
                criterion_id=line.expected.criterion_id,
                points=line.points,
                sheets=line.sheets,
                imported=imported,
            )
            for line in lines
        ],
        update_conflicts=True,
        unique_fields=["cycle", "unit", "criterion"],
        update_fields=["points", "sheets", "imported"],
        batch_size=500,
    )
    ledger.record(
        cycle,
        "survey_import",
        by=by,
        after={"rows": len(lines), "sha256": imported.sha256, "file": imported.filename},
    )
    return imported


def missing_lines(cycle: Cycle) -> list[Expected]:
    """Survey points that are still to come."""
    known = known_results(cycle)
    return [line for line in expected_lines(cycle) if (line.unit_id, line.criterion_id) not in known]


@transaction.atomic
def merge(cycle: Cycle, *, by: User) -> int:
    """Write the survey points into the dossiers' survey criteria, once; returns how many.

    Raises Incomplete with the lines that are missing.
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.IMPORT_SURVEY, by, cycle)
    require_stage(cycle, RUNNING)
    if cycle.survey_merged_at is not None:
        raise WrongStage(_("Điểm điều tra đã được tổng hợp."))
    missing = missing_lines(cycle)
    if missing:
        raise Incomplete(
            _("Còn thiếu %(count)s điểm điều tra. Hãy nhập đủ rồi tổng hợp.") % {"count": len(missing)},
            missing,
        )
    known = known_results(cycle)
    scores = list(
        Score.objects.filter(dossier__cycle=cycle, source=Criterion.SourceChoice.SURVEY)
        .filter(~Q(dossier__stage=Stage.NOT_SUBMITTED))
        .select_related("dossier")
        .order_by("pk")
    )
    for score in scores:
        score.survey_points = known[score.dossier.unit_id, score.criterion_id][0]
    Score.objects.bulk_update(scores, ["survey_points"], batch_size=500)
    cycle.survey_merged_at = clock.now()
    cycle.save(update_fields=["survey_merged_at"])
    ledger.record(cycle, "survey_merge", by=by, after={"scores": len(scores)})
    return len(scores)


@transaction.atomic
def record_collected(quota: Quota, collected: int, *, by: User) -> Quota:
    """An investigator reports how many sheets of a quota have been collected. Raises InvalidInput."""
    fresh = (
        Quota.objects.select_for_update(of=("self",))
        .select_related("respondent_group__cycle_group__cycle")
        .get(pk=quota.pk)
    )
    cycle = fresh.respondent_group.cycle_group.cycle
    if not access.allowed(Perm.COLLECT_SURVEY, by, cycle):
        access.require(Perm.IMPORT_SURVEY, by, cycle)
    require_stage(cycle, RUNNING)
    if not 0 <= collected <= fresh.planned:
        raise InvalidInput({"collected": _("Số phiếu đã thu phải từ 0 đến %(planned)s.") % {"planned": fresh.planned}})
    fresh.collected = collected
    fresh.save(update_fields=["collected"])
    return fresh
