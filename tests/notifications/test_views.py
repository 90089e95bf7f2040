"""The bell's page and the letters that Sở Nội vụ sees."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from notifications.kinds import Kind
from notifications.models import Notice
from notifications.services import Message, queue, unseen_count
from tests import factories
from units.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def tell(person: User, *subjects: str) -> None:
    queue(Message(f"việc:{subject}", person, subject, "Nội dung.", url="/") for subject in subjects)


def test_notices_are_the_own_ones_alone() -> None:
    person, other = factories.user(), factories.user()
    tell(person, "Của tôi")
    tell(other, "Của người khác")
    page = signed_in(person).get(reverse("notices")).content.decode()
    assert "Của tôi" in page
    assert "Của người khác" not in page


def test_looking_marks_nothing_and_the_button_marks_all() -> None:
    person, other = factories.user(), factories.user()
    tell(person, "Một", "Hai")
    tell(other, "Ba")
    client = signed_in(person)
    page = client.get(reverse("notices"))
    assert page.context["unseen"] == 2
    assert page.context["notices"]["count"] == 2
    assert unseen_count(person) == 2
    assert client.post(reverse("notices")).url == reverse("notices")
    assert unseen_count(person) == 0
    assert unseen_count(other) == 1
    assert "Bạn đã đọc hết thông báo." in client.get(reverse("notices")).content.decode()


def test_notices_need_an_account() -> None:
    assert Client().get(reverse("notices")).status_code == 302
    assert Client().post(reverse("notices")).status_code == 302


def test_outbox_opens_for_who_manages_and_is_not_found_for_others() -> None:
    world = factories.world()
    assert signed_in(world.home_affairs).get(reverse("outbox")).status_code == 200
    for person in (world.secretary, world.province, world.coordinator["so-a"]):
        assert signed_in(person).get(reverse("outbox")).status_code == 404
    assert Client().get(reverse("outbox")).status_code == 302


def test_outbox_shows_text_state_and_fault_of_each_letter() -> None:
    world = factories.world()
    tell(world.coordinator["so-a"], "Thư một", "Thư hai")
    Notice.objects.filter(subject="Thư hai", channel="email").update(
        state=Notice.State.FAILED, attempts=8, last_error="550 no such mailbox"
    )
    client = signed_in(world.home_affairs)
    page = client.get(reverse("outbox"))
    assert [row["value"] for row in page.context["counts"]] == ["1", "0", "1", "0"]
    for words in ("Thư một", "Nội dung.", "Đã thử 8 lần: 550 no such mailbox", world.coordinator["so-a"].email):
        assert words in page.content.decode()
    failed = client.get(reverse("outbox"), {"state": "failed"})
    assert [row["letter"].subject for row in failed.context["letters"]] == ["Thư hai"]
    nobody = client.get(reverse("outbox"), {"recipient": "không có ai"})
    assert nobody.context["letters"] == []


def test_outbox_asks_the_same_number_of_queries_for_one_and_three_letters(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    world = factories.world()
    tell(world.coordinator["so-a"], "Thư một")
    client = signed_in(world.home_affairs)
    client.get(reverse("outbox"))
    with django_assert_num_queries(10):
        assert len(client.get(reverse("outbox")).context["letters"]) == 1
    tell(world.coordinator["so-b"], "Thư hai", "Thư ba")
    with django_assert_num_queries(10):
        assert len(client.get(reverse("outbox")).context["letters"]) == 3


def test_opening_a_notice_marks_it_and_its_letter_as_seen_and_leads_on() -> None:
    person, other = factories.user(), factories.user()
    tell(person, "Một", "Hai")
    own = Notice.objects.get(subject="Một", channel="in_app")
    address = reverse("notice-open", args=[own.pk])
    assert signed_in(other).post(address).status_code == 404
    assert signed_in(person).get(address).status_code == 405
    assert signed_in(person).post(address).url == "/"
    assert set(Notice.objects.filter(seen_at__isnull=False).values_list("subject", "channel")) == {
        ("Một", "in_app"),
        ("Một", "email"),
    }


def test_notice_leads_to_no_other_site() -> None:
    person = factories.user()
    queue([Message("thử", person, "Thử", "Thử", url="https://example.org/")])
    own = Notice.objects.get(channel="in_app")
    assert signed_in(person).post(reverse("notice-open", args=[own.pk])).url == reverse("notices")


def test_outbox_is_filtered_by_the_address_and_a_failed_letter_is_sent_again() -> None:
    world = factories.world()
    person = world.coordinator["so-a"]
    queue([Message("a", person, "Biên nhận", "A", kind=Kind.RECEIPT), Message("b", person, "Nhắc", "B")])
    Notice.objects.filter(subject="Nhắc", channel="email").update(state=Notice.State.FAILED, attempts=8)
    client = signed_in(world.home_affairs)

    def shown(**chosen: str) -> list[tuple[str, str]]:
        rows = client.get(reverse("outbox"), chosen).context["letters"]
        return sorted((row["letter"].subject, row["letter"].channel) for row in rows)

    assert shown() == [("Biên nhận", "email"), ("Nhắc", "email")]
    assert shown(kind="receipt") == [("Biên nhận", "email")]
    assert shown(channel="in_app") == [("Biên nhận", "in_app"), ("Nhắc", "in_app")]
    failed = Notice.objects.get(subject="Nhắc", channel="email")
    again = reverse("notice-send-again", args=[failed.pk])
    assert signed_in(person).post(again).status_code == 404
    assert client.post(again, {"query": "state=failed"}).url == f"{reverse('outbox')}?state=failed"
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (Notice.State.QUEUED, 0)
    signed_in(person).post(reverse("notices"))
    assert shown(state="seen") == [("Biên nhận", "email"), ("Nhắc", "email")]
