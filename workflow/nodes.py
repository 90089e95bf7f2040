"""Viewflow nodes of our own: a human step with an inbox row, and a dynamic fan-out over rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from viewflow import this
from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.nodes.split import SplitActivation
from viewflow.workflow.nodes.view import ViewActivation
from viewflow.workflow.token import Token

from assessments.models import Cycle, DomainAppraisal, Dossier
from assessments.shares import Share
from plans.reports import TaskReport
from units import clock
from units.models import Unit
from units.permissions import UNIT_PERMS, Perm

from .due import INTERNAL, WorkingDates, response
from .models import WorkItem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Subject = Dossier | Cycle | TaskReport
Due = Callable[[Any], dt.datetime | None]


def subject_fields(subject: Subject) -> dict[str, Any]:
    """The columns of an inbox row that say what the task is about."""
    if isinstance(subject, TaskReport):
        return {"report": subject}
    if isinstance(subject, Dossier):
        return {"cycle": subject.cycle, "dossier": subject}
    return {"cycle": subject}


class StepActivation(ViewActivation):
    """Creates the inbox row together with the task."""

    @classmethod
    def create(cls, flow_task, prev_activation, token, data=None, seed=None):
        row = seed if isinstance(seed, Model) else None
        activation = super().create(flow_task, prev_activation, token, data=data, seed=row)
        flow_task.work_item(activation.task, activation.process.artifact, seed).save()
        return activation


class Step(nodes.View):
    """A task for people who hold `perm` on the dossier's unit or on the cycle; of a report, on its unit or province.

    Our services check `perm` and the stage again on every write; Viewflow alone would only look at the owner.
    """

    activation_class = StepActivation

    def __init__(self, perm: Perm, *, title: StrOrPromise, due: Due, legal: Due | None = None, **kwargs: Any) -> None:
        super().__init__(view=None, **kwargs)
        self.perm = perm
        self.task_title = title
        self._due = due
        self._legal = legal
        self.Permission(f"{'units' if perm in UNIT_PERMS else 'assessments'}.{perm.value}", obj=self.permission_object)

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self._due = this.resolve(instance, self._due)
        self._legal = this.resolve(instance, self._legal)

    def subject_object(self, subject: Subject) -> Unit | Cycle:
        """The row on which `perm` must be held for `subject`."""
        if isinstance(subject, TaskReport):
            return subject.province if self.perm == Perm.MANAGE_PLANS or subject.unit is None else subject.unit
        if isinstance(subject, Dossier):
            return subject.unit if self.perm in UNIT_PERMS else subject.cycle
        return subject

    def due_at(self, subject: Subject) -> dt.datetime | None:
        """By when the step should be done for `subject`."""
        return self._due(subject)

    def working_dates(self, dossier: Dossier, dates: WorkingDates) -> tuple[dt.datetime, dt.datetime] | None:
        """`due_at` and `legal_due_at` where they may be counted in working days; None for every other step."""
        if self._due in INTERNAL:
            return dates.internal(dossier, INTERNAL[self._due]), dates.legal(dossier).ends_at
        return (dates.response(dossier),) * 2 if self._due is response else None

    def legal_due_at(self, subject: Subject) -> dt.datetime | None:
        """From when the step is late: the same, but for a step with an internal deadline before the legal one."""
        return self._legal(subject) if self._legal else self._due(subject)

    def permission_object(self, process: Any) -> Unit | Cycle:
        return self.subject_object(process.artifact)

    def work_item(self, task: Any, subject: Subject, seed: Any) -> WorkItem:
        """The unsaved inbox row of `task`; `seed` is the Share or DomainAppraisal of a fan-out."""
        item = WorkItem(
            task=task,
            node=f"{self.flow_class.app_name}.{self.name}",
            **subject_fields(subject),
            perm=self.perm.value,
            object_id=self.subject_object(subject).pk,
            due_at=self.due_at(subject),
            legal_due_at=self.legal_due_at(subject),
            opened_at=clock.now(),
        )
        if isinstance(seed, Share):
            item.owner, item.domain, item.criteria = seed.officer, seed.domain, seed.criteria
        elif isinstance(seed, DomainAppraisal):
            item.domain, item.appraisal = seed.domain, seed
        return item

    def owner_permission_fields(self, subject: Subject) -> dict[str, Any]:
        """What Viewflow writes on a new task for `.Permission`, for the set-based start."""
        obj = self.subject_object(subject)
        return {
            "owner_permission": self._owner_permission,
            "owner_permission_content_type": ContentType.objects.get_for_model(obj),
            "owner_permission_obj_pk": str(obj.pk),
        }


class ForEachActivation(SplitActivation):
    """Opens one task per item, each with its own token under a common prefix, so that a Join can gather them."""

    @Activation.status.super()
    def activate(self) -> None:
        self.items = list(self.flow_task._items(self))

    @Activation.status.super()
    def create_next(self) -> Iterator[Any]:
        if not self.items:
            yield self.flow_task._otherwise._create(prev_activation=self, token=self.task.token)
            return
        tokens = Token.split_token_source(self.task.token, self.task.pk)
        for item in self.items:
            yield self.flow_task._each._create(prev_activation=self, token=next(tokens), seed=item)


class ForEach(nodes.Split):
    """One task per item of `items`; where there is none, the flow goes on at `otherwise`."""

    activation_class = ForEachActivation

    def __init__(self, items: Callable[[Any], Iterable[Any]], *, each: Any, otherwise: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._items = items
        self._each = each
        self._otherwise = otherwise

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self._items = this.resolve(instance, self._items)
        self._each = this.resolve(instance, self._each)
        self._otherwise = this.resolve(instance, self._otherwise)
        self._each._multi_instance = True

    def open_one_more(self, task: Any, item: Any) -> None:
        """A further task beside those that the fan-out `task` opened, waited for by the same Join."""
        branches = Token.split_token_source(task.token, task.pk)
        used = {
            str(token)
            for token in type(task)
            ._default_manager.filter(process=task.process_id, flow_task=self._each)
            .values_list("token", flat=True)
        }
        token = next(branch for branch in branches if str(branch) not in used)
        self._each._create(prev_activation=self.activation_class(task), token=token, seed=item)

    def _outgoing(self) -> Iterator[Edge]:
        yield Edge(src=self, dst=self._each, edge_class="default")
        yield Edge(src=self, dst=self._otherwise, edge_class="cond_false", label="không có")
