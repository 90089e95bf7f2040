"""Parts of the monitor: the ledger read, waiting, ranking, the plan, today, one unit, exports, views, the letter."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from assessments.errors import InvalidInput
from assessments.models import Dossier
from assessments.services.scores import Entry, attach, save_score
from assessments.stages import Stage
from notifications.models import Notice
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import clock
from units.access import NotAllowed
from workflow import actions
from workflow.monitor import history
from workflow.monitor.memory import DayDone, DossierProgress, SavedView, StepTime
from workflow.monitor.ranking import ranking, shares
from workflow.monitor.saved import add_view, change_view, delete_view, views_for
from workflow.monitor.standings import standings
from workflow.monitor.timeline import phases
from workflow.monitor.today import needs
from workflow.monitor.unit import unit_view
from workflow.monitor.waiting import stage_times, unit_times
from workflow.monitor.weekly import messages, send_weekly

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 12, 7, 7, tzinfo=clock.LOCAL)
LATE = dt.datetime(2026, 12, 16, 9, tzinfo=clock.LOCAL)


def later(days: int) -> dt.datetime:
    return factories.WORKDAY + dt.timedelta(days=days)


# what the ledger tells


def test_criterion_counts_on_the_day_it_first_became_done(world: World) -> None:
    officer, dossier = world.officer["so-a"], world.dossiers["so-a"]
    with clock.at(later(1)):  # points above zero without a proof: not done yet
        saved = save_score(world.score("1.1.1"), Entry({"met": "có"}), version=0, by=officer)
    with clock.at(later(2)):
        attach(saved, factories.document(world.units["so-a"], by=officer), quote="", by=officer)
    with clock.at(later(3)):  # zero points need no proof
        save_score(world.score("2.1.1"), Entry({"count": "0"}), version=0, by=officer)
    with clock.at(later(4)):  # a criterion that was done once is not counted again
        fresh = world.score("1.1.1")
        save_score(fresh, Entry({"met": "có"}, explanation="Theo báo cáo."), version=fresh.version, by=officer)
    history.gather()
    days = DayDone.objects.filter(dossier=dossier).values_list("on", "criteria")
    assert list(days) == [(later(2).date(), 1), (later(3).date(), 1)]
    kept = DossierProgress.objects.get(dossier=dossier)
    assert (kept.done, kept.total) == (2, 3)


def test_gather_reads_only_chains_that_have_grown(world: World) -> None:
    assert history.gather() == 3
    assert history.gather() == 0
    save_score(world.score("1.1.1"), Entry({"met": "có"}), version=0, by=world.officer["so-a"])
    assert history.grown() == [world.dossiers["so-a"].pk]


def test_count_dossiers_asks_the_same_queries_for_one_and_three(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = history.grown()
    history.gather()
    for some in (keys[:1], keys):
        with django_assert_num_queries(7):
            history.count_dossiers(some)


def test_time_at_a_step_adds_up_over_its_visits(world: World) -> None:
    with clock.at(later(4)):
        world.to(Stage.CHECKING)
    history.gather()
    kept = StepTime.objects.get(dossier=world.dossiers["so-a"], stage=Stage.SELF_ASSESSING)
    assert (kept.visits, kept.seconds) == (1, 4 * 24 * 3600)


# where dossiers wait


def test_median_is_the_middle_of_finished_visits(world: World) -> None:
    StepTime.objects.all().delete()
    for unit, hours in (("so-a", 24), ("so-b", 48), ("huyen-c", 120)):
        StepTime.objects.create(dossier=world.dossiers[unit], stage=Stage.CHECKING, visits=1, seconds=hours * 3600)
    rows = standings(world.cycle)
    found = {row.stage: row for row in stage_times(world.cycle, None, rows, None)}
    assert found[Stage.CHECKING].median == Decimal("2.0")
    assert found[Stage.CHECKING].finished == 3
    assert (found[Stage.ASSIGNING].here, found[Stage.SELF_ASSESSING].here) == (2, 1)
    StepTime.objects.filter(dossier=world.dossiers["huyen-c"]).delete()
    found = {row.stage: row for row in stage_times(world.cycle, None, rows, None)}
    assert found[Stage.CHECKING].median == Decimal("1.5")


def test_last_years_times_stand_beside_this_years(world: World) -> None:
    before = factories.world().open()
    StepTime.objects.create(dossier=before.dossiers["so-a"], stage=Stage.ASSIGNING, visits=1, seconds=3 * 24 * 3600)
    Dossier.objects.filter(pk=before.dossiers["so-a"].pk).update(unit=world.units["so-a"])
    with clock.at(later(2)):
        row = next(row for row in standings(world.cycle) if row.unit_id == world.units["so-a"].pk)
        cells = unit_times(world.cycle, before.cycle, [row])[0].cells
    assert cells[0].before == Decimal("3.0")
    assert (cells[1].is_here, cells[1].days) == (True, Decimal("2.0"))


# who was in time


def test_ranking_goes_by_days_before_the_own_deadline(world: World) -> None:
    with clock.at(later(1)):
        for unit in ("so-a", "huyen-c"):
            world.to(Stage.READY, unit)
    Dossier.objects.filter(pk=world.dossiers["huyen-c"].pk).update(
        submitted_at=dt.datetime(2026, 12, 16, 9, tzinfo=clock.LOCAL), stage=Stage.APPRAISING
    )
    Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(
        submitted_at=dt.datetime(2026, 12, 12, 9, tzinfo=clock.LOCAL), stage=Stage.APPRAISING
    )
    with clock.at(LATE):
        rows = standings(world.cycle)
    found = [(row.standing.unit, row.rank, row.words) for row in ranking(rows)]
    assert found == [
        ("Sở Nội vụ", 1, "Sớm 2 ngày"),
        ("UBND huyện Lệ Thủy", 2, "Trễ 2 ngày"),
        ("Sở Tư pháp", None, ""),
    ]
    assert [(share.units, share.sent, share.in_time, share.missing) for share in shares(rows)] == [
        (2, 1, 1, 1),
        (1, 1, 0, 0),
    ]


# the plan


def test_phase_is_late_when_it_runs_past_its_day(world: World) -> None:
    with clock.at(LATE):
        own = phases(world.cycle)[0]
        assert own.state(clock.today()) == "late"
        assert own.words(clock.today()) == "Đang làm, trễ 2 ngày"
    assert own.words(dt.date(2026, 12, 14)) == "Đang làm"
    assert [phase.words(dt.date(2026, 12, 14)) for phase in phases(world.cycle)[1:]] == [
        "Chưa bắt đầu",
        "Đang làm",
        "Chưa bắt đầu",
    ]


# today


def test_needs_name_the_late_and_lead_to_them(world: World) -> None:
    with clock.at(LATE):
        found = needs(world.home_affairs, world.cycle, standings(world.cycle))
    late = next(need for need in found if "quá hạn" in need.title)
    assert late.title == "3 đơn vị quá hạn, chưa gửi hồ sơ"
    assert late.text == "Sở Nội vụ, Sở Tư pháp, UBND huyện Lệ Thủy"
    assert (late.button, late.url) == ("Đôn đốc", f"{reverse('nudges', args=[world.cycle.pk])}?loc=chua-gui")
    assert "Kết thúc nhận hồ sơ" in [need.title for need in found]


def test_late_units_come_to_don_doc_chosen_and_nobody_else(world: World, as_user: SignIn) -> None:
    until = dt.date(2026, 12, 20)
    actions.extend(world.cycle, [world.units["so-b"]], until=until, reason="Lũ.", by=world.home_affairs)
    world.to(Stage.APPRAISING, "so-a")
    with clock.at(LATE):
        rows = standings(world.cycle)
        late = next(need for need in needs(world.home_affairs, world.cycle, rows) if "chưa gửi" in need.title)
        page = as_user(world.home_affairs).get(late.url)
        seen = next(need for need in needs(world.chair, world.cycle, rows) if "chưa gửi" in need.title)
        assert as_user(world.chair).get(seen.url).status_code == 200
    assert [(row["row"].dossier.unit.code, row["chosen"]) for row in page.context["rows"]] == [("huyen-c", True)]
    assert seen.button == "Xem đơn vị"
    assert "tinh_trang=missing" in seen.url


def test_unit_that_owes_a_supplement_is_not_among_those_without_a_dossier(world: World, as_user: SignIn) -> None:
    world.to(Stage.REVIEWING, "so-a")
    actions.request_supplement(
        world.item("review"),
        {world.score("1.1.1").pk: "Gửi thêm tài liệu."},
        due_on=dt.date(2026, 12, 10),
        by=world.secretary,
    )
    with clock.at(LATE):
        client = as_user(world.home_affairs)
        late = client.get(reverse("nudges", args=[world.cycle.pk]) + "?loc=tre").context["rows"]
        unsent = client.get(reverse("nudges", args=[world.cycle.pk]) + "?loc=chua-gui").context["rows"]
    assert [row["row"].dossier.unit.code for row in late] == ["so-a", "so-b", "huyen-c"]
    assert [row["row"].dossier.unit.code for row in unsent] == ["so-b", "huyen-c"]


def test_needs_offer_the_steps_of_the_cycle_only_to_whose_turn_it_is(world: World) -> None:
    rows = standings(world.cycle)
    assert "Kết thúc nhận hồ sơ" not in [need.title for need in needs(world.province, world.cycle, rows)]


def test_dossier_that_stands_still_is_named_after_five_days(world: World) -> None:
    with clock.at(later(1)):
        world.to(Stage.CHECKING)
    with clock.at(later(5)):
        assert not [n for n in needs(world.chair, world.cycle, standings(world.cycle)) if "rà soát" in n.title]
    with clock.at(later(6)):
        found = [n.title for n in needs(world.chair, world.cycle, standings(world.cycle)) if "rà soát" in n.title]
    assert found == ["Sở Nội vụ: 5 ngày ở bước rà soát"]


# one unit from above


def test_unit_page_tells_who_has_what_but_no_content(world: World, as_user: SignIn) -> None:
    world.fill()
    where = reverse("monitor-unit", args=[world.cycle.pk, world.units["so-a"].pk])
    page = as_user(world.province).get(where).content.decode()
    assert str(world.officer["so-a"]) in page
    assert "Theo báo cáo số 12." not in page
    found = unit_view(world.dossier())
    assert [(domain.code, domain.progress.done, domain.progress.total) for domain in found.domains] == [
        ("1", 2, 2),
        ("2", 1, 1),
    ]
    assert as_user(world.coordinator["so-a"]).get(where).status_code == 404


def test_unit_of_another_cycle_is_not_found(world: World, as_user: SignIn) -> None:
    other = factories.world().open()
    where = reverse("monitor-unit", args=[world.cycle.pk, other.units["so-a"].pk])
    assert as_user(world.home_affairs).get(where).status_code == 404


# what is taken away


def test_workbook_holds_exactly_what_the_filter_leaves(world: World, as_user: SignIn) -> None:
    where = reverse("monitor-workbook", args=[world.cycle.pk])
    answer = as_user(world.home_affairs).get(where, {"tim": "tu phap"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert "1 đơn vị · Tên đơn vị: tu phap" in str(rows[1][0])
    assert [row[:3] for row in rows if row and row[0] == 1] == [[1, "Sở Tư pháp", "Phân công"]]
    assert not [row for row in rows if "Sở Nội vụ" in row]


def test_pdf_is_made_with_the_filter(world: World, as_user: SignIn) -> None:
    where = reverse("monitor-pdf", args=[world.cycle.pk])
    answer = as_user(world.home_affairs).get(where, {"tinh_trang": "pending"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


# saved views


def test_view_keeps_only_what_the_filter_knows(world: World) -> None:
    by = world.home_affairs
    view = add_view(world.cycle, name=" Quá hạn ", query="tinh_trang=missing&page=3&x=1", shared=False, by=by)
    assert (view.name, view.query) == ("Quá hạn", "tinh_trang=missing")
    assert list(views_for(world.chair, world.cycle)) == []
    change_view(view, name="Trễ", shared=True, by=by)
    assert list(views_for(world.chair, world.cycle)) == [view]


def test_name_of_a_view_is_used_once_by_a_person(world: World) -> None:
    by = world.home_affairs
    add_view(world.cycle, name="Quá hạn", query="", shared=False, by=by)
    with pytest.raises(InvalidInput) as caught:
        add_view(world.cycle, name="Quá hạn", query="", shared=False, by=by)
    assert list(caught.value.errors) == ["name"]
    assert add_view(world.cycle, name="Quá hạn", query="", shared=False, by=world.chair).pk


def test_only_the_owner_changes_or_deletes_a_view(world: World) -> None:
    view = add_view(world.cycle, name="Quá hạn", query="", shared=True, by=world.home_affairs)
    with pytest.raises(NotAllowed):
        delete_view(view, by=world.chair)
    with pytest.raises(NotAllowed):
        change_view(view, name="x", shared=False, by=world.chair)
    delete_view(view, by=world.home_affairs)
    assert not SavedView.objects.exists()


def test_views_are_kept_renamed_and_deleted_on_screen(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    listing = reverse("monitor-views", args=[world.cycle.pk])
    answer = client.post(listing, {"name": "Sở chậm", "query": "tinh_trang=missing", "shared": "on"})
    assert answer.headers["Location"] == reverse("monitor", args=[world.cycle.pk]) + "?tinh_trang=missing"
    refused = client.post(listing, {"name": "Sở chậm", "query": "buoc=2"})
    assert refused.status_code == 422
    assert 'value="buoc=2"' in refused.content.decode()
    view = SavedView.objects.get()
    client.post(reverse("monitor-view", args=[world.cycle.pk, view.pk]), {"name": "Chậm"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("Chậm", False, "tinh_trang=missing")
    other = as_user(world.chair).post(reverse("monitor-view-delete", args=[world.cycle.pk, view.pk]))
    assert other.status_code == 404
    client.post(reverse("monitor-view-delete", args=[world.cycle.pk, view.pk]))
    assert not SavedView.objects.exists()


# the weekly letter


def test_letter_goes_once_a_week_to_everybody_who_watches(world: World) -> None:
    watchers = {person.pk for person in (world.home_affairs, world.province, world.secretary, world.chair)}
    with clock.at(MONDAY - dt.timedelta(minutes=1)):
        assert send_weekly() == 0
    with clock.at(MONDAY):
        assert send_weekly() > 0
        assert send_weekly() == 0
    sent = Notice.objects.filter(event=f"monitor-week:{world.cycle.pk}:2026-W50")
    assert set(sent.values_list("recipient", flat=True)) == watchers
    with clock.at(MONDAY + dt.timedelta(days=1)):
        assert send_weekly() == 0
    with clock.at(MONDAY + dt.timedelta(days=7)):
        assert send_weekly() > 0


def test_letter_of_a_monday_without_a_sweep_goes_on_the_next_day_once(world: World) -> None:
    def letters(week: str) -> int:
        return Notice.objects.filter(event=f"monitor-week:{world.cycle.pk}:{week}", channel="in_app").count()

    with clock.at(MONDAY + dt.timedelta(days=2, minutes=-1)):
        assert send_weekly() == 0  # Wednesday, before seven
    for day in (2, 2, 3, 6):  # Wednesday twice, Thursday, Sunday
        with clock.at(MONDAY + dt.timedelta(days=day)):
            send_weekly()
        assert letters("2026-W50") == 4
    assert "đến Thứ Tư 09/12/2026" in Notice.objects.filter(channel="in_app").latest("pk").body
    with clock.at(MONDAY + dt.timedelta(days=7)):
        assert send_weekly() > 0
    assert letters("2026-W51") == 4


def test_cycle_opened_after_monday_waits_for_the_next_letter(world: World) -> None:
    world.cycle.opened_at = MONDAY
    world.cycle.save()
    with clock.at(MONDAY + dt.timedelta(days=1)):
        assert send_weekly() == 0
    with clock.at(MONDAY + dt.timedelta(days=7)):
        assert send_weekly() > 0


def test_letter_says_who_is_late(world: World) -> None:
    with clock.at(LATE):
        message = messages(world.cycle, [world.chair], clock.today())[0]
    assert message.subject == "Chỉ số CCHC: tiến độ tuần, 0/3 đơn vị đã gửi, 3 quá hạn"
    assert "Quá hạn, chưa gửi (3 đơn vị):\n- Sở Nội vụ\n- Sở Tư pháp\n- UBND huyện Lệ Thủy" in message.body


def test_preview_of_the_letter_sends_nothing(world: World, as_user: SignIn) -> None:
    before = Notice.objects.count()
    page = as_user(world.province).get(reverse("monitor-letter", args=[world.cycle.pk])).content.decode()
    assert "0 trong 3 đơn vị" in page
    assert Notice.objects.count() == before
