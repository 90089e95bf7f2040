"""The inbox's own table beside Viewflow's tasks: whose turn it is, on what, by when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import Task

from assessments.models import Cycle, DomainAppraisal, Dossier
from criteria.models import Criterion
from plans.reports import TaskReport

from .monitor import memory  # noqa: F401  its models belong to this app
from .rules import ReminderRule

__all__ = ["CalendarFeed", "ReminderRule", "RuleShift", "WorkItem"]


class WorkItem(models.Model):
    """One open or finished human task. Due dates are ours, not Viewflow's; re-planned when a deadline moves."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="work_item")
    node = models.CharField(max_length=60)  # "dossier.check", "cycle.open"
    # exactly one subject: a cycle, with its dossier where the task is a unit's, or a report on a plan's task
    cycle = models.ForeignKey(Cycle, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items")
    dossier = models.ForeignKey(Dossier, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items")
    report = models.ForeignKey(TaskReport, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items")
    domain = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    appraisal = models.ForeignKey(
        DomainAppraisal, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items"
    )
    criteria = models.PositiveSmallIntegerField(null=True, blank=True)  # of an officer's share of the domain
    perm = models.CharField(max_length=40)
    object_id = models.PositiveBigIntegerField()  # the Unit or the Cycle on which `perm` is held
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items"
    )
    due_at = models.DateTimeField(_("Hạn"), null=True, blank=True)  # half-open: done before this instant
    # The same where the step has no internal deadline; only this one makes a task late.
    legal_due_at = models.DateTimeField(_("Hạn theo kế hoạch"), null=True, blank=True)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["perm", "object_id"], condition=Q(done_at=None), name="work_item_open"),
            models.Index(fields=["owner"], condition=Q(done_at=None), name="work_item_open_owner"),
            models.Index(fields=["dossier", "node"], name="work_item_dossier"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cycle__isnull=False, report=None)
                | Q(cycle=None, dossier=None, domain=None, report__isnull=False),
                name="work_item_one_subject",
            )
        ]


class RuleShift(models.Model):
    """A reminder whose day moved because days off changed: it speaks on `speaks_on`, or (None) has spoken already."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="rule_shifts")
    rule = models.CharField(max_length=120)  # ReminderRule.said_as
    last_day = models.DateField()
    speaks_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["item", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "rule", "last_day"], name="rule_shift_once")]


class CalendarFeed(models.Model):
    """A person's secret address of an iCal feed. Only its hash is kept; it is shown once, when it is made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("Tạo lúc"))
    revoked_at = models.DateTimeField(_("Thu hồi lúc"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("Dùng lần cuối"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_open"),
        ]
