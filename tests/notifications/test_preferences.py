"""What a person may switch off, and when letters wait."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from notifications.channels import Email, InApp, channels
from notifications.kinds import LEGAL, Kind
from notifications.models import Notice, Preferences
from notifications.preferences import InvalidPreferences, preferences_of, save_preferences, send_from, wants
from notifications.sending import drain
from notifications.services import Message, queue, refresh_waiting, withdraw_superseded
from tests import factories
from units import clock
from units.models import User
from units.phones import normal_phone

pytestmark = pytest.mark.django_db

SATURDAY = dt.date(2026, 12, 12)


def local(hour: int, minute: int = 0, day: int = 11) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=clock.LOCAL)


def choice(**changed: Any) -> dict[str, Any]:
    return {
        "muted": [],
        "quiet": True,
        "quiet_from": dt.time(21),
        "quiet_until": dt.time(6),
        "quiet_days_off": False,
        "by_phone": False,
        "phone": "",
    } | changed


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# quiet hours


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (local(20, 59), local(20, 59)),
        (local(21), local(6, day=12)),
        (local(23, 59), local(6, day=12)),
        (local(0), local(6)),
        (local(5, 59), local(6)),
        (local(6), local(6)),
        (local(12), local(12)),
    ],
)
def test_letter_of_the_night_waits_for_the_morning(now: dt.datetime, sent: dt.datetime) -> None:
    assert send_from(Preferences(), Kind.REMINDER, now) == sent


def test_quiet_hours_within_one_day_end_on_that_day() -> None:
    midday = Preferences(quiet_from=dt.time(11), quiet_until=dt.time(14))
    assert send_from(midday, Kind.TURN, local(12)) == local(14)
    assert send_from(midday, Kind.TURN, local(14)) == local(14)


def test_quiet_hours_switched_off_hold_nothing() -> None:
    assert send_from(Preferences(quiet=False), Kind.TURN, local(23)) == local(23)


def test_days_off_wait_for_the_next_working_day_but_never_a_legal_notice() -> None:
    own = Preferences(quiet_days_off=True)
    weekend = {SATURDAY, SATURDAY + dt.timedelta(days=1)}
    assert send_from(own, Kind.REMINDER, local(9, day=12), weekend) == local(6, day=14)
    assert send_from(own, Kind.LAST_DAY, local(9, day=12), weekend) == local(9, day=12)
    assert send_from(own, Kind.LAST_DAY, local(23, day=11), weekend) == local(6, day=12)
    assert send_from(Preferences(), Kind.REMINDER, local(9, day=12), weekend) == local(9, day=12)


def test_in_the_product_a_notice_of_the_night_is_there_at_once() -> None:
    person = factories.user()
    with clock.at(local(22)):
        queue([Message("thử", person, "Thử", "Thử")])
        rows = {row.channel: row for row in Notice.objects.all()}
    assert (rows["in_app"].state, rows["in_app"].sent_at) == (Notice.State.SENT, local(22))
    assert (rows["email"].state, rows["email"].not_before) == (Notice.State.QUEUED, local(6, day=12))


# what is switched off


def test_kind_is_muted_on_one_channel_alone() -> None:
    person = factories.user()
    save_preferences(by=person, **choice(muted=[(Kind.TURN, "email")]))
    queue([Message("a", person, "A", "", kind=Kind.TURN), Message("b", person, "B", "", kind=Kind.REMINDER)])
    assert sorted(Notice.objects.values_list("event", "channel")) == [
        ("a", "in_app"),
        ("b", "email"),
        ("b", "in_app"),
    ]


@pytest.mark.parametrize("kind", sorted(LEGAL))
def test_legal_notice_cannot_be_muted(kind: Kind) -> None:
    person = factories.user()
    with pytest.raises(InvalidPreferences) as refused:
        save_preferences(by=person, **choice(muted=[(kind, "email")]))
    assert list(refused.value.errors) == ["muted"]
    assert not Preferences.objects.exists()
    forged = Preferences(user=person, muted=[f"{kind}:email"])
    assert wants(forged, kind, Email())
    assert not wants(Preferences(muted=["turn:in_app"]), Kind.TURN, InApp())


def test_unknown_kind_or_channel_is_refused() -> None:
    for pair in (("không", "email"), (Kind.TURN, "bồ câu")):
        with pytest.raises(InvalidPreferences):
            save_preferences(by=factories.user(), **choice(muted=[pair]))


def test_quiet_hours_that_never_end_are_refused() -> None:
    with pytest.raises(InvalidPreferences) as refused:
        save_preferences(by=factories.user(), **choice(quiet_from=dt.time(6)))
    assert list(refused.value.errors) == ["quiet_until"]


def test_preferences_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    people = [factories.user() for _number in range(3)]
    save_preferences(by=people[0], **choice(quiet=False))
    with django_assert_num_queries(1):
        found = preferences_of(people)
    assert [found[person.pk].quiet for person in people] == [False, True, True]


# telephone


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", ""),
        ("0912 345 678", "+84912345678"),
        ("+84 912.345.678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("(0232) 382-1234", "+842323821234"),
    ],
)
def test_phone_is_kept_in_the_international_form(text: str, number: str) -> None:
    assert normal_phone(text) == number


@pytest.mark.parametrize("text", ["113", "0112345678", "+1 202 555 0100", "09123456789012", "số của tôi"])
def test_phone_that_is_no_number_of_viet_nam_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="0912 345 678"):
        normal_phone(text)


def test_messages_by_phone_need_the_number_and_the_consent(settings: Settings) -> None:
    settings.NOTIFY_WEBHOOK_URL = "http://127.0.0.1:9/"
    person = factories.user()
    with pytest.raises(InvalidPreferences) as refused:
        save_preferences(by=person, **choice(by_phone=True))
    assert list(refused.value.errors) == ["phone"]
    webhook = next(channel for channel in channels() if channel.key == "webhook")
    assert not webhook.reaches(person, save_preferences(by=person, **choice(phone="0912345678")))
    both = save_preferences(by=person, **choice(phone="0912345678", by_phone=True))
    assert webhook.reaches(person, both)
    assert User.objects.get(pk=person.pk).phone == "+84912345678"
    settings.NOTIFY_WEBHOOK_URL = ""
    assert not webhook.reaches(person, both)


# letters that wait


def test_letter_that_waits_is_withdrawn_or_reworded() -> None:
    done, changed = factories.user(), factories.user()
    with clock.at(local(0)):
        queue(Message("due:2026-12-11", person, "2 việc", "A, B") for person in (done, changed))
        assert refresh_waiting("due:2026-12-11", [Message("due:2026-12-11", changed, "1 việc", "B")]) == 2
        assert refresh_waiting("due:2026-12-11", [Message("due:2026-12-11", changed, "1 việc", "B")]) == 0
    letters = Notice.objects.filter(channel="email")
    assert letters.get(recipient=done).state == Notice.State.WITHDRAWN
    assert (letters.get(recipient=changed).state, letters.get(recipient=changed).body) == (Notice.State.QUEUED, "B")
    assert set(Notice.objects.filter(channel="in_app").values_list("body", flat=True)) == {"A, B"}


def test_letter_whose_sending_began_is_not_taken_back() -> None:
    person = factories.user()
    with clock.at(local(0)):
        queue([Message("due:2026-12-11", person, "1 việc", "A")])
        Notice.objects.filter(channel="email").update(attempts=1)
        assert refresh_waiting("due:2026-12-11", []) == 0


def test_older_letter_gives_way_to_the_newer_one_of_the_same_person() -> None:
    person, other = factories.user(), factories.user()
    with clock.at(local(0)):
        queue([Message("due:2026-12-11", each, "1 việc", "A") for each in (person, other)])
        queue([Message("due:2026-12-12", person, "1 việc", "A")])
        assert withdraw_superseded("due:", by="due:2026-12-12") == 1
    letters = Notice.objects.filter(channel="email", state=Notice.State.WITHDRAWN)
    assert [(letter.recipient, letter.event) for letter in letters] == [(person, "due:2026-12-11")]


def test_letter_to_an_account_that_was_closed_is_withdrawn() -> None:
    person = factories.user()
    with clock.at(local(9)):
        queue([Message("thử", person, "Thử", "Thử")])
        User.objects.filter(pk=person.pk).update(is_active=False)
        assert drain() == (0, 0)
    assert Notice.objects.get(channel="email").state == Notice.State.WITHDRAWN


# the screen


def test_screen_shows_legal_kinds_locked_with_the_reason() -> None:
    page = signed_in(factories.user()).get(reverse("notification-preferences"))
    rows = {row["label"]: row for row in page.context["rows"]}
    locked = rows[Kind.RECEIPT.label]
    assert locked["reason"] == "Bằng chứng về thời điểm gửi hồ sơ."
    assert [(cell["locked"], cell["on"]) for cell in locked["cells"]] == [(True, True), (True, True)]
    assert [cell["locked"] for cell in rows[Kind.TURN.label]["cells"]] == [False, False]


def test_screen_keeps_the_choice() -> None:
    person = factories.user()
    client = signed_in(person)
    pairs = [f"{kind}:{channel}" for kind in Kind if kind not in LEGAL for channel in ("in_app", "email")]
    sent = {
        "wanted": [pair for pair in pairs if pair != "turn:email"],
        "quiet": "on",
        "quiet_from": "22:00",
        "quiet_until": "05:30",
        "phone": "0912 345 678",
    }
    assert client.post(reverse("notification-preferences"), sent).status_code == 302
    row = Preferences.objects.get(user=person)
    assert (row.muted, row.quiet_from, row.quiet_until) == (["turn:email"], dt.time(22), dt.time(5, 30))
    refused = client.post(reverse("notification-preferences"), sent | {"phone": "12", "quiet_from": "khuya"})
    assert refused.status_code == 422
    assert "khuya" in refused.content.decode()
