"""How a notice leaves the product: one small class for each way, named in NOTIFICATION_CHANNELS."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import clock
from units.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from .models import Notice, Preferences

# What the far side may answer is only read this far, for the outbox screen.
ANSWER_BYTES = 300


class Unreachable(Exception):
    """The far side is down, slow or broke off: nobody's message gets through now."""


class Rejected(Exception):
    """The far side refuses this one message; others may pass."""


class Channel(Protocol):
    """One way to a person."""

    key: ClassVar[str]
    label: StrOrPromise
    # Whether a sweep sends it; what is read in the product is there at once.
    sent_by_sweep: ClassVar[bool]

    def reaches(self, user: User, preferences: Preferences) -> bool:
        """Whether the person can be told this way at all."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over. Raises Unreachable or Rejected."""

    def close(self) -> None:
        """Let go of what `send` holds open."""


class InApp:
    """The bell: the row itself is the notice."""

    key = "in_app"
    label = gettext_lazy("Trên phần mềm")
    sent_by_sweep = False

    def reaches(self, user: User, preferences: Preferences) -> bool:
        return True

    def send(self, notice: Notice) -> None:
        """Nothing leaves the product."""

    def close(self) -> None:
        """Nothing is open."""


class Email:
    """Mail by EMAIL_URL; one connection for all letters of a sweep."""

    key = "email"
    label = gettext_lazy("Thư điện tử")
    sent_by_sweep = True

    def __init__(self) -> None:
        self._mailer: Any = None

    def reaches(self, user: User, preferences: Preferences) -> bool:
        return bool(user.email)

    def send(self, notice: Notice) -> None:
        if self._mailer is None:
            self._mailer = get_connection()
        try:
            self._mailer.open()
            EmailMessage(
                subject=notice.subject,
                body=letter_text(notice),
                to=[notice.recipient.email],
                headers={"Message-ID": notice.message_id},
                connection=self._mailer,
            ).send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise Rejected(str(error)) from error
        except OSError as error:  # every other fault of smtplib is one, and so are time-outs and broken connections
            self.close()
            raise Unreachable(str(error) or type(error).__name__) from error

    def close(self) -> None:
        if self._mailer is not None:
            with suppress(OSError):
                self._mailer.close()
            self._mailer = None


def letter_text(notice: Notice) -> str:
    """The text of a letter: the notice and, at its end, where to act on it."""
    if not notice.url:
        return f"{notice.body}\n"
    return _("%(body)s\n\nMở phần mềm để thực hiện: %(url)s\n") % {
        "body": notice.body,
        "url": f"{settings.PUBLIC_URL}{notice.url}",
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body": what the gateway computes again before it believes a request."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    """A JSON request to the province's SMS or Zalo gateway, signed, with the message's id against doubles."""

    key = "webhook"
    label = gettext_lazy("Tin nhắn (SMS, Zalo)")
    sent_by_sweep = True

    def reaches(self, user: User, preferences: Preferences) -> bool:
        return bool(settings.NOTIFY_WEBHOOK_URL and preferences.by_phone and user.phone)

    def send(self, notice: Notice) -> None:
        address = urlsplit(settings.NOTIFY_WEBHOOK_URL)
        body = json.dumps(
            {
                "id": notice.message_id,
                "kind": notice.kind,
                "to": notice.recipient.phone,
                "name": str(notice.recipient),
                "subject": notice.subject,
                "text": notice.body,
                "url": f"{settings.PUBLIC_URL}{notice.url}" if notice.url else "",
            },
            ensure_ascii=False,
        ).encode()
        timestamp = f"{clock.now().timestamp():.0f}"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": notice.message_id,
            "X-CCHC-Timestamp": timestamp,
            "X-CCHC-Signature": signature(settings.NOTIFY_WEBHOOK_SECRET, timestamp, body),
        }
        made = HTTPSConnection if address.scheme == "https" else HTTPConnection
        line = made(address.hostname or "", address.port, timeout=settings.NOTIFY_WEBHOOK_TIMEOUT)
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        try:
            line.request("POST", path, body=body, headers=headers)
            answer = line.getresponse()
            said = answer.read(ANSWER_BYTES).decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        finally:
            line.close()
        if answer.status in (408, 429) or answer.status >= 500:
            raise Unreachable(f"{answer.status} {said}".strip())
        if not 200 <= answer.status < 300:
            raise Rejected(f"{answer.status} {said}".strip())

    def close(self) -> None:
        """Each request has its own connection."""


@cache
def _classes(names: tuple[str, ...]) -> tuple[type[Any], ...]:
    return tuple(import_string(name) for name in names)


def channels() -> list[Channel]:
    """Every way that this installation has, in the order of the setting; made anew for each use."""
    return [made() for made in _classes(tuple(settings.NOTIFICATION_CHANNELS))]


def channel_label(key: str) -> str:
    """The name of a channel on screen; the key itself where the installation has it no more."""
    return next((str(channel.label) for channel in channels() if channel.key == key), key)
