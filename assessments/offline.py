"""The offline workbook: what a person may fill in goes out as Excel and comes back row by row.

A file that comes back is compared with what stands now. Only what a person accepts is saved, each criterion through
`save_score`, so that versions, the ledger and every rule hold as they do on the screen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from criteria.models import Criterion
from criteria.trees import leaf_rule
from plans.calendar import Deadline
from units import access, clock
from units.models import User
from units.permissions import Perm
from units.templatetags.cchc import vdatetime
from units.workbooks import CellIssue

from .completeness import own_scores
from .deadlines import extension_of, submission_deadline
from .errors import InvalidInput, ServiceError, WrongStage
from .idempotency import once
from .models import Assignment, Dossier, LedgerEntry, RepeatedWrite, Score, SupplementItem
from .moves import lock_dossier
from .offline_difference import Comparison, Difference, RowDifference, RowState, within
from .offline_fields import (
    NOT_ARISING,
    POINTS,
    REASON,
    labels_of,
    may_not_arise,
)
from .offline_reading import Refused, Stamp, TypedRow, read
from .offline_workbook import HEADER_ROW, Cover, Line, Part, field_column, sheet_title, write
from .services.scores import editable_score_ids, save_score
from .stages import WAITING_FOR, Stage

ACTION: Final = "offline_apply"
MINE: Final = "mine"
THEIRS: Final = "theirs"


@dataclass(frozen=True)
class Applied:
    """What became of the accepted rows, by the code of their criterion; `refused` also says why."""

    saved: Sequence[str]
    kept: Sequence[str]
    same: Sequence[str]
    refused: Sequence[tuple[str, str]]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Applied:
        """From the answer kept under an idempotency key."""
        refused = [(str(code), str(message)) for code, message in data["refused"]]
        return cls(data["saved"], data["kept"], data["same"], refused)


def _writable(dossier: Dossier, by: User) -> set[int] | None:
    """Scores of the unit that may be written now, None for all. Raises NotAllowed, and WrongStage for none."""
    access.require(Perm.SCORE, by, dossier.unit)
    ids = editable_score_ids(dossier)
    if ids is not None and not ids:
        raise WrongStage(
            _("Hồ sơ đang ở bước “%(stage)s” (%(waiting)s) nên không nhập được kết quả, kể cả bằng tệp Excel.")
            % {"stage": dossier.get_stage_display(), "waiting": WAITING_FOR[Stage(dossier.stage)]}
        )
    return ids


def _branches_of(dossier: Dossier, by: User) -> set[str] | None:
    """Codes of the branches that `by`, or whom they stand in for, was assigned; None for whoever hands the work out."""
    if access.allowed(Perm.ASSIGN_CRITERIA, by, dossier.unit):
        return None
    people = {by.pk, *(absent for absent, unit in access.stands_in_for(by) if unit == dossier.unit_id)}
    return set(Assignment.objects.filter(dossier=dossier, officer__in=people).values_list("criterion__code", flat=True))


def _own(dossier: Dossier) -> list[Score]:
    return list(own_scores(dossier).select_related("criterion__criteria_set", "updated_by"))


def fillable_scores(dossier: Dossier, *, by: User) -> list[Score]:
    """The scores that `by` may fill in now, in the order of the set, with the number of `documents` on each.

    An officer has what was assigned, a coordinator the whole dossier, both only what the stage leaves open. Raises
    NotAllowed, and WrongStage with the reason where the stage leaves nothing open.
    """
    ids = _writable(dossier, by)
    branches = _branches_of(dossier, by)
    return [
        score
        for score in _own(dossier)
        if (ids is None or score.pk in ids) and (branches is None or within(score.criterion.code, branches))
    ]


def domains_of(scores: Iterable[Score], dossier: Dossier) -> list[tuple[Criterion, int]]:
    """The domains of `scores` with how many of them each has, in the order of the set."""
    counts: dict[str, int] = {}
    for score in scores:
        code = _domain(score)
        counts[code] = counts.get(code, 0) + 1
    domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=counts)
    return [(domain, counts[domain.code]) for domain in domains.order_by("order")]


def _domain(score: Score) -> str:
    return score.criterion.code.split(".")[0]


def export_part(dossier: Dossier, *, by: User, domains: Collection[int] | None = None) -> bytes:
    """The workbook of what `by` may fill in, of all domains or of those given by id.

    Raises what `fillable_scores` raises, and InvalidInput where nothing is left to fill in.
    """
    scores = fillable_scores(dossier, by=by)
    branches = list(Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, source="").order_by("order"))
    if domains is not None:
        wanted = {branch.code for branch in branches if branch.parent_id is None and branch.pk in domains}
        scores = [score for score in scores if _domain(score) in wanted]
    if not scores:
        raise InvalidInput(
            {"domains": _("Không có tiêu chí nào được phân công cho bạn ở đây. Hãy hỏi cán bộ đầu mối của đơn vị.")}
        )
    now = clock.now()
    stamp = Stamp(
        dossier_id=dossier.pk,
        set_id=dossier.criteria_set_id,
        versions={score.pk: score.version for score in scores},
        by_id=by.pk,
        at=now,
    )
    parts = _parts(scores, branches, _questions(dossier))
    return write(parts, cover=_cover(dossier, by, now), stamp=stamp.signed())


def _parts(scores: Sequence[Score], branches: Sequence[Criterion], questions: Mapping[int, str]) -> list[Part]:
    """One part for each domain that has something to fill in, with the headings above it."""
    lines: dict[str, list[Line]] = {}
    for score in scores:
        documents: int = score.documents  # type: ignore[attr-defined]
        lines.setdefault(_domain(score), []).append(Line(score, documents, questions.get(score.pk, "")))
    above = {
        ".".join(parts[:depth])
        for parts in (score.criterion.code.split(".") for score in scores)
        for depth in range(2, len(parts))
    }
    return [
        Part(
            domain=domain,
            branches=[
                branch for branch in branches if branch.code in above and branch.code.startswith(f"{domain.code}.")
            ],
            lines=lines[domain.code],
        )
        for domain in branches
        if domain.parent_id is None and domain.code in lines
    ]


def _questions(dossier: Dossier) -> dict[int, str]:
    """What the council asks now, by score."""
    if dossier.stage != Stage.SUPPLEMENTING:
        return {}
    items = SupplementItem.objects.filter(request__dossier=dossier, request__answered_at=None)
    return dict(items.values_list("score_id", "question"))


def _cover(dossier: Dossier, by: User, now: dt.datetime) -> Cover:
    notes = []
    if dossier.cycle_group.criteria_set.illustrative:
        notes.append(_("Bộ chỉ số MINH HỌA, không phải bộ chỉ số chính thức."))
    if dossier.stage == Stage.SUPPLEMENTING:
        due = dossier.supplements.filter(answered_at=None).values_list("due_on", flat=True).first()
        if due is not None:
            notes.append(
                _("Tệp chỉ có các tiêu chí hội đồng yêu cầu bổ sung. Hạn bổ sung: %(deadline)s.")
                % {"deadline": Deadline(on=due, inclusive=True).words()}
            )
    else:
        deadline = submission_deadline(dossier, extension_of(dossier))
        notes.append(_("Hạn gửi hồ sơ: %(deadline)s.") % {"deadline": deadline.words()})
    return Cover(
        title=_("%(unit)s: kết quả tự đánh giá năm %(year)s") % {"unit": dossier.unit, "year": dossier.cycle.year},
        line=_("%(unit)s · %(who)s tải về lúc %(when)s") % {"unit": dossier.unit, "who": by, "when": vdatetime(now)},
        notes=notes,
    )


def read_part(dossier: Dossier, file: IO[bytes], *, by: User) -> Difference:
    """What an uploaded workbook would change, row by row; nothing is written.

    Raises NotAllowed, WrongStage where nothing may be written now, and Refused where the file as a whole is not taken.
    The number of queries does not depend on the number of rows.
    """
    writable = _writable(dossier, by)
    scores = {score.pk: score for score in _own(dossier)}
    codes = dict.fromkeys(_domain(score) for score in scores.values())
    stamp, rows = read(
        file, [sheet_title(code) for code in codes], dossier_id=dossier.pk, set_id=dossier.criteria_set_id
    )
    rows = [row for row in rows if row.score_id in scores]
    _require_columns(rows, scores)
    branches = _branches_of(dossier, by)
    comparison = Comparison(dossier, stamp, _bases(dossier, scores, stamp.versions), writable, branches)
    places: dict[int, list[TypedRow]] = {}
    for row in rows:
        places.setdefault(row.score_id, []).append(row)
    missing = [scores[pk].criterion.code for pk in stamp.versions if pk in scores and pk not in places]
    return Difference(
        rows=[comparison.of(scores[pk], places[pk]) for pk in scores if pk in places],
        issues=[_missing_issue(missing)] if missing else [],
        exported_by=User.objects.filter(pk=stamp.by_id).first(),
        exported_at=stamp.at,
    )


def _missing_issue(codes: Sequence[str]) -> CellIssue:
    return CellIssue(
        "",
        "",
        _("Tệp thiếu dòng của tiêu chí %(codes)s so với khi tải về. Nội dung đang lưu của các tiêu chí này giữ nguyên.")
        % {"codes": ", ".join(codes)},
    )


def _require_columns(rows: Sequence[TypedRow], scores: Mapping[int, Score]) -> None:
    """A column that is gone would read as if everything in it had been emptied. Raises Refused."""
    broken: dict[str, CellIssue] = {}
    for row in rows:
        criterion = scores[row.score_id].criterion
        needed = {field_column(leaf_rule(criterion), field) for field in _fields(criterion)}
        if not needed <= row.texts.keys():
            message = _("Trang tính thiếu cột nhập liệu so với khi tải về.")
            broken.setdefault(row.sheet, CellIssue(row.sheet, f"A{HEADER_ROW}", message))
    if broken:
        raise Refused(
            _("Tệp không còn đủ các cột như khi tải về. Hãy tải tệp mới và chép số liệu sang."), [*broken.values()]
        )


def _fields(criterion: Criterion) -> list[str]:
    """The fields that a criterion has open in the workbook."""
    closed = set() if may_not_arise(criterion) else {NOT_ARISING}
    closed |= set() if criterion.overridable else {POINTS, REASON}
    return [field for field in labels_of(criterion) if field not in closed]


def _bases(dossier: Dossier, scores: Mapping[int, Score], versions: Mapping[int, int]) -> dict[int, Mapping[str, Any]]:
    """What stood in each score when the file was made, for those that were saved since: read from the ledger."""
    moved = {pk: scores[pk].version - version for pk, version in versions.items() if pk in scores}
    moved = {pk: saves for pk, saves in moved.items() if saves > 0}
    if not moved:
        return {}
    earlier: dict[int, list[Mapping[str, Any]]] = {}
    entries = LedgerEntry.objects.filter(
        dossier=dossier, action="self_score", criterion__in=[scores[pk].criterion_id for pk in moved]
    )
    for criterion_id, before in entries.order_by("-seq").values_list("criterion_id", "before"):
        earlier.setdefault(criterion_id, []).append(before)
    found = {}
    for pk, saves in moved.items():
        sides = earlier.get(scores[pk].criterion_id, [])
        if saves <= len(sides):
            found[pk] = sides[saves - 1]
    return found


def apply_part(
    dossier: Dossier,
    file: IO[bytes],
    accepted: Collection[int],
    resolutions: Mapping[int, str],
    *,
    seen: Mapping[int, int],
    by: User,
    key: str | None,
) -> Applied:
    """Save the rows of a file that a person accepted, in one transaction; the same `key` does it once.

    `accepted` are scores that are new or changed, `resolutions` say for each conflict whose content stays (MINE or
    THEIRS), `seen` are the versions that the person compared with (`Difference.seen`). The file is compared again with
    what stands now: a row that moved since is refused and named, the others are saved. Raises what `read_part` raises.
    """

    def do() -> dict[str, Any]:
        difference = read_part(lock_dossier(dossier), file, by=by)
        result: dict[str, Any] = {"dossier": dossier.pk, "saved": [], "kept": [], "same": [], "refused": []}
        for row in difference.rows:
            if row.score_id in accepted or row.score_id in resolutions:
                what, message = _apply_row(row, resolutions.get(row.score_id), seen.get(row.score_id), by=by)
                result[what].append((row.code, message) if what == "refused" else row.code)
        return result

    return Applied.from_data(once(key, ACTION, by=by, do=do))


def applied(dossier: Dossier, *, by: User, key: str) -> Applied | None:
    """What `apply_part` did on this dossier under `key`; None where `by` did nothing under it."""
    done = RepeatedWrite.objects.filter(user=by, key=key, action=ACTION, answer__dossier=dossier.pk).first()
    return None if done is None else Applied.from_data(done.answer)


def _apply_row(row: RowDifference, resolution: str | None, seen: int | None, *, by: User) -> tuple[str, str]:
    """Save one row on a locked dossier; returns what became of it, as `Applied` names it, and why it was refused."""
    if row.state is RowState.UNCHANGED:
        return "same", ""
    if row.entry is None or row.state is RowState.ERROR:
        return "refused", "; ".join(str(issue) for issue in row.issues)
    if row.version != seen:
        return "refused", _("%(who)s vừa lưu tiêu chí này lúc %(when)s. Hãy tải tệp lên lại để so sánh.") % {
            "who": row.who or _("Người khác"),
            "when": vdatetime(row.when),
        }
    if row.state is RowState.CONFLICT and resolution == THEIRS:
        return "kept", ""
    if row.state is RowState.CONFLICT and resolution != MINE:
        return "refused", _("Hai người cùng sửa: hãy chọn nội dung giữ lại.")
    try:
        save_score(row.score, row.entry, version=row.version, by=by)
    except ServiceError as error:
        return "refused", str(error)
    return "saved", ""
