"""The gateway as a real HTTP server: what it is sent, and what it may do to us."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from config import environment
from notifications.channels import channel_label, channels
from notifications.models import Notice, Preferences
from notifications.sending import MAX_ATTEMPTS, PATIENCE, drain, send_again
from notifications.services import Message, queue
from tests import factories
from tests.services.smtp import SmtpServer
from units import clock
from units.models import User

pytestmark = pytest.mark.django_db

SECRET = "bí-mật-của-cổng-tin-nhắn"
NOW = dt.datetime(2026, 12, 1, 8, tzinfo=clock.LOCAL)


@dataclass
class Gateway:
    """A gateway that verifies each request before it keeps it; `behave` names its next fault."""

    url: str = ""
    behave: str = ""
    kept: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    wake: threading.Event = field(default_factory=threading.Event)


def handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stamp = self.headers["X-CCHC-Timestamp"]
            expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(self.headers["X-CCHC-Signature"], f"sha256={expected}"):
                self.send_error(401, "bad signature")
                return
            if gateway.behave == "slow":
                gateway.wake.wait(5)
                return
            if gateway.behave in ("dies", "dies after keeping"):
                if gateway.behave == "dies after keeping":
                    self.keep(body)
                self.connection.close()
                return
            if gateway.behave:
                self.send_error(int(gateway.behave), "no")
                return
            self.keep(body)
            self.send_response(202)
            self.end_headers()

        def keep(self, body: bytes) -> None:
            gateway.keys.append(self.headers["Idempotency-Key"])
            gateway.kept.append(json.loads(body))

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    made = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/tin-nhan?don-vi=qb"
    settings.NOTIFY_WEBHOOK_URL, settings.NOTIFY_WEBHOOK_SECRET = made.url, SECRET
    settings.NOTIFY_WEBHOOK_TIMEOUT = 0.3
    with clock.at(NOW):
        yield made
    made.wake.set()
    server.shutdown()
    server.server_close()
    thread.join()


def reachable(number: str = "+84912345678") -> User:
    person = factories.user(email="", phone=number)
    Preferences.objects.create(user=person, by_phone=True)
    return person


def sms(person: User) -> Notice:
    return Notice.objects.get(recipient=person, channel="webhook")


def test_request_is_signed_and_says_what_the_gateway_needs(gateway: Gateway) -> None:
    person = reachable()
    queue([Message("due:1", person, "1 việc đến hạn", "- Gửi hồ sơ: Còn 3 ngày", url="/ho-so/1/")])
    assert drain() == (1, 0)
    notice = sms(person)
    assert gateway.kept == [
        {
            "id": notice.message_id,
            "kind": "reminder",
            "to": "+84912345678",
            "name": str(person),
            "subject": "1 việc đến hạn",
            "text": "- Gửi hồ sơ: Còn 3 ngày",
            "url": "http://127.0.0.1:8000/ho-so/1/",
        }
    ]
    assert gateway.keys == [notice.message_id]
    assert (notice.state, notice.sent_at) == (Notice.State.SENT, NOW)


def test_request_with_another_secret_is_refused_and_kept(gateway: Gateway, settings: Settings) -> None:
    settings.NOTIFY_WEBHOOK_SECRET = "một bí mật khác hẳn"
    person = reachable()
    queue([Message("due:1", person, "Thử", "Thử")])
    assert drain() == (0, 1)
    assert gateway.kept == []
    assert sms(person).last_error.startswith("401")


@pytest.mark.parametrize("fault", ["500", "503", "429", "slow", "dies"])
def test_gateway_that_fails_is_asked_again_with_the_same_key(gateway: Gateway, fault: str) -> None:
    gateway.behave = fault
    person = reachable()
    queue([Message("due:1", person, "Thử", "Thử")])
    assert drain() == (0, 1)
    notice = sms(person)
    assert (notice.state, notice.attempts, notice.failed_at) == (Notice.State.QUEUED, 1, NOW)
    assert notice.last_error
    assert notice.not_before == NOW + dt.timedelta(minutes=2)
    gateway.behave = ""
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (1, 0)
    assert gateway.keys == [notice.message_id]


def test_message_that_the_gateway_kept_before_it_died_comes_again_under_the_same_key(gateway: Gateway) -> None:
    gateway.behave = "dies after keeping"
    person = reachable()
    queue([Message("due:1", person, "Thử", "Thử")])
    assert drain() == (0, 1)
    gateway.behave = ""
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (1, 0)
    assert gateway.keys == [sms(person).message_id] * 2


def test_gateway_that_is_down_delays_no_mail(gateway: Gateway, smtp: SmtpServer) -> None:
    gateway.behave = "slow"
    people = [reachable(f"+8491234567{number}") for number in range(4)]
    reader = factories.user()
    queue([Message("due:1", person, "Thử", "Thử") for person in [*people, reader]])
    assert drain() == (1, 2)
    assert [mail["To"] for mail in smtp.messages] == [reader.email]
    assert sorted(Notice.objects.filter(channel="webhook").values_list("attempts", flat=True)) == [0, 0, 1, 1]
    gateway.behave = ""
    gateway.wake.set()
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (4, 0)
    assert len(set(gateway.keys)) == 4


def test_intervals_grow_to_an_hour_and_a_gateway_down_for_days_loses_nothing(gateway: Gateway) -> None:
    gateway.behave = "503"
    person = reachable()
    queue([Message("due:1", person, "Thử", "Thử")])
    waits = []
    moment = NOW
    for _attempt in range(10):
        with clock.at(moment):
            assert drain() == (0, 1)
        waits.append((sms(person).not_before - moment).total_seconds() // 60)
        moment = sms(person).not_before
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert sms(person).state == Notice.State.QUEUED
    with clock.at(NOW + PATIENCE + dt.timedelta(minutes=1)):
        assert drain() == (0, 1)
    assert sms(person).state == Notice.State.FAILED


def test_number_that_the_gateway_refuses_is_given_up_and_can_be_sent_again(gateway: Gateway) -> None:
    gateway.behave = "404"
    person = reachable()
    queue([Message("due:1", person, "Thử", "Thử")])
    moment = NOW
    for _attempt in range(MAX_ATTEMPTS):
        with clock.at(moment):
            drain()
        moment += dt.timedelta(hours=1)
    assert (sms(person).state, sms(person).attempts) == (Notice.State.FAILED, MAX_ATTEMPTS)
    gateway.behave = ""
    with clock.at(moment):
        assert drain() == (0, 0)
        assert send_again(sms(person))
        assert drain() == (1, 0)
        assert not send_again(sms(person))
    assert (sms(person).state, sms(person).last_error) == (Notice.State.SENT, "")


def test_channel_of_the_province_is_named_in_the_setting(settings: Settings) -> None:
    settings.NOTIFICATION_CHANNELS = ["notifications.channels.InApp", "notifications.channels.Email"]
    assert [channel.key for channel in channels()] == ["in_app", "email"]
    assert channel_label("email") == "Thư điện tử"
    assert channel_label("webhook") == "webhook"


@pytest.mark.parametrize(
    ("url", "secret"), [("http://sms.example/", SECRET), ("ftp://127.0.0.1/", SECRET), ("https://sms.example/", "ngắn")]
)
def test_gateway_without_https_or_secret_is_refused(url: str, secret: str) -> None:
    with pytest.raises(environment.InvalidEnvironment):
        environment.webhook(url, secret)


def test_gateway_is_read_from_the_environment() -> None:
    assert environment.webhook("https://sms.example/v1", SECRET) == ("https://sms.example/v1", SECRET)
    assert environment.webhook("http://127.0.0.1:9000/", SECRET) == ("http://127.0.0.1:9000/", SECRET)
    assert environment.webhook("", "") == ("", "")
