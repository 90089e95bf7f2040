"""What happens without anybody pressing a button: windows that close, automatic nodes, reminders, mail.

Every job is repeatable and finds its work in rows, so that several sweeps at once, or one that died, do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from assessments import offline_staging
from assessments.errors import ServiceError
from assessments.models import Cycle
from assessments.stages import CycleStage
from evidence.services import collect_garbage
from evidence.signatures import read_missing
from notifications.sending import drain
from units import clock

from . import actions
from .engine import settle
from .models import WorkItem
from .monitor.history import gather
from .monitor.weekly import send_weekly
from .plan_reports import ask_recurring
from .reminders import remind

log = logging.getLogger(__name__)

IDLE = (CycleStage.DRAFT, CycleStage.PUBLISHED)


def settle_running() -> int:
    """Let every automatic node run that is ready; returns how many cycles were looked at."""
    cycles = list(Cycle.objects.exclude(stage__in=IDLE).order_by("pk").values_list("pk", flat=True))
    for pk in cycles:
        settle(pk)
    return len(cycles)


def close_responses() -> int:
    """A unit that let its days to contest go by agrees with its provisional result; returns how many were closed."""
    closed = 0
    overdue = WorkItem.objects.filter(node="dossier.respond", done_at=None, due_at__lte=clock.now())
    for item in overdue.select_related("task", "cycle", "dossier").order_by("pk"):
        try:
            actions.respond(item, [], by=None)
        except ServiceError as error:  # the unit answered, or another sweep was faster
            log.info("the window of %s was not closed: %s", item.pk, error)
        else:
            closed += 1
    return closed


def send_waiting() -> int:
    """Send the mail that waits; returns how many letters went out."""
    sent, _failed = drain()
    return sent


def collect_evidence() -> int:
    """Once an hour, because it lists the whole store; returns how many stored files were removed."""
    return collect_garbage() if clock.now().minute == 0 else 0


def collect_staged() -> int:
    """Workbooks that were uploaded for comparison and never applied; as often as the evidence."""
    return offline_staging.collect_garbage() if clock.now().minute == 0 else 0


def read_signatures() -> int:
    """PDFs that were stored before their signatures were read, or whose upload broke off; once an hour."""
    return read_missing() if clock.now().minute == 30 else 0


JOBS: tuple[tuple[str, Callable[[], int]], ...] = (
    ("đợt đánh giá đang chạy", settle_running),
    ("kết quả dự kiến hết hạn phản hồi", close_responses),
    ("hồ sơ được đếm lại tiến độ", gather),
    ("báo cáo tiến độ được yêu cầu", ask_recurring),
    ("thông báo nhắc hạn mới", remind),
    ("thư tiến độ tuần mới", send_weekly),
    ("thư đã gửi", send_waiting),
    ("tệp không dùng đã xóa", collect_evidence),
    ("bảng tính ngoại tuyến bỏ dở đã xóa", collect_staged),
    ("tệp đã đọc chữ ký số", read_signatures),
)


def sweep() -> tuple[list[tuple[str, int]], list[str]]:
    """Run every job; one that fails is logged and stops no other. Returns (what was done, names of failed jobs)."""
    done: list[tuple[str, int]] = []
    failed: list[str] = []
    for name, job in JOBS:
        try:
            done.append((name, job()))
        except Exception:
            log.exception("job failed: %s", name)
            failed.append(name)
    return done, failed
