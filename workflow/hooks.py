"""What other apps tell and workflow acts on: lower layers know nothing of tasks and notices."""

from __future__ import annotations

from typing import Any

from assessments.models import Cycle
from criteria.consultation import Consultation
from criteria.consulting import consultation_opened
from notifications.services import reschedule
from plans.calendar import WorkCalendar
from plans.days_off import days_off_changed
from plans.models import Plan
from plans.services import milestones_moved
from units.models import Substitution
from units.substitutions import substitution_changed

from . import days_off, news, standing_in
from .replan import replan_cycle


def _moved(sender: Any, plan: Plan, **kwargs: Any) -> None:
    for cycle in Cycle.objects.filter(plan=plan).select_related("plan"):
        replan_cycle(cycle)


def _opened(sender: Any, consultation: Consultation, **kwargs: Any) -> None:
    news.tell(news.consulted(consultation))


def _stood_in(sender: Any, substitution: Substitution, **kwargs: Any) -> None:
    news.tell(standing_in.notices(substitution))


def _days_off(sender: Any, before: WorkCalendar, **kwargs: Any) -> None:
    days_off.follow(before)
    reschedule(news.days_off_ahead())


def connect() -> None:
    """Called once, when the apps are ready."""
    days_off_changed.connect(_days_off, dispatch_uid="workflow.days_off")
    milestones_moved.connect(_moved, dispatch_uid="workflow.replan")
    consultation_opened.connect(_opened, dispatch_uid="workflow.consultation")
    substitution_changed.connect(_stood_in, dispatch_uid="workflow.standing_in")
