"""The appraisal desk's rows: what the unit declared, what proves it, and what the council gives.

A page of any length reads the same few tables once: criteria, scores, evidence, questions, last year's points. Where
two score independently, everybody sees their own points only until a criterion is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.changes import Change
from assessments.completeness import Progress
from assessments.models import (
    DIRECT_SOURCES,
    Dossier,
    RoundScore,
    Score,
    ScoreEvidence,
    SiteFinding,
    SiteVisit,
    SupplementItem,
)
from assessments.services import rounds
from assessments.services.appraisal import domain_scores
from assessments.visibility import may_appraise, own_appraisals
from criteria.models import CriteriaSet, Criterion
from criteria.scoring import FigureErrors, RuleError, figures_from_data, format_points
from criteria.trees import frozen_branches, leaf_figures, leaf_rule, rule_outcome
from units.models import Unit

from .earlier_points import EarlierPoints, earlier_points
from .score_words import changes_since
from .since_look import Moved

# What appraisers write most often; the unit reads it, so each says what is missing.
QUICK_REASONS = (
    gettext_lazy("Chưa có tài liệu kiểm chứng cho nội dung tự chấm."),
    gettext_lazy("Tài liệu kiểm chứng chưa đủ để xác nhận toàn bộ số liệu kê khai."),
    gettext_lazy("Tài liệu không thuộc kỳ đánh giá."),
    gettext_lazy("Văn bản ban hành sau thời hạn quy định."),
    gettext_lazy("Số liệu kê khai không khớp với báo cáo của cơ quan chủ trì lĩnh vực."),
    gettext_lazy("Chưa có minh chứng về kết quả thực hiện."),
)

KINDS = (
    ("pdf", "pdf"),
    ("word", "word"),
    ("opendocument.text", "word"),
    ("excel", "excel"),
    ("spreadsheet", "excel"),
    ("image/", "image"),
)


@dataclass(frozen=True)
class Typed:
    """What an appraiser sent for one criterion, as text."""

    points: str
    reason: str
    version: int
    resolve: str = ""

    @classmethod
    def from_post(cls, data: Mapping[str, Any]) -> Typed:
        """One click on “Chấp nhận” sends `accept`; a chosen quick reason counts where nothing is written."""
        version = data.get("seen_version") or data.get("version") or ""
        version_number = int(version) if version.isdecimal() and len(version) < 10 else 0
        if data.get("accept"):
            return cls("", "", version_number)
        reason = str(data.get("reason", "")).strip() or str(data.get("quick", ""))
        return cls(str(data.get("points", "")), reason.strip()[:2000], version_number, str(data.get("resolve", "")))


@dataclass(frozen=True)
class Heading:
    """A branch of the domain above its criteria."""

    code: str
    name: str
    maximum: Any
    heading: bool = True


@dataclass(frozen=True)
class File:
    """A document behind a score."""

    version_id: int
    name: str
    number: str
    date: Any
    quote: str
    kind: str


@dataclass(frozen=True)
class Row:
    """One criterion on the desk. `typed`, `errors` and `conflict` tell of a save that was refused."""

    score: Score
    rule: str
    declared: str
    files: Sequence[File] = ()
    questions: Sequence[SupplementItem] = ()
    findings: Sequence[SiteFinding] = ()
    changes: Sequence[Change] = ()
    before: EarlierPoints | None = None
    moved: Moved | None = None  # since the person's last look
    unit: Unit | None = None  # whose it is, where units stand side by side
    editable: bool = False
    typed: Typed | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    conflict: Score | None = None
    heading: bool = False

    @property
    def name(self) -> str:
        """What tells this row from the others: the unit where units stand side by side, else the criterion's code."""
        return self.unit.name if self.unit else self.score.criterion.code

    @property
    def settled(self) -> bool:
        return self.score.appraised_at is not None

    @property
    def surveyed(self) -> bool:
        return self.score.source == Criterion.SourceChoice.SURVEY

    @property
    def direct(self) -> bool:
        """Points that the council or the province's leaders give, without a self score."""
        return self.score.source in DIRECT_SOURCES

    @property
    def changed(self) -> bool:
        return self.settled and not self.direct and self.score.appraised_points != self.score.self_points

    @property
    def asked_changes(self) -> list[Change]:
        """What the unit changed since the council asked, without what stands under `moved`."""
        new = self.moved.changes if self.moved else ()
        return [change for change in self.changes if change not in new]

    @property
    def points_value(self) -> str:
        """The text of the points field: what was typed last, else what is settled."""
        if self.typed is not None:
            return self.typed.points
        points = self.score.appraised_points
        return "" if points is None else format_points(points)

    @property
    def reason_value(self) -> str:
        return self.typed.reason if self.typed is not None else self.score.appraised_reason

    @property
    def reason_open(self) -> bool:
        return bool(self.reason_value or "reason" in self.errors)

    @property
    def acceptable(self) -> bool:
        """Whether there are self points to accept."""
        return not self.direct and (self.score.self_points is not None or self.score.not_applicable)

    @property
    def self_text(self) -> str:
        points = self.score.self_points
        return "" if points is None else format_points(points)

    @property
    def save_state(self) -> str:
        if self.conflict is not None:
            return "conflict"
        if self.errors:
            return "error"
        return "saved" if self.settled else "idle"


def with_evidence(scores: QuerySet[Score]) -> QuerySet[Score]:
    """Scores with everything that a row shows, in three more queries."""
    return scores.select_related("criterion", "appraised_by").prefetch_related(
        Prefetch("evidence", ScoreEvidence.objects.select_related("version__document", "version__blob")),
        Prefetch("supplement_items", SupplementItem.objects.select_related("request").order_by("-request_id")),
        findings("findings"),
    )


def findings(path: str) -> Prefetch[Any]:
    """What finished visits found on the scores whose findings are at `path`."""
    return Prefetch(path, SiteFinding.objects.filter(visit__state=SiteVisit.State.DONE).select_related("visit"))


def make_row(score: Score, criteria_set: CriteriaSet, **state: Any) -> Row:
    """A row of a score from `with_evidence`."""
    return Row(
        score=score,
        rule=rule_words(score.criterion),
        declared=declared_words(score, criteria_set),
        files=[_file(link) for link in score.evidence.all()],
        questions=list(score.supplement_items.all()),
        findings=list(score.findings.all()),
        changes=changes_since(score, score.supplement_items.all()),
        **state,
    )


def quick_options() -> SafeString:
    """The frequent reasons as options of a list: the same on every row, put together once for a page."""
    return format_html_join("", '<option value="{0}">{0}</option>', ((reason,) for reason in QUICK_REASONS))


def rule_words(criterion: Criterion) -> str:
    """The rule in plain words."""
    try:
        return leaf_rule(criterion).describe(criterion.maximum)
    except RuleError:
        return ""


def declared_words(score: Score, criteria_set: CriteriaSet) -> str:
    """What the unit declared, and what the rule makes of it."""
    if score.not_applicable:
        return _("Đơn vị khai: không phát sinh.")
    if not score.declared:
        return ""
    try:
        figures = figures_from_data(leaf_figures(score.criterion), score.declared)
        return rule_outcome(score.criterion, figures, criteria_set).explanation
    except (FigureErrors, RuleError):
        return ""


def _file(link: ScoreEvidence) -> File:
    document, blob = link.version.document, link.version.blob
    return File(
        version_id=link.version_id,
        name=document.title,
        number=document.number,
        date=document.issued_on,
        quote=link.quote,
        kind=next((kind for mark, kind in KINDS if mark in blob.content_type), ""),
    )


def own_seat(user: Any, dossier: Dossier, domain: Criterion) -> int:
    """Which of two independent scorers `user` is in the domain's present pass; 0 for everybody else."""
    if not may_appraise(user, dossier, domain):
        return RoundScore.SETTLED
    mine = own_appraisals(user, [dossier]).get((dossier.pk, domain.pk))
    return mine.seat if mine else RoundScore.SETTLED


def as_seen(user: Any, scores: Iterable[Score], *, dossier: Dossier, domain: Criterion) -> list[Score]:
    """The scores of one domain as `user` may see them now."""
    if not rounds.blind(dossier):
        return list(scores)
    return rounds.shown_to(scores, dossier=dossier, seat=own_seat(user, dossier, domain))


def seen_scores(user: Any, dossier: Dossier, domain: Criterion) -> list[Score]:
    """The domain's scores with everything that the desk shows, as `user` may see them."""
    return as_seen(user, with_evidence(domain_scores(dossier, domain)), dossier=dossier, domain=domain)


def desk_rows(
    dossier: Dossier,
    domain: Criterion,
    scores: Sequence[Score],
    *,
    moved: Mapping[int, Moved],
    editable: bool,
) -> list[Heading | Row]:
    """The domain from top to bottom, headings between the criteria of `scores` (from `seen_scores`).

    `moved` (from `since_look`) marks rows.
    """
    criteria_set = dossier.cycle_group.criteria_set
    headings = {row.code: row for row in frozen_branches(criteria_set.pk)}
    before = earlier_points(dossier.cycle, scores, units={dossier.pk: dossier.unit_id})
    rows: list[Heading | Row] = []
    shown: set[str] = set()
    for score in scores:
        parts = score.criterion.code.split(".")
        for depth in range(2, len(parts)):
            code = ".".join(parts[:depth])
            if code in headings and code not in shown:
                shown.add(code)
                rows.append(Heading(code, headings[code].name, headings[code].maximum))
        rows.append(
            make_row(
                score,
                criteria_set,
                editable=editable and is_appraisable(score),
                before=before.get(score.pk),
                moved=moved.get(score.pk),
            )
        )
    return rows


def is_appraisable(score: Score) -> bool:
    """Whether a domain's appraiser settles the score: neither the survey's nor the leaders'."""
    return score.source not in (Criterion.SourceChoice.SURVEY, Criterion.SourceChoice.LEADER)


@dataclass(frozen=True)
class DomainState:
    """How far the work is: settled, in all, and how many more could be accepted as the unit scored them."""

    progress: Progress
    acceptable: int


def domain_state(scores: Iterable[Score]) -> DomainState:
    """Of the domain's scores as the appraiser sees them."""
    wanted = [score for score in scores if is_appraisable(score)]
    unsettled = [score for score in wanted if score.appraised_at is None]
    acceptable = [
        score
        for score in unsettled
        if score.source not in DIRECT_SOURCES and (score.self_points is not None or score.not_applicable)
    ]
    return DomainState(Progress(done=len(wanted) - len(unsettled), total=len(wanted)), len(acceptable))
