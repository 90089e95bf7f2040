"""Rules as data: when they speak, to whom, in which words, and who may change them."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.stages import Stage
from notifications.kinds import Kind
from notifications.models import Notice
from plans.calendar import WorkCalendar
from plans.holidays import Holiday
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import wording
from workflow.models import WorkItem
from workflow.reminders import due_reminders, messages, remind
from workflow.rule_services import RuleContent, drop_own_rules, own_rules, save_rule, switch
from workflow.rules import ReminderRule, rules_of, shipped_rules

pytestmark = pytest.mark.django_db

LAST_DAY = dt.date(2026, 12, 14)  # a Monday
FRIDAY = dt.date(2026, 12, 18)


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    def build() -> World:
        made = factories.world().open()
        made.to(Stage.SELF_ASSESSING)
        return made

    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(7), clock.LOCAL)


def told(day: dt.date, person: User) -> list[tuple[str, str, int]]:
    """Node, audience of the rule, days left: what `person` is told on `day`."""
    return [
        (hit.item.node, hit.rule.audience, hit.days)
        for reminder in due_reminders(morning(day))
        if reminder.recipient.pk == person.pk
        for hit in reminder.hits
    ]


def content(**changed: Any) -> RuleContent:
    return RuleContent(
        **(
            {
                "node": "",
                "when": "before",
                "days": 5,
                "count": "working",
                "repeat": False,
                "audience": "turn",
                "channels": ["in_app", "email"],
                "subject": "{so_viec} việc",
                "body": "{viec}: {con_lai}",
            }
            | changed
        )
    )


def rule(when: str, days: int, count: str = "calendar", repeat: bool = False) -> ReminderRule:
    return ReminderRule(when=when, days=days, count=count, repeat=repeat, audience="turn")


# when


def fires(found: ReminderRule, *, calendar: WorkCalendar | None = None) -> list[dt.date]:
    first, last = LAST_DAY - dt.timedelta(days=20), LAST_DAY + dt.timedelta(days=9)
    return found.days_on(LAST_DAY, first, last, calendar or WorkCalendar())


@pytest.mark.parametrize(
    ("found", "days"),
    [
        (rule("before", 14), [-14]),
        (rule("before", 0), [0]),
        (rule("before", 3, "working"), [-5]),
        (rule("after", 1), [1]),
        (rule("after", 5, "working"), [7]),
        (rule("after", 7, repeat=True), [7, 8, 9]),
        (rule("after", 4, "working", repeat=True), [4, 7, 8, 9]),
        (rule("before", 60), []),
    ],
)
def test_rule_speaks_on_its_days(found: ReminderRule, days: list[int]) -> None:
    assert [(day - LAST_DAY).days for day in fires(found)] == days


def test_working_days_leave_out_days_off_and_count_days_made_up() -> None:
    tet = WorkCalendar(
        holidays=frozenset(LAST_DAY + dt.timedelta(days=number) for number in (1, 2)),
        makeup_days=frozenset({LAST_DAY + dt.timedelta(days=5)}),
    )
    assert [(day - LAST_DAY).days for day in fires(rule("after", 3, "working"), calendar=tet)] == [5]


def test_shipped_rules_say_what_they_do() -> None:
    assert [(found.words(), found.audience) for found in shipped_rules()] == [
        ("Trước hạn 14 ngày", "turn"),
        ("Trước hạn 7 ngày", "turn"),
        ("Trước hạn 3 ngày", "turn"),
        ("Trước hạn 1 ngày", "turn"),
        ("Ngày cuối", "turn"),
        ("Quá hạn 1 ngày, nhắc lại mỗi ngày", "turn"),
        ("Quá hạn 1 ngày làm việc", "coordinator"),
        ("Quá hạn 3 ngày làm việc", "head"),
        ("Quá hạn 5 ngày làm việc, nhắc lại mỗi ngày làm việc", "home_affairs"),
    ]
    assert [wording.problems(found.subject) + wording.problems(found.body) for found in shipped_rules()] == [[]] * 9


# to whom


def test_late_task_climbs_from_officer_to_coordinator_head_and_home_affairs(world: World) -> None:
    officer, coordinator, head = (people["so-a"] for people in (world.officer, world.coordinator, world.head))
    late = [("dossier.self_assess", "turn", -1)] * 2
    assert told(LAST_DAY + dt.timedelta(days=1), officer) == late
    assert told(LAST_DAY + dt.timedelta(days=1), coordinator) == [("dossier.self_assess", "coordinator", -1)] * 2
    assert told(LAST_DAY + dt.timedelta(days=2), coordinator) == []
    assert told(LAST_DAY + dt.timedelta(days=2), head) == []
    assert told(LAST_DAY + dt.timedelta(days=3), head) == [("dossier.self_assess", "head", -3)] * 2
    units = {
        hit.item.dossier.unit.name
        for reminder in due_reminders(morning(LAST_DAY + dt.timedelta(days=7)))
        if reminder.recipient == world.home_affairs
        for hit in reminder.hits
        if hit.item.dossier is not None and hit.rule.audience == "home_affairs"
    }
    assert units == {"Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"}
    saturday = told(LAST_DAY + dt.timedelta(days=5), world.home_affairs)
    assert {audience for _node, audience, _days in saturday} == {"turn"}


def test_who_must_act_is_not_told_of_the_same_task_as_superior(world: World) -> None:
    found = told(LAST_DAY + dt.timedelta(days=1), world.coordinator["so-b"])
    assert found == [("dossier.assign", "turn", -1)]


def test_council_is_late_without_the_unit_hearing_of_it(world: World) -> None:
    world.to(Stage.APPRAISING)
    day = dt.date(2026, 12, 30)
    assert told(day, world.second_appraiser) == [("dossier.appraise", "turn", -1)] * 2
    assert told(day, world.coordinator["so-a"]) == []


def test_deactivated_officer_gives_way_to_the_coordinator_and_to_no_colleague(world: World) -> None:
    colleague = factories.user()
    access.join(colleague, world.units["so-a"], Role.OFFICER)
    User.objects.filter(pk=world.officer["so-a"].pk).update(is_active=False)
    assert told(LAST_DAY, world.officer["so-a"]) == []
    assert told(LAST_DAY, colleague) == []
    assert told(LAST_DAY, world.coordinator["so-a"]) == [("dossier.self_assess", "turn", 0)] * 2


def test_task_that_nobody_of_the_unit_can_do_comes_to_home_affairs(world: World) -> None:
    User.objects.filter(pk=world.coordinator["so-b"].pk).update(is_active=False)
    assert ("dossier.assign", "turn", 0) in told(LAST_DAY, world.home_affairs)


def test_internal_deadline_reminds_within_the_unit_and_the_legal_one_stays_legal(world: World) -> None:
    internal = dt.datetime(2026, 12, 10, tzinfo=clock.LOCAL)
    WorkItem.objects.filter(dossier=world.dossiers["so-a"]).update(due_at=internal)
    officer = world.officer["so-a"]
    assert told(dt.date(2026, 12, 9), officer) == [("dossier.self_assess", "turn", 0)] * 2
    [before] = [row for row in due_reminders(morning(dt.date(2026, 12, 9))) if row.recipient == officer]
    [said] = messages(before)
    assert said.kind == Kind.REMINDER
    assert said.body.endswith("(hạn nội bộ thứ Tư 09/12/2026, hạn theo kế hoạch thứ Hai 14/12/2026)")
    assert told(LAST_DAY, officer) == [("dossier.self_assess", "turn", 0)] * 2
    [last] = [row for row in due_reminders(morning(LAST_DAY)) if row.recipient == officer]
    assert {message.kind for message in messages(last)} == {Kind.LAST_DAY}
    assert told(dt.date(2026, 12, 17), world.home_affairs) == [("cycle.collect", "turn", -3)]


# the notice


def test_one_notice_holds_own_and_others_tasks(world: World) -> None:
    access.join(world.coordinator["so-b"], world.units["so-a"], Role.COORDINATOR)
    with clock.at(morning(LAST_DAY + dt.timedelta(days=1))):
        remind()
    notice = Notice.objects.get(recipient=world.coordinator["so-b"], channel="in_app", kind=Kind.REMINDER)
    assert notice.subject == "Chỉ số CCHC: 1 việc quá hạn, 1 việc cần làm"
    lines = notice.body.splitlines()
    officer = world.officer["so-a"]
    assert lines[2:] == [
        "Các việc đang chờ ông/bà trên phần mềm Chỉ số CCHC:",
        "- Phân công tự đánh giá · Sở Tư pháp: Quá hạn 1 ngày (Thứ Hai 14/12/2026)",
        "",
        "Các việc quá hạn mà ông/bà cần biết:",
        "- Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1: Công tác chỉ đạo điều hành (2 tiêu chí): quá hạn 1 ngày "
        f"(Thứ Hai 14/12/2026); người thực hiện: {officer}",
        "- Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 2: Cải cách thủ tục hành chính (1 tiêu chí): quá hạn 1 ngày "
        f"(Thứ Hai 14/12/2026); người thực hiện: {officer}",
    ]


def test_letter_of_the_night_is_withdrawn_when_the_task_is_done_before_the_morning(world: World) -> None:
    midnight = dt.datetime.combine(LAST_DAY, dt.time(0, 1), clock.LOCAL)
    with clock.at(midnight):
        remind()
    letter = Notice.objects.get(recipient=world.officer["so-a"], channel="email", event="due:2026-12-14")
    assert (letter.state, letter.not_before) == ("queued", dt.datetime(2026, 12, 14, 6, tzinfo=clock.LOCAL))
    WorkItem.objects.filter(dossier=world.dossiers["so-a"], done_at=None).update(done_at=midnight)
    with clock.at(midnight + dt.timedelta(hours=5)):
        remind()
    letter.refresh_from_db()
    assert letter.state == "withdrawn"


def test_rule_speaks_on_its_channels_alone(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    last = world.cycle.reminder_rules.get(when="before", days=0)
    last.channels = ["in_app"]
    last.save()
    with clock.at(morning(LAST_DAY)):
        remind()
    found = Notice.objects.filter(recipient=world.officer["so-a"], event="due:2026-12-14")
    assert list(found.values_list("channel", flat=True)) == ["in_app"]


# wording


def test_text_with_an_unknown_place_is_refused_by_name() -> None:
    [said] = wording.problems("Còn {so_ngay} ngày")
    assert said.startswith("Không có chỗ điền {so_ngay}. Dùng được: {viec}, {don_vi},")


@pytest.mark.parametrize(
    "text", ["{viec.__class__}", "{viec[0]}", "{viec!r}", "{viec:>900}", "{}", "{0}", "{viec", "viec}"]
)
def test_text_can_reach_nothing_but_the_named_places(text: str) -> None:
    assert len(wording.problems(text)) == 1
    with pytest.raises(ValueError, match=r"[{}]"):
        wording.fill(text, {"viec": "x"})


def test_what_is_filled_in_is_never_read_as_a_place() -> None:
    values = dict.fromkeys(wording.PLACES, "{han}")
    assert wording.fill("{viec} {{nguyên văn}}", values) == "{han} {nguyên văn}"


# who may change them


def test_cycle_gets_copies_of_the_shipped_rules_and_gives_them_back(world: World) -> None:
    other = factories.world()
    own_rules(world.cycle, by=world.home_affairs)
    assert [found.words() for found in rules_of([world.cycle])[world.cycle]] == [
        found.words() for found in shipped_rules()
    ]
    with pytest.raises(WrongStage):
        own_rules(world.cycle, by=world.home_affairs)
    save_rule(world.cycle, content(), by=world.home_affairs)
    assert len(rules_of([world.cycle])[world.cycle]) == 10
    assert len(rules_of([other.cycle])[other.cycle]) == 9
    drop_own_rules(world.cycle, by=world.home_affairs)
    assert all(found.pk is None for found in rules_of([world.cycle])[world.cycle])


def test_only_who_manages_the_cycle_changes_its_rules(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    found = world.cycle.reminder_rules.all()[0]
    for person in (world.secretary, world.coordinator["so-a"], world.province):
        with pytest.raises(access.NotAllowed):
            save_rule(world.cycle, content(), by=person)
        with pytest.raises(access.NotAllowed):
            switch(found, on=False, by=person)
        with pytest.raises(access.NotAllowed):
            drop_own_rules(world.cycle, by=person)


def test_rule_that_is_switched_off_says_nothing(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    for found in world.cycle.reminder_rules.filter(days=0):
        switch(found, on=False, by=world.home_affairs)
    assert told(LAST_DAY, world.officer["so-a"]) == []


def test_own_rule_for_one_step_reminds_of_that_step_alone(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    world.cycle.reminder_rules.update(active=False)
    save_rule(world.cycle, content(node="dossier.assign", days=5), by=world.home_affairs)
    day = dt.date(2026, 12, 7)
    assert told(day, world.coordinator["so-b"]) == [("dossier.assign", "turn", 7)]
    assert told(day, world.officer["so-a"]) == []
    Holiday.objects.create(on="2026-12-08", name="Ngày nghỉ thử")
    assert told(day, world.coordinator["so-b"]) == []
    assert told(dt.date(2026, 12, 4), world.coordinator["so-b"]) == [("dossier.assign", "turn", 10)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"days": 91}, "days"),
        ({"when": "after", "days": 0}, "days"),
        ({"repeat": True}, "repeat"),
        ({"channels": []}, "channels"),
        ({"channels": ["bồ câu"]}, "channels"),
        ({"subject": "{khong_co}"}, "subject"),
        ({"body": " "}, "body"),
    ],
)
def test_rule_that_cannot_work_is_refused_on_its_field(world: World, changed: dict[str, Any], field: str) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    with pytest.raises(InvalidInput) as refused:
        save_rule(world.cycle, content(**changed), by=world.home_affairs)
    assert list(refused.value.errors) == [field]


def test_two_people_cannot_overwrite_one_another(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    found = world.cycle.reminder_rules.all()[0]
    save_rule(world.cycle, content(days=9), rule=found, version=0, by=world.home_affairs)
    with pytest.raises(Conflict):
        save_rule(world.cycle, content(days=8), rule=found, version=0, by=world.home_affairs)
    found.refresh_from_db()
    assert (found.days, found.version) == (9, 1)


# screens


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(**changed: Any) -> dict[str, Any]:
    sent = {"channels": ["in_app"], **vars(content()), "version": "0"} | changed
    return {key: value for key, value in sent.items() if key != "active" and value is not False}


def test_rules_are_set_on_screen(world: World) -> None:
    client = signed_in(world.home_affairs)
    rules = reverse("reminder-rules", args=[world.cycle.pk])
    assert len(client.get(rules).context["rows"]) == 9
    assert client.post(rules, {"own": "1"}).status_code == 302
    assert client.post(reverse("reminder-rule-add", args=[world.cycle.pk]), form()).status_code == 302
    made = world.cycle.reminder_rules.get(order=10)
    assert (made.words(), made.channels) == ("Trước hạn 5 ngày làm việc", ["email", "in_app"])
    client.post(reverse("reminder-rule-switch", args=[world.cycle.pk, made.pk]), {"on": "0"})
    made.refresh_from_db()
    assert not made.active
    edit = reverse("reminder-rule", args=[world.cycle.pk, made.pk])
    refused = client.post(edit, form(body="{khong_co}"))
    assert refused.status_code == 422
    assert "Không có chỗ điền {khong_co}" in refused.content.decode()
    assert client.post(edit, form(days=4)).status_code == 302
    made.refresh_from_db()
    assert (made.days, made.active) == (4, False)
    client.post(rules, {"own": "0"})
    assert not world.cycle.reminder_rules.exists()


def test_preview_shows_the_notice_of_a_real_task_and_writes_nothing(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    item = world.item("assign", "so-b")
    sent = form(preview="1", task=str(item.pk), audience="turn", when="after", days=2)
    page = signed_in(world.home_affairs).post(reverse("reminder-rule-add", args=[world.cycle.pk]), sent)
    assert page.status_code == 200
    shown = page.context["preview"]
    assert shown.people == [world.coordinator["so-b"]]
    assert shown.day == dt.date(2026, 12, 16)
    assert shown.message.subject == "1 việc"
    assert "- Phân công tự đánh giá · Sở Tư pháp: Quá hạn 2 ngày" in shown.message.body
    assert world.cycle.reminder_rules.count() == 9


def test_list_of_rules_asks_the_same_number_of_queries_for_nine_and_ten(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    client = signed_in(world.home_affairs)
    address = reverse("reminder-rules", args=[world.cycle.pk])
    client.get(address)
    with django_assert_num_queries(10):
        client.get(address)
    save_rule(world.cycle, content(), by=world.home_affairs)
    with django_assert_num_queries(10):
        assert len(client.get(address).context["rows"]) == 10
