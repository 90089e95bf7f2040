"""A whole cycle played by invented people, through the same actions that the screens call.

Seeded: the same seed and preset give the same cycle. Events stand in a queue by local time; the clock stands at each
event while it happens. Nothing is written behind the services' back.
"""

from __future__ import annotations

import datetime as dt
import heapq
import io
import itertools
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from functools import partial

from django.db.models import F, Q, QuerySet

from assessments.completeness import gaps, own_scores
from assessments.models import Appeal, Cycle, Dossier, Score
from assessments.services.appraisal import Wanted, accept_rest, appraise, to_appraise
from assessments.services.cycles import all_concluded
from assessments.services.scores import Entry, attach, save_score
from assessments.shares import Share, open_shares, shares
from assessments.stages import OPEN_STAGES, CycleStage, Stage
from criteria.models import Criterion
from criteria.scoring import Figure, NotApplicable, format_points
from criteria.trees import leaf_figures
from evidence.models import DocumentVersion
from evidence.services import store_upload
from plans.models import Milestone
from survey.services import expected_lines, import_results
from survey.workbook import template
from units import access, clock
from units.models import Unit, User
from units.permissions import Role
from workflow import actions
from workflow.engine import open_item
from workflow.inbox import Turns
from workflow.models import WorkItem
from workflow.monitor.history import gather
from workflow.reminders import remind

CHUNK = 5
REASONS = (
    "Tài liệu kiểm chứng chưa đủ để xác nhận toàn bộ số liệu kê khai.",
    "Văn bản ban hành sau thời hạn quy định.",
    "Số liệu kê khai không khớp với báo cáo của cơ quan chủ trì lĩnh vực.",
    "Chưa có minh chứng về kết quả thực hiện.",
)
QUESTIONS = (
    "Đề nghị bổ sung văn bản có số, ngày ban hành làm căn cứ cho điểm tự chấm.",
    "Đề nghị giải trình rõ cách tính số liệu đã kê khai.",
)
EXPLANATION = "Đơn vị đã thực hiện theo kế hoạch; số liệu được tổng hợp từ báo cáo định kỳ gửi Sở Nội vụ."


class Simulation:
    """Plays `cycle` on from where it stands; `step` is called after every event.

    Dossiers of the units in `skip` (codes) are left to people.
    """

    def __init__(
        self,
        cycle: Cycle,
        *,
        seed: int = 2021,
        with_files: bool = True,
        skip: Collection[str] = (),
        step: Callable[[str], None] | None = None,
    ) -> None:
        self.cycle = cycle
        self.skip = frozenset(skip)
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311  a play, not a secret
        self.with_files = with_files
        self.step = step or (lambda text: None)
        self._queue: list[tuple[dt.datetime, int, str, Callable[[], None]]] = []
        self._order = itertools.count()
        self._late: set[int] = set()
        self._extended: set[int] = set()
        self._library: dict[int, list[DocumentVersion]] = {}

    # -- time ---------------------------------------------------------------------------------------------------

    def at(self, day: dt.date, what: str, do: Callable[[], None]) -> None:
        """Queue `do` on `day` at some minute of the office hours."""
        moment = dt.time(self.rng.randint(8, 16), self.rng.randint(0, 59), self.rng.randint(0, 59))
        heapq.heappush(self._queue, (dt.datetime.combine(day, moment, clock.LOCAL), next(self._order), what, do))

    def after(self, days: int, what: str, do: Callable[[], None]) -> None:
        """Queue `do` some days after the clock's present day, at least an hour later."""
        if days:
            self.at(clock.today() + dt.timedelta(days=days), what, do)
            return
        moment = clock.now() + dt.timedelta(minutes=self.rng.randint(20, 90))
        heapq.heappush(self._queue, (moment, next(self._order), what, do))

    def run(self, *, until: dt.datetime | None = None) -> int:
        """Play until nothing is left to do or the next event would be after `until`; returns the number of events.

        A draft cycle begins on its plan's first day, a running one at the clock's present day.
        """
        if self.cycle.stage == CycleStage.DRAFT:
            day = self.cycle.plan.period_start
            self.at(day, "mở đợt đánh giá", self.open)
        else:
            day = clock.today()
            self.resume()
        played, last_day = 0, day
        while self._queue and (until is None or self._queue[0][0] <= until):
            moment, _order, what, do = heapq.heappop(self._queue)
            for passed in _days(last_day, moment.date()):
                with clock.at(dt.datetime.combine(passed, dt.time(7), clock.LOCAL)):
                    remind()
            last_day = moment.date()
            with clock.at(moment):
                do()
            played += 1
            self.step(f"{moment:%d/%m} {what}")
        gather()
        return played

    def resume(self) -> None:
        """Queue what is open in a running cycle."""
        items = WorkItem.objects.filter(cycle=self.cycle, done_at=None).select_related("dossier__unit", "domain")
        for item in items.order_by("pk"):
            dossier, step = item.dossier, item.node.split(".")[1]
            if dossier is None:
                self._resume_cycle(step)
            elif dossier.unit.code not in self.skip:
                self._resume_dossier(dossier, step, item)

    def _resume_cycle(self, step: str) -> None:
        if step == "merge_survey":
            day = max(self.cycle.milestone(Milestone.Key.SURVEY).on - dt.timedelta(days=3), clock.today())
            self.at(day, "điều tra", self.survey)
        elif step == "collect" and not self.cycle.dossiers.filter(submitted_at=None).exists():
            self.after(1, "kết thúc nhận hồ sơ", self.close)
        elif step == "council_concludes":
            self.after(1, "hội đồng kết luận", self.conclude)
        elif step == "propose":
            self.after(1, "trình kết quả", lambda: self.propose(may_return=True))
        elif step == "decide":
            self.after(1, "quyết định", lambda: self.decide(approved=True))
        elif step == "publish":
            self.after(1, "công bố", self.publish)

    def _resume_dossier(self, dossier: Dossier, step: str, item: WorkItem) -> None:
        name = dossier.unit
        if step == "self_assess":
            share = next(row for row in open_shares(dossier) if (row.domain, row.officer) == (item.domain, item.owner))
            self.plan_filling(dossier, share, days=self.days_to_work(dossier))
        elif step == "appraise":
            self.after(self.rng.randint(1, 4), f"thẩm định {name}", lambda: self.appraise_domain(item.pk))
        else:
            handlers: dict[str, Callable[[], None]] = {
                "assign": lambda: self.assign(dossier),
                "check": lambda: self.check(dossier, may_return=True),
                "approve": lambda: self.approve(dossier, may_return=True),
                "submit": lambda: self.submit(dossier),
                "review": lambda: self.review(dossier),
                "supplement": lambda: self.supplement(dossier),
                "respond": lambda: self.respond(dossier),
                "hear": lambda: self.hear(dossier),
            }
            self.after(1, f"{name} tiếp tục", handlers[step])

    def quality(self, unit: Unit) -> float:
        """How well a unit does, 0..1; the same whenever it is asked."""
        return random.Random(f"{self.seed}:{unit.name}").uniform(0.72, 0.98)  # noqa: S311

    def days_to_work(self, dossier: Dossier) -> int:
        """Days that the unit takes for its self-assessment from now on: late units pass the deadline."""
        deadline = self.cycle.milestone(Milestone.Key.SELF_ASSESSMENT).on
        if dossier.pk in self._late:
            target = deadline + dt.timedelta(days=1)
        elif dossier.pk in self._extended:
            target = deadline
        else:
            target = deadline - dt.timedelta(days=self.rng.randint(4, 20))
        return max(1, (target - clock.today()).days)

    # -- people -------------------------------------------------------------------------------------------------

    def one(self, role: Role, target: Unit | Cycle) -> User:
        return self.rng.choice(list(access.members(target, [role])))

    def turn(self, item: WorkItem) -> User:
        """Somebody whose turn `item` is."""
        return self.rng.choice(Turns([item]).people(item))

    # -- Sở Nội vụ opens ----------------------------------------------------------------------------------------

    def open(self) -> None:
        actions.open_cycle(open_item(self.cycle, "cycle.open"), by=self.one(Role.HOME_AFFAIRS, self.cycle))
        dossiers = list(self.cycle.dossiers.select_related("unit"))
        chosen = self.rng.sample([dossier.pk for dossier in dossiers], k=min(3, len(dossiers)))
        self._late, self._extended = set(chosen[:2]), set(chosen[2:])
        for dossier in dossiers:
            if dossier.unit.code in self.skip:
                continue
            self.after(self.rng.randint(1, 3), f"{dossier.unit} phân công", partial(self.assign, dossier))
        deadline = self.cycle.milestone(Milestone.Key.SELF_ASSESSMENT).on
        for dossier in dossiers:
            if dossier.pk in self._extended:
                self.at(deadline - dt.timedelta(days=3), f"{dossier.unit} được gia hạn", partial(self.extend, dossier))
        self.at(self.cycle.milestone(Milestone.Key.SURVEY).on - dt.timedelta(days=3), "điều tra", self.survey)

    def extend(self, dossier: Dossier) -> None:
        if Stage(Dossier.objects.get(pk=dossier.pk).stage) not in OPEN_STAGES:
            return
        actions.extend(
            self.cycle,
            [dossier.unit],
            until=self.cycle.milestone(Milestone.Key.SELF_ASSESSMENT).on + dt.timedelta(days=3),
            reason="Mưa lũ kéo dài, đơn vị phải tập trung khắc phục hậu quả thiên tai.",
            decision_number="1180/UBND-NC",
            by=self.one(Role.HOME_AFFAIRS, self.cycle),
        )

    # -- inside a unit ------------------------------------------------------------------------------------------

    def assign(self, dossier: Dossier) -> None:
        item = open_item(dossier, "dossier.assign")
        officers = list(access.members(dossier.unit, [Role.OFFICER]))
        domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None)
        actions.assign(
            item,
            {domain.pk: self.rng.choice(officers) for domain in domains},
            by=self.one(Role.COORDINATOR, dossier.unit),
        )
        days = self.days_to_work(dossier)
        for share in open_shares(dossier):
            self.plan_filling(dossier, share, days=days)

    def plan_filling(self, dossier: Dossier, share: Share, *, days: int) -> None:
        """Spread the empty criteria of a share over some of the next `days`, then report the share as done."""
        leaves = self.leaves(dossier, share).filter(version=0)
        ids = list(leaves.values_list("pk", flat=True))
        end = self.rng.randint(max(1, days // 2), days)
        for start in range(0, len(ids), CHUNK):
            day = max(1, end * (start + CHUNK) // (len(ids) + CHUNK))
            chunk = ids[start : start + CHUNK]
            self.after(day, f"{dossier.unit} nhập số liệu", partial(self.fill, dossier, share.officer, chunk))
        self.after(end + 1, f"{dossier.unit} xong lĩnh vực", lambda: self.finish(dossier, share))

    @staticmethod
    def leaves(dossier: Dossier, share: Share) -> QuerySet[Score]:
        inside = Q(pk__in=[])
        for row in share.assignments:
            inside |= Q(criterion=row.criterion_id) | Q(criterion__code__startswith=f"{row.criterion.code}.")
        return own_scores(dossier).filter(inside)

    def fill(self, dossier: Dossier, officer: User, score_ids: Sequence[int]) -> None:
        quality = self.quality(dossier.unit)
        for score in Score.objects.filter(pk__in=score_ids).select_related("criterion").order_by("pk"):
            entry = self.entry(score, quality)
            saved = save_score(score, entry, version=score.version, by=officer)
            if saved.self_points and saved.self_points > 0 and not saved.explanation:
                self.prove(saved, dossier, officer)

    def entry(self, score: Score, quality: float) -> Entry:
        criterion = score.criterion
        policy = NotApplicable(criterion.na_policy)
        if policy in (NotApplicable.FULL, NotApplicable.RESCALE) and self.rng.random() < 0.1:
            return Entry({}, not_applicable=True, explanation="Trong năm không phát sinh nội dung này tại đơn vị.")
        explanation = EXPLANATION if not self.with_files or self.rng.random() < 0.15 else ""
        return Entry(self.figures(leaf_figures(criterion), quality), explanation=explanation)

    def figures(self, figures: Sequence[Figure], quality: float) -> dict[str, str]:
        """Plausible figures, better for a unit of higher quality, written as an officer would."""
        typed: dict[str, str] = {}
        whole = self.rng.randint(20, 400)
        for figure in figures:
            if figure.optional:
                continue
            if figure.type == "choice":
                keys = [key for key, _label in figure.choices]
                good = self.rng.random() < quality
                typed[figure.key] = keys[0] if good else self.rng.choice(keys)
            elif figure.type == "bool":
                typed[figure.key] = "có" if self.rng.random() < quality + 0.05 else "không"
            elif figure.type == "date":
                late = 0 if self.rng.random() < quality else self.rng.randint(1, 3)
                typed[figure.key] = f"{self.rng.randint(3, 28):02d}/{1 + late:02d}/{self.cycle.year}"
            elif figure.key == "b":
                typed[figure.key] = str(whole)
            elif figure.key == "a":
                share = min(1.0, quality + self.rng.uniform(-0.08, 0.1))
                typed[figure.key] = str(int(whole * share))
            elif figure.type == "integer":
                typed[figure.key] = str(self.rng.randint(1, 5) if self.rng.random() < quality else 0)
            else:
                typed[figure.key] = str(int(100 * min(1.0, quality + self.rng.uniform(-0.1, 0.1))))
        return typed

    def prove(self, score: Score, dossier: Dossier, by: User) -> None:
        """Link a document of the unit's library, made once per unit."""
        library = self._library.setdefault(dossier.unit_id, [])
        if len(library) < 6:
            number = f"{self.rng.randint(10, 400)}/{'KH' if len(library) % 2 else 'BC'}-{dossier.unit.symbol}"
            library.append(
                store_upload(
                    dossier.unit,
                    io.BytesIO(_pdf(f"{dossier.unit.code} {number}")),
                    filename=f"van-ban-{len(library) + 1}.pdf",
                    title=("Báo cáo kết quả cải cách hành chính", "Kế hoạch thực hiện nhiệm vụ")[len(library) % 2],
                    number=number,
                    issued_on=dt.date(self.cycle.year, self.rng.randint(1, 10), self.rng.randint(1, 28)),
                    issuing_body=dossier.unit.name,
                    by=by,
                )
            )
        quote = f"mục {self.rng.choice(('I', 'II', 'III'))}.{self.rng.randint(1, 4)}, trang {self.rng.randint(1, 9)}"
        attach(score, self.rng.choice(library), quote=quote, by=by)

    def finish(self, dossier: Dossier, share: Share) -> None:
        self._report(dossier, share)
        dossier = Dossier.objects.select_related("unit").get(pk=dossier.pk)
        if dossier.stage == Stage.CHECKING:
            self.after(1, f"{dossier.unit} rà soát", lambda: self.check(dossier, may_return=True))

    def check(self, dossier: Dossier, *, may_return: bool) -> None:
        coordinator = self.one(Role.COORDINATOR, dossier.unit)
        item = open_item(dossier, "dossier.check")
        if may_return and self.rng.random() < 0.25:
            domain = self.rng.choice(shares(dossier)).domain
            actions.send_back(
                item, [domain], comment="Kiểm tra lại số liệu kê khai và trích dẫn trang của tài liệu.", by=coordinator
            )
            for share in open_shares(dossier):
                self.after(1, f"{dossier.unit} sửa theo rà soát", partial(self.finish_again, dossier, share))
            return
        for gap in gaps(own_scores(dossier)):
            score = Score.objects.select_related("criterion").get(pk=gap.score_id)
            entry = self.entry(score, 0.9)
            save_score(
                score,
                Entry(entry.figures, entry.not_applicable, entry.explanation or EXPLANATION),
                version=score.version,
                by=coordinator,
            )
        actions.send_to_head(item, by=coordinator)
        self.after(self.rng.randint(0, 1), f"{dossier.unit} phê duyệt", lambda: self.approve(dossier, may_return))

    def finish_again(self, dossier: Dossier, share: Share) -> None:
        self._report(dossier, share)
        dossier = Dossier.objects.select_related("unit").get(pk=dossier.pk)
        if dossier.stage == Stage.CHECKING:
            self.after(0, f"{dossier.unit} rà soát lại", lambda: self.check(dossier, may_return=False))

    @staticmethod
    def _report(dossier: Dossier, share: Share) -> None:
        item = open_item(dossier, "dossier.self_assess", domain=share.domain, owner=share.officer)
        actions.finish_self_assessment(item, by=share.officer)

    def approve(self, dossier: Dossier, may_return: bool) -> None:
        item = open_item(dossier, "dossier.approve")
        head = self.one(Role.HEAD, dossier.unit)
        if may_return and self.rng.random() < 0.2:
            actions.return_to_coordinator(item, comment="Rà lại điểm tự chấm lĩnh vực 3 trước khi trình.", by=head)
            self.after(0, f"{dossier.unit} trình lại", lambda: self.check(dossier, may_return=False))
            return
        actions.approve(item, by=head)
        self.after(0, f"{dossier.unit} gửi hồ sơ", lambda: self.submit(dossier))

    def submit(self, dossier: Dossier) -> None:
        actions.submit(open_item(dossier, "dossier.submit"), by=self.one(Role.COORDINATOR, dossier.unit))
        self.queue_appraisal(dossier)
        waiting = self.cycle.dossiers.filter(submitted_at=None).exists()
        if not waiting:
            self.after(1, "kết thúc nhận hồ sơ", self.close)

    def close(self) -> None:
        actions.close_collection(
            open_item(self.cycle, "cycle.collect"), give_up_missing=False, by=self.one(Role.HOME_AFFAIRS, self.cycle)
        )
        self.council_if_ready()

    # -- the council --------------------------------------------------------------------------------------------

    def queue_appraisal(self, dossier: Dossier) -> None:
        last = self.cycle.milestone(Milestone.Key.APPRAISAL).on - dt.timedelta(days=6)
        room = max(1, min(6, (last - clock.today()).days))
        for item in WorkItem.objects.filter(dossier=dossier, node="dossier.appraise", done_at=None):
            self.after(self.rng.randint(1, room), f"thẩm định {dossier.unit}", partial(self.appraise_domain, item.pk))

    def appraise_domain(self, item_id: int) -> None:
        item = WorkItem.objects.select_related("task", "cycle", "dossier__unit", "domain").get(pk=item_id)
        assert item.dossier is not None
        assert item.domain is not None
        by = self.turn(item)
        for score in to_appraise(item.dossier, item.domain).filter(appraised_at=None):
            if score.self_points and score.self_points > 0 and self.rng.random() < 0.1:
                points = score.self_points * self.rng.choice((Decimal("0"), Decimal("0.5")))
                points = max(score.lowest, points.quantize(Decimal("0.01")))
                if points != score.self_points:
                    appraise(
                        score,
                        format_points(points),
                        reason=self.rng.choice(REASONS),
                        version=score.appraised_version,
                        by=by,
                    )
        accept_rest(item.dossier, item.domain, by=by)
        actions.finish_domain(item, by=by)
        dossier = Dossier.objects.select_related("unit").get(pk=item.dossier.pk)
        if dossier.stage == Stage.REVIEWING:
            self.after(1, f"tổng hợp {dossier.unit}", lambda: self.review(dossier))

    def review(self, dossier: Dossier) -> None:
        dossier = Dossier.objects.select_related("unit").get(pk=dossier.pk)
        item = WorkItem.objects.select_related("task", "cycle", "dossier__unit").get(
            dossier=dossier, node="dossier.review", done_at=None
        )
        by = self.turn(item)
        chance = {1: 0.35, 2: 0.2}.get(dossier.appraisal_pass, 0)
        cut = list(dossier.scores.filter(appraised_points__lt=F("self_points")).order_by("pk"))
        if cut and self.rng.random() < chance:
            asked = self.rng.sample(cut, k=min(len(cut), self.rng.randint(1, 3)))
            actions.request_supplement(
                item,
                {score.pk: self.rng.choice(QUESTIONS) for score in asked},
                due_on=clock.today() + dt.timedelta(days=2),
                by=by,
            )
            self.after(1, f"{dossier.unit} bổ sung", lambda: self.supplement(dossier))
            return
        actions.finish_review(item, by=by)
        self.after(self.rng.randint(0, 1), f"{dossier.unit} phản hồi", lambda: self.respond(dossier))

    def supplement(self, dossier: Dossier) -> None:
        coordinator = self.one(Role.COORDINATOR, dossier.unit)
        item = open_item(dossier, "dossier.supplement")
        for score in Score.objects.filter(
            supplement_items__request__dossier=dossier, supplement_items__request__answered_at=None
        ).select_related("criterion"):
            save_score(
                score,
                Entry(_as_typed(score), score.not_applicable, "Bổ sung: " + EXPLANATION),
                version=score.version,
                by=coordinator,
            )
        actions.answer_supplement(item, by=coordinator)
        self.queue_appraisal(dossier)

    def respond(self, dossier: Dossier) -> None:
        cut = list(dossier.scores.filter(appraised_points__lt=F("self_points"), overridden=False).order_by("pk"))
        appeals = []
        if cut and self.rng.random() < 0.3:
            score = self.rng.choice(cut)
            appeals = [
                Wanted(
                    score.pk,
                    format_points(score.self_points or Decimal(0)),
                    "Văn bản ban hành đúng hạn, đã gửi kèm hồ sơ.",
                )
            ]
        actions.respond(open_item(dossier, "dossier.respond"), appeals, by=self.one(Role.COORDINATOR, dossier.unit))
        if appeals:
            self.after(1, f"xem xét kiến nghị {dossier.unit}", lambda: self.hear(dossier))
        else:
            self.council_if_ready()

    def hear(self, dossier: Dossier) -> None:
        item = WorkItem.objects.select_related("task", "cycle", "dossier__unit").get(
            dossier=dossier, node="dossier.hear", done_at=None
        )
        decisions = {
            appeal.pk: (format_points(appeal.wanted_points), "Chấp nhận: tài liệu đã được xác minh.")
            if self.rng.random() < 0.5
            else ("", "Giữ nguyên điểm thẩm định: tài liệu không thuộc kỳ đánh giá.")
            for appeal in Appeal.objects.filter(score__dossier=dossier, accepted=None)
        }
        actions.decide_appeals(item, decisions, by=self.turn(item))
        self.council_if_ready()

    # -- survey and the end -------------------------------------------------------------------------------------

    def survey(self) -> None:
        by = self.one(Role.HOME_AFFAIRS, self.cycle)
        lines = expected_lines(self.cycle)
        values = {
            (line.unit_id, line.criterion_id): (
                (line.maximum * Decimal(self.rng.randint(70, 96)) / 100).quantize(Decimal("0.01")),
                self.rng.randint(70, 85),
            )
            for line in lines
        }
        import_results(self.cycle, io.BytesIO(template(lines, values)), filename="diem-dieu-tra.xlsx", by=by)
        self.after(1, "tổng hợp điều tra", self.merge)

    def merge(self) -> None:
        actions.merge_survey(open_item(self.cycle, "cycle.merge_survey"), by=self.one(Role.HOME_AFFAIRS, self.cycle))
        self.council_if_ready()

    def council_if_ready(self) -> None:
        cycle = Cycle.objects.get(pk=self.cycle.pk)
        if cycle.stage == CycleStage.CONCLUDING and all_concluded(cycle):
            self.after(1, "hội đồng kết luận", self.conclude)

    def conclude(self) -> None:
        if Cycle.objects.get(pk=self.cycle.pk).stage != CycleStage.CONCLUDING:
            return
        actions.conclude_cycle(open_item(self.cycle, "cycle.council_concludes"), by=self.one(Role.CHAIR, self.cycle))
        self.after(2, "trình kết quả", lambda: self.propose(may_return=True))

    def propose(self, *, may_return: bool) -> None:
        actions.propose(
            open_item(self.cycle, "cycle.propose"),
            note="Kính trình UBND tỉnh xem xét, quyết định công bố.",
            by=self.one(Role.HOME_AFFAIRS, self.cycle),
        )
        self.after(1, "quyết định", lambda: self.decide(approved=not (may_return and self.rng.random() < 0.3)))

    def decide(self, *, approved: bool) -> None:
        actions.decide(
            open_item(self.cycle, "cycle.decide"),
            approved=approved,
            comment="" if approved else "Bổ sung đánh giá chung trước khi trình lại.",
            by=self.one(Role.PROVINCE, self.cycle),
        )
        if approved:
            self.after(1, "công bố", self.publish)
        else:
            self.after(1, "trình lại", lambda: self.propose(may_return=False))

    def publish(self) -> None:
        actions.publish(
            open_item(self.cycle, "cycle.publish"),
            decision_number="05/QĐ-UBND",
            decided_on=clock.today(),
            signer=str(self.one(Role.PROVINCE, self.cycle)),
            by=self.one(Role.HOME_AFFAIRS, self.cycle),
        )


def _days(after: dt.date, to: dt.date) -> Iterator[dt.date]:
    """The days after `after` up to and including `to`."""
    for offset in range(1, (to - after).days + 1):
        yield after + dt.timedelta(days=offset)


def _as_typed(score: Score) -> dict[str, str]:
    """The declared figures of a score as an officer would type them again."""
    return {
        key: ("có" if value else "không") if isinstance(value, bool) else value for key, value in score.declared.items()
    }


def _pdf(text: str) -> bytes:
    """A small valid one-page PDF that says `text` (ASCII), different for each text."""
    content = f"BT /F1 16 Tf 72 770 Td ({text}) Tj ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()
