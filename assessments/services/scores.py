"""Writing a unit's self-assessment, one criterion at a time: figures, points, documents, giải trình."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField, Q, QuerySet
from django.utils.translation import gettext as _

from criteria.points import NumberError, format_number, format_points, parse_points
from criteria.scoring import FigureErrors, NotApplicable, Outcome, figures_to_data, read_figures
from criteria.trees import frozen_leaf, leaf_rule, rounding_of, rule_outcome
from evidence.models import DocumentVersion
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm
from units.statements import Given, Statement
from units.successions import predecessors

from .. import ledger
from ..errors import Conflict, InvalidInput, WrongStage
from ..models import NOT_SELF_SCORED, Dossier, Score, ScoreEvidence, SupplementItem
from ..stages import EDIT_STAGES, Stage

# What the council asked and the unit has not answered yet.
ASKED = SupplementItem.objects.filter(request__answered_at=None)


@dataclass(frozen=True)
class Entry:
    """What an officer typed for one criterion, as text; `points` only where the rule may be overridden."""

    figures: Mapping[str, str]
    not_applicable: bool = False
    explanation: str = ""
    points: str = ""
    override_reason: str = ""


def editable_score_ids(dossier: Dossier) -> set[int] | None:
    """Scores that the unit may write now; None means all of them, an empty set none."""
    if Stage(dossier.stage) in EDIT_STAGES:
        return None
    if dossier.stage == Stage.SUPPLEMENTING:
        return set(ASKED.filter(request__dossier=dossier).values_list("score_id", flat=True))
    return set()


def scores_under(dossier_pk: int, code: str) -> QuerySet[Score]:
    """The scores of the criterion `code` and of everything below it, in the order of the set."""
    return Score.objects.filter(
        Q(criterion__code__startswith=f"{code}.") | Q(criterion__code=code), dossier=dossier_pk
    ).order_by("criterion__order")


def require_editable(dossier: Dossier, score: Score, by: User) -> None:
    """Raise NotAllowed, WrongStage or InvalidInput unless `by` may write this score of the unit now."""
    access.require(Perm.SCORE, by, Unit(pk=dossier.unit_id))
    _require_open(dossier, score)


def _require_open(dossier: Dossier, score: Score) -> None:
    if not _open_now(dossier, score):
        raise WrongStage(
            _(
                "Tiêu chí %(code)s đang khóa vì hồ sơ ở bước “%(stage)s”. Nội dung bạn nhập chưa được lưu; "
                "hãy sao chép lại trước khi rời trang."
            )
            % {"code": score.criterion.code, "stage": dossier.get_stage_display()}
        )
    if score.source in NOT_SELF_SCORED:
        raise InvalidInput({"points": _("Tiêu chí %(code)s không do đơn vị tự chấm.") % {"code": score.criterion.code}})


def _open_now(dossier: Dossier, score: Score) -> bool:
    """Whether the stage lets the unit write `score`; where `_locked` read it, nothing is asked again."""
    if dossier.stage == Stage.SUPPLEMENTING:
        return is_asked(score)
    return Stage(dossier.stage) in EDIT_STAGES


def is_asked(score: Score) -> bool:
    """Whether the council waits for an answer on `score`."""
    return ASKED.filter(score=score).exists()


def _lock_and_check() -> QuerySet[Score]:
    """A score with its dossier, both locked, whether the person may write it, and where the dossier's ledger ends.

    PostgreSQL takes the locks in the order of `of`.
    """
    wanted = {"pk": Given("score", BigAutoField()), "dossier": Given("dossier", BigAutoField())}
    return (
        Score.objects.select_for_update(of=("dossier", "self"), no_key=True)
        .select_related("dossier")
        .annotate(**access.checks(Perm.SCORE, "dossier__unit_id"), ledger_end=ledger.end_of_chain())
        .filter(**wanted)
        .order_by()
    )


LOCK_AND_CHECK = Statement(_lock_and_check)


def _locked(score: Score, by: User) -> Score:
    """Lock the dossier, then the score, in one statement; raises unless `by` may write the score now.

    Raises Score.DoesNotExist where the dossier has no such score.
    """
    chain = ledger.chain_of(Dossier(pk=score.dossier_id))
    found = LOCK_AND_CHECK.rows(score=score.pk, dossier=score.dossier_id, chain=chain, **access.checked(by))
    if not found:
        raise Score.DoesNotExist
    fresh = found[0]
    fresh.criterion = frozen_leaf(fresh.criterion_id)
    access.require_checked(Perm.SCORE, by, Unit(pk=fresh.dossier.unit_id), fresh)
    _require_open(fresh.dossier, fresh)
    return fresh


def self_side(score: Score) -> dict[str, Any]:
    """The unit's side of a score, for the ledger and for showing both values of a conflict."""
    return {
        "declared": score.declared,
        "not_applicable": score.not_applicable,
        "self_points": score.self_points,
        "overridden": score.overridden,
        "override_reason": score.override_reason,
        "explanation": score.explanation,
    }


def snapshot(score: Score) -> dict[str, Any]:
    """The unit's side of a score with its documents, as JSON keeps it: what a later state is compared with."""
    links = score.evidence.select_related("version__document").order_by("pk")
    documents = [
        {
            "version": link.version_id,
            "title": link.version.document.title,
            "number": link.version.document.number,
            "quote": link.quote,
        }
        for link in links
    ]
    return dict(json.loads(ledger.canonical({**self_side(score), "documents": documents})))


def evaluate(score: Score, entry: Entry) -> tuple[dict[str, Any], Outcome]:
    """Points and cleaned figures that `entry` gives on `score`.

    Raises InvalidInput with every wrong field. Missing figures give points None: missing is not zero.
    """
    criterion = score.criterion
    rule = leaf_rule(criterion)
    errors: dict[str, str] = {}
    try:
        figures = read_figures(rule.figures(), entry.figures)
    except FigureErrors as error:
        errors.update({f"figures.{key}": message for key, message in error.by_key().items()})
        figures = {}
    policy = NotApplicable(criterion.na_policy)
    if entry.not_applicable and policy in (NotApplicable.NONE, NotApplicable.NAMED):
        errors["not_applicable"] = _("Tiêu chí này không được khai “không phát sinh”.")
    outcome = Outcome(None, "")
    if not errors and not entry.not_applicable:
        try:
            outcome = rule_outcome(criterion, figures, criterion.criteria_set)
        except FigureErrors as error:
            errors.update({f"figures.{key}": message for key, message in error.by_key().items()})
    points = outcome.points
    overridden = False
    if entry.not_applicable:
        points = criterion.maximum if policy is NotApplicable.FULL else None
    elif entry.points.strip():
        try:
            wanted = parse_points(entry.points)
        except NumberError as error:
            errors["points"] = str(error)
        else:
            overridden = wanted != points
            errors.update(_override_errors(score, wanted, entry) if overridden else {})
            points = wanted
    if errors:
        raise InvalidInput(errors)
    values = {
        "declared": figures_to_data(figures),
        "not_applicable": entry.not_applicable,
        "self_points": points,
        "overridden": overridden,
        "override_reason": entry.override_reason.strip() if overridden else "",
        "explanation": entry.explanation.strip(),
    }
    return values, outcome


def _override_errors(score: Score, wanted: Decimal, entry: Entry) -> dict[str, str]:
    bounds = bounds_error(score, wanted)
    if bounds:
        return {"points": bounds}
    if not score.criterion.overridable:
        return {"points": _("Điểm của tiêu chí này được tính từ số liệu kê khai, không nhập trực tiếp.")}
    if not entry.override_reason.strip():
        return {"override_reason": _("Hãy ghi lý do chấm khác với điểm tính theo quy tắc.")}
    return {}


def bounds_error(score: Score, points: Decimal) -> str:
    """Why `points` cannot stand on `score`, or an empty text: outside its bounds, or finer than the set rounds.

    Finer points would be shown as they were typed but counted rounded.
    """
    if points > score.highest:
        return _("Điểm %(points)s vượt điểm tối đa %(maximum)s. Hãy nhập từ %(lowest)s đến %(maximum)s.") % {
            "points": format_points(points),
            "maximum": format_points(score.highest),
            "lowest": format_points(score.lowest),
        }
    if points < score.lowest:
        return _("Điểm %(points)s thấp hơn mức thấp nhất. Hãy nhập từ %(lowest)s đến %(maximum)s.") % {
            "points": format_points(points),
            "maximum": format_points(score.highest),
            "lowest": format_points(score.lowest),
        }
    rounding = rounding_of(score.criterion.criteria_set)
    if rounding.apply(points) != points and points != score.highest:
        return _("Điểm phải là bội số của %(step)s.") % {"step": format_number(rounding.step)}
    return ""


def save_score(score: Score, entry: Entry, *, version: int, by: User) -> Score:
    """Save what an officer typed for one criterion.

    `version` is the one that the officer saw. Raises Conflict with the row as it stands when somebody saved
    meanwhile, InvalidInput with every wrong field, WrongStage when the criterion is locked. Saving the same content
    again changes nothing.
    """
    try:
        return _save_score(score, entry, version, by)
    except IntegrityError:
        # Somebody wrote to the dossier while this waited for its lock, so that the end of the ledger was old.
        return _save_score(score, entry, version, by, waited=True)


@transaction.atomic
def _save_score(score: Score, entry: Entry, version: int, by: User, *, waited: bool = False) -> Score:
    fresh = _locked(score, by)
    values, _outcome = evaluate(fresh, entry)
    before = self_side(fresh)
    if values == before:
        return fresh
    if fresh.version != version:
        raise Conflict(
            _("%(who)s đã lưu tiêu chí này trước bạn. Hãy so sánh hai nội dung và chọn nội dung giữ lại.")
            % {"who": fresh.updated_by or _("Người khác")},
            fresh,
        )
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.version += 1
    fresh.updated_at = clock.now()
    fresh.updated_by = by
    fresh.save(update_fields=[*values, "version", "updated_at", "updated_by"])
    end = None if waited else fresh.ledger_end  # type: ignore[attr-defined]
    ledger.record(fresh.dossier, "self_score", by=by, criterion=fresh.criterion, before=before, after=values, end=end)
    return fresh


@transaction.atomic
def attach(score: Score, version: DocumentVersion, *, quote: str, by: User) -> ScoreEvidence:
    """Let a document of the unit's library prove a score; a second call only changes the quote.

    Documents of a unit that this one took over may be used by people who may read them there.
    """
    fresh = _locked(score, by)
    if version.document.unit_id != fresh.dossier.unit_id and not (
        version.document.unit_id in predecessors(fresh.dossier.unit)
        and access.allowed(Perm.VIEW_DOSSIER, by, version.document.unit)
    ):
        raise InvalidInput({"document": _("Chỉ dùng được tài liệu trong kho của chính đơn vị.")})
    link, created = ScoreEvidence.objects.update_or_create(
        score=fresh,
        version=version,
        defaults={"quote": quote.strip()},
        create_defaults={"quote": quote.strip(), "added_by": by, "added_at": clock.now()},
    )
    ledger.record(
        fresh.dossier,
        "attach" if created else "quote",
        by=by,
        criterion=fresh.criterion,
        after={
            "document": version.document_id,
            "version": version.number,
            "sha256": version.blob.sha256,
            "quote": link.quote,
        },
    )
    return link


@transaction.atomic
def detach(link: ScoreEvidence, *, by: User) -> None:
    """Take a document off a score; the document stays in the unit's library."""
    fresh = _locked(link.score, by)
    removed, _rows = ScoreEvidence.objects.filter(pk=link.pk).delete()
    if removed:
        ledger.record(
            fresh.dossier,
            "detach",
            by=by,
            criterion=fresh.criterion,
            before={
                "document": link.version.document_id,
                "version": link.version.number,
                "quote": link.quote,
            },
        )
