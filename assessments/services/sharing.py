"""Passes of appraisal over a dossier's domains, and who of the council takes which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from criteria.models import Criterion
from units import access
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..balancing import Job, balance
from ..bench import Bench
from ..errors import InvalidInput
from ..models import Cycle, DomainAppraisal, Dossier, RoundScore, Score
from ..moves import lock_dossier, require_stage
from ..stages import Stage
from ..visibility import has_conflict

SURVEY = Criterion.SourceChoice.SURVEY
LEADER = Criterion.SourceChoice.LEADER


def dossier_domains(dossier: Dossier) -> list[Criterion]:
    """Domains with something to appraise, in order: survey criteria are not appraised."""
    codes = {
        code.split(".")[0]
        for code in Score.objects.filter(dossier=dossier)
        .exclude(source=SURVEY)
        .values_list("criterion__code", flat=True)
    }
    domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=codes)
    return list(domains.order_by("order"))


def start_pass(dossier: Dossier, domains: Sequence[Criterion]) -> None:
    """Open one more pass of appraisal over `domains` on a locked dossier; the caller saves it.

    Two rows for each domain where two score independently. Within a round whoever had a domain gets it again; in the
    second round whoever scored it in the first is barred, unless too few others could take it.
    """
    cycle = dossier.cycle
    seats = (1, 2) if cycle.double_scoring else (1,)
    earlier = {
        (row.domain_id, row.seat): row.finished_by_id
        for row in dossier.appraisals.filter(round=dossier.round).order_by("number")
    }
    dossier.appraisal_pass += 1
    rows = DomainAppraisal.objects.bulk_create(
        [
            DomainAppraisal(
                dossier=dossier,
                domain=domain,
                number=dossier.appraisal_pass,
                round=dossier.round,
                seat=seat,
                appraiser_id=earlier.get((domain.pk, seat)),
            )
            for domain in domains
            for seat in seats
        ]
    )
    if dossier.round == 2:
        _bar_first_round(dossier, rows, seats=len(seats))
    if cycle.share_out:
        _share(cycle, [row for row in rows if row.appraiser_id is None])


def _bar_first_round(dossier: Dossier, rows: Sequence[DomainAppraisal], *, seats: int) -> None:
    """Write down who may not take a domain in the second round."""
    bench = Bench(dossier.cycle_id)
    scorers: dict[str, set[int]] = {}
    for code, person in RoundScore.objects.filter(score__dossier=dossier, round=1, by__isnull=False).values_list(
        "score__criterion__code", "by"
    ):
        scorers.setdefault(code.split(".")[0], set()).add(person)
    through = DomainAppraisal.barred.through
    links = []
    for row in rows:
        before = scorers.get(row.domain.code, set())
        able = set(bench.candidates(unit_id=dossier.unit_id, domain_id=row.domain_id))
        if len(able - before) >= seats:
            links += [through(domainappraisal_id=row.pk, user_id=person) for person in sorted(before)]
    through.objects.bulk_create(links)


def open_load(cycle: Cycle) -> Counter[int]:
    """Criteria that each person of the council still has to score in what was given to them."""
    return _weights(cycle, Q(appraiser__isnull=False, finished_at=None))


def _weights(cycle: Cycle, which: Q) -> Counter[int]:
    """Sum of criteria by appraiser over the appraisals of `cycle` that `which` picks."""
    rows = DomainAppraisal.objects.filter(which, dossier__cycle=cycle).values_list(
        "appraiser", "dossier", "domain__code"
    )
    sizes = _sizes({dossier for _who, dossier, _code in rows})
    found: Counter[int] = Counter()
    for person, dossier, code in rows:
        found[person] += sizes[dossier, code]
    return found


def _sizes(dossiers: set[int]) -> Counter[tuple[int, str]]:
    """Number of criteria that an appraiser scores, by (dossier, domain code)."""
    rows = Score.objects.filter(dossier__in=dossiers).exclude(source__in=[SURVEY, LEADER])
    return Counter((dossier, code.split(".")[0]) for dossier, code in rows.values_list("dossier", "criterion__code"))


def _share(cycle: Cycle, rows: Sequence[DomainAppraisal]) -> int:
    """Give each of `rows` to somebody, evenly by criteria; two scorers of one domain are two people."""
    bench = Bench(cycle.pk)
    sizes = _sizes({row.dossier_id for row in rows})
    barred = DomainAppraisal.barred.through.objects.filter(domainappraisal__in=rows).values_list(
        "domainappraisal_id", "user_id"
    )
    kept_out: dict[int, set[int]] = {}
    for pk, person in barred:
        kept_out.setdefault(pk, set()).add(person)
    load = open_load(cycle)
    given: list[DomainAppraisal] = []
    for seat in (1, 2):
        taken = {
            (row.dossier_id, row.domain_id): row.appraiser_id
            for row in DomainAppraisal.objects.filter(
                dossier__in={row.dossier_id for row in rows}, finished_at=None, appraiser__isnull=False
            )
        } | {(row.dossier_id, row.domain_id): row.appraiser_id for row in given}
        jobs = [
            Job(
                row,
                sizes[row.dossier_id, row.domain.code],
                tuple(
                    person
                    for person in bench.candidates(unit_id=row.dossier.unit_id, domain_id=row.domain_id)
                    if person not in kept_out.get(row.pk, ()) and taken.get((row.dossier_id, row.domain_id)) != person
                ),
            )
            for row in rows
            if row.seat == seat
        ]
        for row, person in balance(jobs, load).items():
            row.appraiser_id = person
            load[person] += sizes[row.dossier_id, row.domain.code]
            given.append(row)
    DomainAppraisal.objects.bulk_update(given, ["appraiser"])
    return len(given)


@transaction.atomic
def share_open(cycle: Cycle, *, by: User) -> int:
    """Share every open domain that nobody has begun out evenly among the council; returns how many were given."""
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    rows = list(
        DomainAppraisal.objects.filter(dossier__cycle=cycle, finished_at=None, appraiser=None)
        .select_related("dossier", "domain")
        .order_by("dossier", "domain__order", "seat")
    )
    given = _share(cycle, rows)
    for row in rows:
        if row.appraiser_id is not None:
            _record(row, by=by)
    return given


@transaction.atomic
def give(appraisal: DomainAppraisal, to: User | None, *, by: User) -> None:
    """Hand an open domain to one person of the council by hand; None gives it back to the team.

    Nobody chooses who appraises the unit that they have a conflict with: that raises NotAllowed.
    Raises InvalidInput where the person has a conflict of interest, was not given the domain or unit, is barred from
    the second round, or is the other of two independent scorers; WrongStage when the dossier has moved on.
    """
    dossier = lock_dossier(appraisal.dossier)
    access.require(Perm.MANAGE_COUNCIL, by, dossier.cycle)
    if has_conflict(by, dossier):
        raise NotAllowed(_("Bạn thuộc đơn vị này nên không giao việc thẩm định hồ sơ của đơn vị."))
    require_stage(dossier, [Stage.APPRAISING])
    row = DomainAppraisal.objects.select_for_update(of=("self",)).select_related("domain").get(pk=appraisal.pk)
    if row.finished_at is not None:
        raise InvalidInput({"appraiser": _("Lĩnh vực %(code)s đã thẩm định xong.") % {"code": row.domain.code}})
    if to is not None:
        _require_able(dossier, row, to)
    row.appraiser = to
    row.save(update_fields=["appraiser"])
    _record(row, by=by)


def _require_able(dossier: Dossier, row: DomainAppraisal, to: User) -> None:
    bench = Bench(dossier.cycle_id, users=[to.pk])
    words = {"who": to, "code": row.domain.code}
    if not bench.may(to.pk, unit_id=dossier.unit_id, domain_id=row.domain_id):
        raise InvalidInput(
            {"appraiser": _("%(who)s không nhận được lĩnh vực %(code)s của đơn vị này. Hãy chọn người khác.") % words}
        )
    if row.barred.filter(pk=to.pk).exists():
        raise InvalidInput(
            {"appraiser": _("%(who)s đã chấm lĩnh vực %(code)s ở vòng 1. Vòng 2 phải do người khác chấm.") % words}
        )
    twin = dossier.appraisals.filter(domain=row.domain, number=row.number).exclude(pk=row.pk)
    if twin.filter(Q(appraiser=to) | Q(finished_by=to)).exists():
        raise InvalidInput(
            {"appraiser": _("%(who)s đã là người chấm thứ nhất hoặc thứ hai của lĩnh vực %(code)s.") % words}
        )


def _record(row: DomainAppraisal, *, by: User) -> None:
    after: Mapping[str, object] = {"appraiser": row.appraiser_id, "seat": row.seat}
    ledger.record(row.dossier, "share_out", by=by, criterion=row.domain, after=after)
