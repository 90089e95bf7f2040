"""Doing a task: the only way in which people, `simulate` and tests move a flow.

A task and the service that it stands for happen in one transaction under the process lock. Work on another process
(the cycle after its last dossier, the dossiers after the survey) follows in a transaction of its own, so that two
locks are never held at once; `settle` is repeatable, and the sweep calls it again where a server died in between.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from viewflow.workflow.models import Process, Task
from viewflow.workflow.status import STATUS

from assessments.deadlines import extensions_in_force, submission_deadline
from assessments.errors import ServiceError, WrongStage
from assessments.models import Cycle, Dossier
from assessments.services import taking_back
from assessments.services.cycles import all_concluded, survey_ready
from assessments.stages import CycleStage, Stage
from plans.reports import TaskReport
from units import clock
from units.models import User

from . import news
from .flows import CycleFlow, DossierFlow, PlanTaskFlow
from .inbox import SUBJECT
from .models import WorkItem
from .news import News

T = TypeVar("T")


class AlreadyDone(ServiceError):
    """Somebody finished the task meanwhile; nothing was changed."""


def _newest(process_id: int) -> int:
    return WorkItem.objects.filter(task__process=process_id).aggregate(newest=Max("pk"))["newest"] or 0


def _tell(process_id: int, after: int, by: User | None, tell: News) -> None:
    """Queue what the step that just ran is told by; `after` is the newest inbox row from before it."""
    opened = WorkItem.objects.filter(task__process=process_id, pk__gt=after, done_at=None)
    news.tell(tell(list(opened.select_related(*SUBJECT, "owner", "appraisal").order_by("pk")), by))


def perform(item: WorkItem, *, by: User | None, do: Callable[[], T], tell: News = news.turns) -> T:
    """Run the service `do` and finish the task of `item`, both or neither; `by` is None where a window closed.

    `tell` words the notices of the step, by default to those whose turn it is now; they are written with it.
    Raises AlreadyDone, and whatever `do` raises.
    """
    result = finish(item, by=by, do=do, tell=tell)
    if item.cycle_id is not None:
        settle(item.cycle_id)
    return result


def finish(item: WorkItem, *, by: User | None, do: Callable[[], T], tell: News = news.turns) -> T:
    """`perform` without what follows in other processes: for whoever finishes several tasks in one transaction.

    The caller locks the processes of all of them first, and calls `settle` once that transaction is over.
    """
    flow_class = item.task.flow_task.flow_class
    with flow_class.lock(item.task.process_id):
        fresh = WorkItem.objects.select_related("task__process", "done_by").get(pk=item.pk)
        if fresh.task.status == STATUS.CANCELED:
            raise AlreadyDone(_("Việc này đã được giao cho người khác. Nội dung đã lưu của bạn được giữ nguyên."))
        if fresh.done_at is not None:
            raise AlreadyDone(
                _("%(who)s đã hoàn thành việc này. Nội dung của bạn không được ghi thêm.")
                % {"who": fresh.done_by or _("Hệ thống")}
            )
        newest = _newest(fresh.task.process_id)
        result = do()
        fresh.done_at = clock.now()
        fresh.done_by = by
        fresh.save(update_fields=["done_at", "done_by"])
        activation = fresh.task.flow_task.activation_class(fresh.task)
        activation.assign(by)
        activation.start(None)
        activation.execute()
        _tell(fresh.task.process_id, newest, by, tell)
    return result


def _open_handles(node: Any, process_ids: Any) -> list[Task]:
    return list(Task.objects.filter(flow_task=node, status=STATUS.NEW, process__in=process_ids).order_by("pk"))


def settle(cycle_id: int) -> None:
    """Let every automatic node of the cycle and its dossiers run that is ready. Repeatable."""
    cycle = Cycle.objects.get(pk=cycle_id)
    if survey_ready(cycle):
        concluded = Dossier.objects.filter(cycle=cycle, stage=Stage.CONCLUDED).values_list("pk", flat=True)
        for task in _open_handles(DossierFlow.wait_survey, processes(Dossier, concluded)):
            _run(DossierFlow.wait_survey, task)
    if cycle.take_back:
        _release(cycle)
    if cycle.stage == CycleStage.APPRAISING and all_concluded(cycle):
        for task in _open_handles(CycleFlow.appraised, processes(Cycle, [cycle.pk])):
            _run(CycleFlow.appraised, task)


def _release(cycle: Cycle) -> None:
    """Send on the dossiers that can no longer be taken back, each in a transaction of its own."""
    extensions = extensions_in_force([cycle.pk])
    for dossier in Dossier.objects.filter(cycle=cycle, stage=Stage.SUBMITTED).order_by("pk"):
        dossier.cycle = cycle
        deadline = submission_deadline(dossier, extensions.get((cycle.pk, dossier.unit_id)))
        if taking_back.is_due(dossier, ends_at=deadline.ends_at):
            with contextlib.suppress(ServiceError):  # another sweep, or the unit, was faster
                leave_hold(dossier, partial(taking_back.begin_appraisal, dossier))


def leave_hold(dossier: Dossier, do: Callable[[], None]) -> None:
    """Run the service `do` on a dossier that waits after its sending and let the flow go on, both or neither.

    Raises WrongStage where it does not wait (any more), and whatever `do` raises.
    """
    waiting = Task.objects.filter(flow_task=DossierFlow.hold, process__in=processes(Dossier, [dossier.pk]))
    task = waiting.order_by("pk").last()
    if task is None:
        raise WrongStage(_("Hồ sơ chưa được gửi nên không có gì để rút lại."))
    with DossierFlow.lock(task.process_id):
        do()
        task = Task.objects.get(pk=task.pk)
        if task.status != STATUS.NEW:
            raise WrongStage(_("Hồ sơ đã rời bước này. Hãy tải lại trang để xem tình trạng mới."))
        newest = _newest(task.process_id)
        DossierFlow.hold.run(task)
        _tell(task.process_id, newest, None, news.turns)


def _run(node: Any, task: Task) -> None:
    """Run a Handle once: another process may have been faster."""
    with node.flow_class.lock(task.process_id):
        task.refresh_from_db()
        if task.status == STATUS.NEW:
            newest = _newest(task.process_id)
            node.run(task)
            _tell(task.process_id, newest, None, news.turns)


def processes(model: type[Dossier] | type[Cycle], ids: Any) -> Any:
    """Processes whose artifact is one of the rows `ids` of `model`."""
    return Process.objects.filter(
        artifact_content_type=ContentType.objects.get_for_model(model), artifact_object_id__in=ids
    )


def start_cycle(cycle: Cycle) -> None:
    """Begin the cycle's process: its first task is to open it."""
    CycleFlow.start.run(cycle=cycle)


def start_dossiers(dossiers: Sequence[Dossier]) -> None:
    """Begin the processes of new dossiers."""
    _start(DossierFlow, DossierFlow.assign, dossiers)


def start_reports(reports: Sequence[TaskReport]) -> None:
    """Begin the processes of reports that were asked for."""
    _start(PlanTaskFlow, PlanTaskFlow.report, reports)


@transaction.atomic
def _start(flow_class: Any, step: Any, subjects: Sequence[Dossier] | Sequence[TaskReport]) -> None:
    """Begin many processes at `step`, set-based: the same rows as `flow_class.start.run` writes one by one."""
    if not subjects:
        return
    now = clock.now()
    content_type = ContentType.objects.get_for_model(subjects[0])
    made = Process.objects.bulk_create(
        [
            Process(
                flow_class=flow_class,
                artifact_content_type=content_type,
                artifact_object_id=subject.pk,
                created=now,
            )
            for subject in subjects
        ]
    )
    starts = Task.objects.bulk_create(
        [
            Task(
                process=process,
                flow_task=flow_class.start,
                flow_task_type=flow_class.start.task_type,
                status=STATUS.DONE,
                created=now,
                started=now,
                finished=now,
            )
            for process in made
        ]
    )
    tasks = Task.objects.bulk_create(
        [
            Task(
                process=process,
                flow_task=step,
                flow_task_type=step.task_type,
                status=STATUS.NEW,
                created=now,
                **step.owner_permission_fields(subject),
            )
            for process, subject in zip(made, subjects, strict=True)
        ]
    )
    through = Task.previous.through
    through.objects.bulk_create(
        [through(from_task_id=task.pk, to_task_id=start.pk) for task, start in zip(tasks, starts, strict=True)]
    )
    items = WorkItem.objects.bulk_create(
        [step.work_item(task, subject, None) for task, subject in zip(tasks, subjects, strict=True)]
    )
    news.tell(news.turns(items, None))


def lock_dossier_processes(cycle: Cycle) -> None:
    """Lock the processes of all dossiers before any of their rows, in the order that `perform` takes them."""
    lock_processes(Dossier.objects.filter(cycle=cycle))


def lock_processes(dossiers: QuerySet[Dossier]) -> None:
    """Lock the processes of `dossiers`, in one order for everybody."""
    list(
        processes(Dossier, dossiers.values_list("pk", flat=True))
        .select_for_update()
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def stop_dossiers(dossiers: Sequence[Dossier]) -> None:
    """Cancel the open tasks of dossiers that were given up; what was done stays on record."""
    for process in processes(Dossier, [dossier.pk for dossier in dossiers]):
        DossierFlow.instance.cancel(process)
    WorkItem.objects.filter(dossier__in=dossiers, done_at=None).update(done_at=clock.now())


def open_item(subject: Dossier | Cycle | TaskReport, node: str, **filters: Any) -> WorkItem:
    """The one open task of `node` ("dossier.check") on its subject. Raises WorkItem.DoesNotExist."""
    key = "report" if isinstance(subject, TaskReport) else "dossier" if isinstance(subject, Dossier) else "cycle"
    return WorkItem.objects.select_related("task").get(node=node, done_at=None, **{key: subject}, **filters)
