"""A small province for tests: two sở and one huyện, two domains, a survey, a council, and people for every role."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker

from assessments.completeness import own_scores
from assessments.models import DIRECT_SOURCES, Council, CouncilMember, Cycle, CycleGroup, Dossier, Score
from assessments.services.appraisal import accept_rest, appraise, to_appraise
from assessments.services.assignments import assignable_domains
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from criteria.models import CriteriaSet, Criterion, GradeBand
from evidence.models import Blob, Document, DocumentVersion
from plans.models import Milestone, Plan, PlanTask
from plans.reports import TaskReport
from units import access, clock
from units.models import Unit, UnitGroup, User
from units.permissions import Role
from workflow import actions
from workflow.engine import open_item, start_cycle
from workflow.models import WorkItem

YEAR = 2026
PASSWORD = "mat-khau-thu-nghiem"

_numbers = itertools.count(1)

# code, name, maximum, source, rule (None for a branch)
Row = tuple[str, str, str, str, dict[str, Any] | None]
LEAVES: tuple[Row, ...] = (
    ("1", "Công tác chỉ đạo điều hành", "6", "", None),
    ("1.1", "Kế hoạch cải cách hành chính", "6", "", None),
    ("1.1.1", "Ban hành kế hoạch", "2", "self", {"kind": "yes_no"}),
    (
        "1.1.2",
        "Tỷ lệ nhiệm vụ hoàn thành",
        "4",
        "self",
        {"kind": "proportional", "labels": {"a": "Số nhiệm vụ hoàn thành", "b": "Tổng số nhiệm vụ"}},
    ),
    ("2", "Cải cách thủ tục hành chính", "4", "", None),
    ("2.1", "Công khai thủ tục hành chính", "4", "", None),
    (
        "2.1.1",
        "Niêm yết công khai",
        "3",
        "self",
        {"kind": "per_item", "each": "0.5", "cap": "3", "label": "Số lĩnh vực đã niêm yết"},
    ),
    ("2.1.2", "Mức độ hài lòng", "1", "survey", {"kind": "survey"}),
)


NA_POLICIES = {"2.1.1": "rescale"}


def user(username: str | None = None, **fields: Any) -> User:
    """An active person; the password is PASSWORD."""
    name = username or f"nguoi{next(_numbers)}"
    fields.setdefault("full_name", f"Nguyễn Văn {name}")
    fields.setdefault("email", f"{name}@thu.example")
    return User.objects.create_user(username=name, password=PASSWORD, **fields)


def behind_the_back(score: Score, **values: Any) -> None:
    """Change the unit's side of a score as no service could: triggers hold it while the council has the dossier."""
    dossiers = Dossier.objects.filter(pk=score.dossier_id)
    stage = dossiers.values_list("stage", flat=True).get()
    dossiers.update(stage=Stage.CHECKING)
    Score.objects.filter(pk=score.pk).update(**values)
    dossiers.update(stage=stage)


def more_domains(count: int) -> tuple[Row, ...]:
    """Rows of `count` domains after the two of LEAVES, each with one yes/no leaf of 2 points."""
    return tuple(
        row
        for number in range(3, 3 + count)
        for row in (
            (f"{number}", f"Lĩnh vực thêm {number}", "2", "", None),
            (f"{number}.1", f"Tiêu chí {number}.1", "2", "", None),
            (f"{number}.1.1", f"Tiêu chí thành phần {number}.1.1", "2", "self", {"kind": "yes_no"}),
        )
    )


def criteria_set(
    code: str = "bo-thu",
    *,
    year: int = YEAR,
    illustrative: bool = True,
    leaves: Sequence[Row] = LEAVES,
    na_policies: Mapping[str, str] = NA_POLICIES,
) -> CriteriaSet:
    """A draft set of `leaves`; by default 10 points in 2 domains, 4 leaves, 1 of them from the survey."""
    made = CriteriaSet.objects.create(code=code, year=year, name="Bộ chỉ số thử", illustrative=illustrative)
    nodes: dict[str, Criterion] = {}
    for order, (number, name, maximum, source, rule) in enumerate(leaves, start=1):
        nodes[number] = Criterion.objects.create(
            criteria_set=made,
            parent=nodes.get(number.rpartition(".")[0]),
            code=number,
            name=name,
            order=order,
            maximum=Decimal(maximum),
            source=source,
            rule=rule,
            na_policy=na_policies.get(number, "none"),
            overridable=number == "1.1.2",
            evidence_asked="Văn bản có số, ngày ban hành" if source == "self" else "",
        )
    for label, lower in (("Xuất sắc", 90), ("Tốt", 80), ("Khá", 70), ("Trung bình", 0)):
        GradeBand.objects.create(criteria_set=made, label=label, lower=Decimal(lower))
    return made


@dataclass
class World:
    """A cycle with everybody in it. People of a unit are found by unit code: `world.officer["so-a"]`."""

    cycle: Cycle
    units: dict[str, Unit]
    officer: dict[str, User]
    coordinator: dict[str, User]
    head: dict[str, User]
    appraiser: User
    second_appraiser: User
    secretary: User
    chair: User
    home_affairs: User
    province: User
    investigator: User
    dossiers: dict[str, Dossier] = field(default_factory=dict)

    def open(self) -> World:
        """Open the cycle and keep its dossiers by unit code."""
        actions.open_cycle(open_item(self.cycle, "cycle.open"), by=self.home_affairs)
        self.cycle.refresh_from_db()
        codes = {unit.pk: code for code, unit in self.units.items()}
        self.dossiers = {
            codes[dossier.unit_id]: dossier
            for dossier in self.cycle.dossiers.filter(unit__in=codes).select_related("unit", "cycle", "cycle_group")
        }
        return self

    def dossier(self, code: str = "so-a") -> Dossier:
        """A fresh copy of a unit's dossier."""
        return Dossier.objects.select_related("unit", "cycle__plan", "cycle_group__criteria_set").get(
            pk=self.dossiers[code].pk
        )

    def score(self, code: str, unit: str = "so-a") -> Score:
        """A fresh copy of one score."""
        return Score.objects.select_related("criterion", "dossier").get(
            dossier=self.dossiers[unit], criterion__code=code
        )

    def domain(self, code: str, unit: str = "so-a") -> Criterion:
        return Criterion.objects.get(criteria_set_id=self.dossier(unit).criteria_set_id, code=code)

    def item(self, node: str, unit: str = "so-a", **filters: Any) -> WorkItem:
        """The open task of a node on a unit's dossier."""
        return WorkItem.objects.select_related("task", "cycle", "dossier__unit", "domain").get(
            dossier=self.dossiers[unit], node=f"dossier.{node}", done_at=None, **filters
        )

    def fill(self, unit: str = "so-a") -> None:
        """Complete self-assessment: 2 + 3 + 2,5 points and 2 for each further domain, each with a giải trình."""
        officer = self.officer[unit]
        known = {"1.1.2": {"a": "3", "b": "4"}, "2.1.1": {"count": "5"}}
        for score in own_scores(self.dossier(unit)):
            figures = known.get(score.criterion.code, {"met": "có", "tier": "dat"})
            save_score(score, Entry(figures, explanation="Theo báo cáo số 12."), version=score.version, by=officer)

    def to(self, stage: Stage, unit: str = "so-a") -> Dossier:
        """Walk a dossier straight to `stage` through the same actions that people use."""
        order = list(_WALK)
        for at in order[: order.index(stage)]:
            if self.dossier(unit).stage == at:
                _WALK[at](self, unit)
        assert self.dossier(unit).stage == stage
        return self.dossier(unit)


def _assign(world: World, unit: str) -> None:
    domains = Criterion.objects.filter(criteria_set_id=world.dossier(unit).criteria_set_id, parent=None)
    actions.assign(
        world.item("assign", unit),
        {domain.pk: world.officer[unit] for domain in domains},
        by=world.coordinator[unit],
    )


def _self_assess(world: World, unit: str) -> None:
    world.fill(unit)
    for domain in assignable_domains(world.dossier(unit)):
        actions.finish_self_assessment(world.item("self_assess", unit, domain=domain), by=world.officer[unit])


def _check(world: World, unit: str) -> None:
    actions.send_to_head(world.item("check", unit), by=world.coordinator[unit])


def _approve(world: World, unit: str) -> None:
    actions.approve(world.item("approve", unit), by=world.head[unit])


def _submit(world: World, unit: str) -> None:
    actions.submit(world.item("submit", unit), by=world.coordinator[unit])


def seat(world: World, *, domains: Iterable[Criterion] = (), role: Role = Role.MEMBER) -> User:
    """One more person on the council of a world's cycle, for all domains or for those given."""
    person = _seat(world.cycle.council, role, f"thamdinh-them-{next(_numbers)}")
    person.council_seats.get().domains.set(domains)
    return person


def appraiser_of(world: World, unit: str) -> User:
    """The appraiser who does not belong to the unit."""
    return world.second_appraiser if unit == "so-a" else world.appraiser


def _appraise(world: World, unit: str) -> None:
    by = appraiser_of(world, unit)
    for item in WorkItem.objects.filter(dossier=world.dossiers[unit], node="dossier.appraise", done_at=None).order_by(
        "pk"
    ):
        accept_rest(item.dossier, item.domain, by=by)
        _give_direct(to_appraise(item.dossier, item.domain), by=by)
        actions.finish_domain(item, by=by)


def _give_direct(scores: QuerySet[Score], *, by: User) -> None:
    """1 point on each criterion that nobody has given points yet."""
    for score in scores.filter(source__in=DIRECT_SOURCES, appraised_at=None):
        appraise(score, "1", reason="", version=score.appraised_version, by=by)


def _review(world: World, unit: str) -> None:
    _give_direct(Score.objects.filter(dossier=world.dossiers[unit], source="leader"), by=world.secretary)
    actions.finish_review(world.item("review", unit), by=world.secretary)


def _respond(world: World, unit: str) -> None:
    actions.respond(world.item("respond", unit), [], by=world.coordinator[unit])


_WALK = {
    Stage.ASSIGNING: _assign,
    Stage.SELF_ASSESSING: _self_assess,
    Stage.CHECKING: _check,
    Stage.APPROVING: _approve,
    Stage.READY: _submit,
    Stage.APPRAISING: _appraise,
    Stage.REVIEWING: _review,
    Stage.RESPONDING: _respond,
    Stage.CONCLUDED: lambda world, unit: None,
}


def world(*, leaves: Sequence[Row] = LEAVES, na_policies: Mapping[str, str] = NA_POLICIES, **options: Any) -> World:
    """A draft cycle of YEAR with its process started; `options` are fields of the cycle."""
    number = next(_numbers)
    province = Unit.objects.create(code=f"tinh-{number}", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    departments = UnitGroup.objects.create(code=f"cap-so-{number}", name="Các sở, ban, ngành", order=1)
    districts = UnitGroup.objects.create(code=f"cap-huyen-{number}", name="UBND các huyện", order=2)
    units = {
        code: Unit.objects.create(
            code=f"{code}-{number}" if Unit.objects.filter(code=code).exists() else code,
            name=name,
            kind=kind,
            parent=province,
            group=group,
            order=order,
            symbol="KH",
        )
        for order, (code, name, kind, group) in enumerate(
            (
                ("so-a", "Sở Nội vụ", Unit.Kind.DEPARTMENT, departments),
                ("so-b", "Sở Tư pháp", Unit.Kind.DEPARTMENT, departments),
                ("huyen-c", "UBND huyện Lệ Thủy", Unit.Kind.DISTRICT, districts),
            ),
            start=1,
        )
    }
    plan = Plan.objects.create(
        number=f"{number}/KH-UBND",
        title=f"Kế hoạch xác định chỉ số cải cách hành chính năm {YEAR}",
        signed_on=dt.date(YEAR, 11, 1),
        issuing_body="UBND tỉnh Thử Nghiệm",
        period_start=dt.date(YEAR, 11, 1),
        period_end=dt.date(YEAR + 1, 1, 15),
    )
    for key, on in (
        (Milestone.Key.SELF_ASSESSMENT, dt.date(YEAR, 12, 15)),
        (Milestone.Key.APPRAISAL, dt.date(YEAR, 12, 30)),
        (Milestone.Key.SURVEY, dt.date(YEAR, 12, 30)),
        (Milestone.Key.PUBLICATION, dt.date(YEAR + 1, 1, 15)),
    ):
        Milestone.objects.create(plan=plan, key=key, on=on)
    cycle = Cycle.objects.create(
        year=YEAR, name=f"Chỉ số CCHC năm {YEAR} ({number})", province=province, plan=plan, **options
    )
    made = criteria_set(f"bo-thu-{number}", leaves=leaves, na_policies=na_policies)
    for group in (departments, districts):
        CycleGroup.objects.create(cycle=cycle, group=group, criteria_set=made)
    council = Council.objects.create(cycle=cycle, decision_number="30/QĐ-UBND")
    result = World(
        cycle=cycle,
        units=units,
        officer=_staff(units, Role.OFFICER, number),
        coordinator=_staff(units, Role.COORDINATOR, number),
        head=_staff(units, Role.HEAD, number),
        appraiser=_seat(council, Role.MEMBER, f"thamdinh1-{number}"),
        second_appraiser=_seat(council, Role.MEMBER, f"thamdinh2-{number}"),
        secretary=_seat(council, Role.SECRETARY, f"thuky-{number}"),
        chair=_seat(council, Role.CHAIR, f"chutich-hd-{number}"),
        home_affairs=_holder(cycle, Role.HOME_AFFAIRS, f"noivu-{number}"),
        province=_holder(cycle, Role.PROVINCE, f"ubnd-{number}"),
        investigator=_holder(cycle, Role.INVESTIGATOR, f"dieutra-{number}"),
    )
    # the conflict of interest: this member of the council works at Sở Nội vụ
    access.join(result.appraiser, units["so-a"], Role.OFFICER)
    start_cycle(cycle)
    return result


def _staff(units: dict[str, Unit], role: Role, number: int) -> dict[str, User]:
    people = {code: user(f"{code}.{role.value}.{number}") for code in units}
    for code, person in people.items():
        access.join(person, units[code], role)
    return people


def document(unit: Unit, *, by: User, title: str = "Báo cáo kết quả") -> DocumentVersion:
    """A document of one version in a unit's library; its bytes are not stored."""
    number = next(_numbers)
    now = clock.now()
    blob = Blob.objects.create(
        sha256=f"{number:064x}",
        size=1024,
        content_type="application/pdf",
        key=f"thu/{number}",
        scan=Blob.Scan.SKIPPED,
        stored_at=now,
    )
    made = Document.objects.create(unit=unit, title=title, created_by=by, created_at=now)
    return made.versions.create(number=1, blob=blob, filename="bao-cao.pdf", uploaded_by=by, uploaded_at=now)


def task_report(plan: Plan, unit: Unit, *, number: str = "BC") -> TaskReport:
    """A report of `unit` on a task of `plan` that was asked for, without a process."""
    task, _created = PlanTask.objects.get_or_create(
        plan=plan, number=number, defaults={"order": 99, "name": "Báo cáo kết quả"}
    )
    return TaskReport.objects.create(
        task=task,
        unit=unit,
        body=unit.name,
        province=unit.parent or unit,
        period=f"{YEAR}-11",
        starts_on=dt.date(YEAR, 11, 1),
        ends_on=dt.date(YEAR, 12, 1),
        due_on=dt.date(YEAR, 11, 30),
        asked_at=clock.now(),
    )


def _seat(council: Council, role: Role, username: str) -> User:
    person = user(username)
    CouncilMember.objects.create(council=council, user=person, role=role.value)
    access.grant(role, person, council.cycle)
    return person


def _holder(cycle: Cycle, role: Role, username: str) -> User:
    person = user(username)
    access.grant(role, person, cycle)
    return person


@contextmanager
def standing(blocker: DjangoDbBlocker, build: Callable[[], World]) -> Iterator[World]:
    """A world for a whole module: built once on a working day, gone at the end.

    Tests run in savepoints upon it and work on a `copy.deepcopy` of its objects.
    """
    with blocker.unblock(), transaction.atomic():
        with clock.at(WORKDAY):
            made = build()
        yield made
        transaction.set_rollback(True)


# An ordinary working moment within the self-assessment, for `clock.at`.
WORKDAY = dt.datetime(YEAR, 11, 20, 9, 0, tzinfo=clock.LOCAL)
