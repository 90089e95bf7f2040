"""Sending what waits in the outbox: a lease for each notice, and a channel that is down holds up no other."""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.db import connection, transaction
from django.utils.translation import gettext as _

from units import clock

from .channels import Channel, Rejected, Unreachable, channels
from .models import Notice

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
# Longer than any one message can take, with its time-outs.
LEASE = dt.timedelta(minutes=5)
LONGEST_WAIT = dt.timedelta(hours=1)
# A mail server may be down over a long weekend: what it never saw is kept trying that long.
PATIENCE = dt.timedelta(days=5)
# So many faults of the far side in a row end a channel's turn; the next sweep tries again.
FAULTS_IN_A_ROW = 2
SECONDS_PER_CHANNEL = 60


def _claim(channel: str) -> Notice | None:
    """Lease one waiting notice to this sweep; another sweep skips it. A sweep that dies lets the lease run out."""
    now = clock.now()
    with transaction.atomic():
        waiting = Notice.objects.filter(channel=channel, state=Notice.State.QUEUED, not_before__lte=now).order_by(
            "not_before", "pk"
        )
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        notice = waiting.select_related("recipient").first()
        if notice is None:
            return None
        notice.not_before = now + LEASE
        notice.attempts += 1
        notice.save(update_fields=["not_before", "attempts"])
        return notice


def drain(limit: int = 500) -> tuple[int, int]:
    """Send what waits, channel by channel and message by message. Returns (sent, failed).

    A failure is tried again at growing intervals. A channel that is down or slow ends its own turn only.
    """
    sent = failed = 0
    for channel in channels():
        if channel.sent_by_sweep:
            try:
                done, faults = _drain_channel(channel, limit)
            finally:
                channel.close()
            sent, failed = sent + done, failed + faults
    return sent, failed


def _drain_channel(channel: Channel, limit: int) -> tuple[int, int]:
    sent = failed = in_a_row = 0
    stop_at = time.monotonic() + SECONDS_PER_CHANNEL
    for _round in range(limit):
        notice = _claim(channel.key) if time.monotonic() < stop_at and in_a_row < FAULTS_IN_A_ROW else None
        if notice is None:
            break
        if not notice.recipient.is_active:
            _close(notice, state=Notice.State.WITHDRAWN, last_error=_("Tài khoản người nhận đã ngừng hoạt động."))
            continue
        try:
            channel.send(notice)
        except Unreachable as error:
            failed, in_a_row = failed + 1, in_a_row + 1
            _put_off(notice, error, give_up=clock.now() - notice.queued_at > PATIENCE)
        except Exception as error:  # refused, or a text that cannot be written as a mail: this message alone
            failed, in_a_row = failed + 1, 0
            if not isinstance(error, Rejected):
                log.exception("notice %s cannot be sent", notice.pk)
            _put_off(notice, error, give_up=True)
        else:
            sent, in_a_row = sent + 1, 0
            _close(notice, state=Notice.State.SENT, sent_at=clock.now(), last_error="")
    return sent, failed


def _close(notice: Notice, **values: object) -> None:
    Notice.objects.filter(pk=notice.pk).update(**values)


def _put_off(notice: Notice, error: Exception, *, give_up: bool) -> None:
    """Keep the fault on the row and try later; `give_up` says whether the last attempt ends it."""
    log.warning("notice %s was not sent: %s", notice.pk, error)
    now = clock.now()
    done = give_up and notice.attempts >= MAX_ATTEMPTS
    wait = min(dt.timedelta(minutes=2 ** min(notice.attempts, MAX_ATTEMPTS)), LONGEST_WAIT)
    _close(
        notice,
        state=Notice.State.FAILED if done else Notice.State.QUEUED,
        not_before=now + wait,
        failed_at=now,
        last_error=str(error)[:300],
    )


def send_again(notice: Notice) -> bool:
    """Put a failed notice back into the queue, with fresh attempts; False where it is not failed (any more)."""
    now = clock.now()
    return bool(
        Notice.objects.filter(pk=notice.pk, state=Notice.State.FAILED).update(
            state=Notice.State.QUEUED, attempts=0, not_before=now
        )
    )
