"""Consultation on a draft: who may say what until when, what is answered, what is seen, and what is printed."""

from __future__ import annotations

import copy
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace

import docx
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker
from zeal import zeal_context

from criteria import documents
from criteria.consolidated import consolidate
from criteria.consultation import Comment, Consultation
from criteria.consulting import (
    Entry,
    answer_comment,
    close,
    code_order,
    open_consultation,
    prolong,
    publish_answers,
    save_comment,
    save_comments,
    unit_counts,
    window_words,
)
from criteria.editing import edit_criterion, remove_criterion
from criteria.errors import Closed, Conflict, InvalidInput
from criteria.models import CriteriaSet, Criterion
from criteria.services import freeze
from criteria.setdata import find
from criteria.trees import read_set
from criteria.visibility import comments_for, consultations_for, sets_for
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import UnitGroup, User
from units.permissions import Role

pytestmark = pytest.mark.django_db

# Asked from 1 to 14 December 2026, both days whole.
FIRST, LAST = dt.date(2026, 12, 1), dt.date(2026, 12, 14)
BEFORE = dt.datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=clock.LOCAL)
BEGIN = dt.datetime(2026, 12, 1, tzinfo=clock.LOCAL)
NOON = dt.datetime(2026, 12, 5, 12, tzinfo=clock.LOCAL)
LAST_SECOND = dt.datetime(2026, 12, 14, 23, 59, 59, tzinfo=clock.LOCAL)
TOO_LATE = dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)
KINDS = Comment.Answer


class Asked:
    """A province with a draft that is out for comment to the sở; the huyện is not asked."""

    def __init__(self) -> None:
        self.world: World = factories.world()
        self.draft: CriteriaSet = self.world.cycle.groups.get(group__code__startswith="cap-so").criteria_set
        self.keeper: User = factories.user()
        access.join(self.keeper, self.world.cycle.province, Role.CRITERIA)
        self.group: UnitGroup = self.world.units["so-a"].group  # type: ignore[assignment]
        with clock.at(NOON - dt.timedelta(days=10)):
            self.consultation: Consultation = open_consultation(
                self.draft, opens_on=FIRST, closes_on=LAST, groups=[self.group], note="Xin góp ý.", by=self.keeper
            )

    def criterion(self, code: str) -> Criterion:
        return Criterion.objects.get(criteria_set=self.draft, code=code)

    def say(self, body: str, code: str = "1.1.1", unit: str = "so-a", seen: int = 0, by: User | None = None) -> Comment:
        made = save_comment(
            self.consultation,
            self.world.units[unit],
            self.criterion(code) if code else None,
            body=body,
            seen_version=seen,
            by=by or self.world.coordinator[unit],
        )
        assert made is not None
        return made


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Asked]:
    with factories.standing(django_db_blocker, Asked) as made:
        yield made


@pytest.fixture
def asked(standing: Asked, db: None) -> Iterator[Asked]:
    with clock.at(NOON):
        yield copy.deepcopy(standing)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# Opening ---------------------------------------------------------------------------------------------


def other_draft(asked: Asked) -> CriteriaSet:
    return factories.criteria_set("bo-khac")


def test_open_is_for_keepers_of_the_criteria(asked: Asked) -> None:
    draft = other_draft(asked)
    with pytest.raises(NotAllowed):
        open_consultation(draft, opens_on=FIRST, closes_on=LAST, groups=[asked.group], by=asked.world.home_affairs)
    made = open_consultation(draft, opens_on=FIRST, closes_on=LAST, groups=[asked.group], by=asked.keeper)
    assert list(made.groups.all()) == [asked.group]
    assert window_words(made) == "từ thứ Ba 01/12/2026 đến hết ngày thứ Hai 14/12/2026"


def test_open_of_a_frozen_set_is_refused(asked: Asked) -> None:
    draft = freeze(other_draft(asked), by=asked.keeper)
    with pytest.raises(Closed):
        open_consultation(draft, opens_on=FIRST, closes_on=LAST, groups=[asked.group], by=asked.keeper)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (dt.date(2026, 12, 8), dt.date(2026, 12, 7), "closes_on"),
        (dt.date(2026, 12, 1), dt.date(2026, 12, 4), "closes_on"),
    ],
)
def test_open_with_days_that_make_no_sense_is_refused(asked: Asked, first: dt.date, last: dt.date, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_consultation(other_draft(asked), opens_on=first, closes_on=last, groups=[asked.group], by=asked.keeper)
    assert list(refused.value.errors) == [field]


def test_open_without_units_to_ask_is_refused(asked: Asked) -> None:
    draft, empty = other_draft(asked), UnitGroup.objects.create(code="trong", name="Nhóm trống")
    for groups in ([], [empty]):
        with pytest.raises(InvalidInput) as refused:
            open_consultation(draft, opens_on=FIRST, closes_on=LAST, groups=groups, by=asked.keeper)
        assert list(refused.value.errors) == ["groups"]


def test_second_consultation_waits_for_the_end_of_the_first(asked: Asked) -> None:
    again = {"opens_on": dt.date(2026, 12, 20), "closes_on": dt.date(2026, 12, 24), "groups": [asked.group]}
    with pytest.raises(InvalidInput, match="đang có một đợt lấy ý kiến"):
        open_consultation(asked.draft, **again, by=asked.keeper)
    with clock.at(TOO_LATE):
        open_consultation(asked.draft, **again, by=asked.keeper)
    assert asked.draft.consultations.count() == 2


# The window ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instant", [BEGIN, NOON, LAST_SECOND], ids=["begin", "noon", "last second"])
def test_comment_inside_the_window_is_taken(asked: Asked, instant: dt.datetime) -> None:
    with clock.at(instant):
        comment = asked.say("Đồng ý.")
    assert (comment.body, comment.code, comment.name) == ("Đồng ý.", "1.1.1", "Ban hành kế hoạch")


@pytest.mark.parametrize("instant", [BEFORE, TOO_LATE], ids=["before", "after"])
def test_comment_outside_the_window_is_refused(asked: Asked, instant: dt.datetime) -> None:
    with clock.at(instant), pytest.raises(Closed, match="đến hết ngày thứ Hai 14/12/2026"):
        asked.say("Đồng ý.")
    assert asked.consultation.comments.count() == 0


def test_early_close_ends_the_window_at_once(asked: Asked) -> None:
    with pytest.raises(NotAllowed):
        close(asked.consultation, by=asked.world.home_affairs)
    closed = close(asked.consultation, by=asked.keeper)
    assert (closed.closed_at, closed.ends_at, closed.has_ended(NOON)) == (NOON, NOON, True)
    with pytest.raises(Closed):
        asked.say("Đồng ý.")
    with pytest.raises(Closed):
        prolong(asked.consultation, closes_on=dt.date(2026, 12, 20), by=asked.keeper)


def test_prolonged_window_takes_comments_again(asked: Asked) -> None:
    with clock.at(TOO_LATE):
        with pytest.raises(NotAllowed):
            prolong(asked.consultation, closes_on=dt.date(2026, 12, 16), by=asked.world.coordinator["so-a"])
        with pytest.raises(InvalidInput):
            prolong(asked.consultation, closes_on=LAST, by=asked.keeper)
        prolong(asked.consultation, closes_on=dt.date(2026, 12, 15), by=asked.keeper)
        assert asked.say("Đồng ý.").pk


def test_freezing_the_draft_ends_its_consultation(asked: Asked) -> None:
    foreign = asked.say("Của B.", unit="so-b")
    freeze(asked.draft, by=asked.keeper)
    asked.consultation.refresh_from_db()
    assert asked.consultation.ends_at == NOON
    with pytest.raises(Closed):
        asked.say("Đồng ý.")
    assert list(comments_for(asked.world.officer["so-a"], asked.consultation)) == [foreign]


# Commenting ------------------------------------------------------------------------------------------


def test_comment_is_for_coordinators_of_asked_units(asked: Asked) -> None:
    world = asked.world
    for by in (world.head["so-a"], world.officer["so-a"], world.coordinator["so-b"], asked.keeper):
        with pytest.raises(NotAllowed):
            asked.say("Ý kiến.", by=by)
    with pytest.raises(NotAllowed):
        asked.say("Ý kiến.", unit="huyen-c")
    assert asked.say("Ý kiến.").written_by == world.coordinator["so-a"]


def test_comment_is_one_for_each_unit_and_criterion(asked: Asked) -> None:
    asked.say("Lần một.")
    again = asked.say("Lần hai.", seen=1)
    asked.say("Của sở khác.", unit="so-b")
    asked.say("Chung.", code="")
    assert (again.version, asked.consultation.comments.count()) == (2, 3)


def test_comment_over_a_colleagues_is_refused_with_what_stands(asked: Asked) -> None:
    asked.say("Của đồng nghiệp.")
    with pytest.raises(Conflict) as refused:
        asked.say("Của tôi.", seen=0)
    assert refused.value.current.body == "Của đồng nghiệp."
    assert asked.consultation.comments.get().body == "Của đồng nghiệp."


def test_comment_sent_twice_stays_one(asked: Asked) -> None:
    first, second = asked.say("Như nhau."), asked.say("Như nhau.")
    assert (first.pk, first.version) == (second.pk, second.version)


def test_empty_comment_takes_it_back_until_it_is_answered(asked: Asked) -> None:
    unit, by, criterion = asked.world.units["so-a"], asked.world.coordinator["so-a"], asked.criterion("1.1.1")
    asked.say("Ý kiến.")
    assert save_comment(asked.consultation, unit, criterion, body=" \n ", seen_version=1, by=by) is None
    assert asked.consultation.comments.count() == 0
    comment = asked.say("Ý kiến.")
    answer_comment(comment, answer=KINDS.EXPLAINED, text="Giữ nguyên.", seen_version=0, by=asked.keeper)
    with pytest.raises(InvalidInput, match="không rút được"):
        save_comment(asked.consultation, unit, criterion, body="", seen_version=1, by=by)


def test_comment_changed_after_its_answer_is_marked(asked: Asked) -> None:
    comment = asked.say("Ý kiến.")
    answered = answer_comment(comment, answer=KINDS.ACCEPTED, text="Đã sửa.", seen_version=0, by=asked.keeper)
    assert not answered.answer_is_stale
    with clock.at(NOON + dt.timedelta(hours=1)):
        changed = asked.say("Ý kiến khác.", seen=1)
    assert (changed.answer, changed.answer_is_stale) == (KINDS.ACCEPTED, True)


def test_page_of_comments_keeps_what_it_can(asked: Asked) -> None:
    asked.say("Của đồng nghiệp.", code="1.1.1")
    saved, refused = save_comments(
        asked.consultation,
        asked.world.units["so-a"],
        [Entry(asked.criterion("1.1.1"), "Của tôi.", 0), Entry(asked.criterion("1.1.2"), "Thêm.", 0)],
        by=asked.world.coordinator["so-a"],
    )
    assert (saved, list(refused)) == (1, [asked.criterion("1.1.1").pk])
    assert sorted(asked.consultation.comments.values_list("code", "body")) == [
        ("1.1.1", "Của đồng nghiệp."),
        ("1.1.2", "Thêm."),
    ]


# Answering -------------------------------------------------------------------------------------------


def test_answer_is_for_keepers_and_needs_words(asked: Asked) -> None:
    comment = asked.say("Ý kiến.")
    with pytest.raises(NotAllowed):
        answer_comment(comment, answer=KINDS.ACCEPTED, text="Có.", seen_version=0, by=asked.world.home_affairs)
    for answer, text, field in (("", "Có.", "answer"), (KINDS.PARTLY, "  ", "text")):
        with pytest.raises(InvalidInput) as refused:
            answer_comment(comment, answer=answer, text=text, seen_version=0, by=asked.keeper)
        assert list(refused.value.errors) == [field]
    made = answer_comment(comment, answer=KINDS.PARTLY, text="Một phần.", seen_version=0, by=asked.keeper)
    assert (made.answer, made.answer_text, made.answered_by, made.answered_at) == (
        "partly",
        "Một phần.",
        asked.keeper,
        NOON,
    )


def test_answer_over_a_colleagues_is_refused(asked: Asked) -> None:
    comment = asked.say("Ý kiến.")
    answer_comment(comment, answer=KINDS.ACCEPTED, text="Một.", seen_version=0, by=asked.keeper)
    with pytest.raises(Conflict) as refused:
        answer_comment(comment, answer=KINDS.EXPLAINED, text="Hai.", seen_version=0, by=asked.keeper)
    assert refused.value.current.answer_text == "Một."


def test_answers_are_published_when_all_are_there(asked: Asked) -> None:
    with pytest.raises(InvalidInput, match="Chưa có ý kiến"):
        publish_answers(asked.consultation, by=asked.keeper)
    comment = asked.say("Ý kiến.")
    with pytest.raises(InvalidInput, match="Còn 1 ý kiến"):
        publish_answers(asked.consultation, by=asked.keeper)
    answer_comment(comment, answer=KINDS.ACCEPTED, text="Đã sửa.", seen_version=0, by=asked.keeper)
    with pytest.raises(NotAllowed):
        publish_answers(asked.consultation, by=asked.world.coordinator["so-a"])
    published = publish_answers(asked.consultation, by=asked.keeper)
    assert (published.answers_published_at, published.shows_answers(NOON)) == (NOON, True)


# Who sees what ---------------------------------------------------------------------------------------


def test_draft_is_read_by_asked_units_while_they_are_asked(asked: Asked) -> None:
    world = asked.world
    readers = [world.officer["so-a"], world.head["so-b"], asked.keeper]
    others = [world.officer["huyen-c"], world.investigator, factories.user()]
    for instant, seen in ((BEFORE, [False, False, True]), (BEGIN, [True] * 3), (LAST_SECOND, [True] * 3)):
        with clock.at(instant):
            assert [sets_for(user).filter(pk=asked.draft.pk).exists() for user in readers] == seen
            assert not any(sets_for(user).filter(pk=asked.draft.pk).exists() for user in others)
    with clock.at(TOO_LATE):
        assert [sets_for(user).filter(pk=asked.draft.pk).exists() for user in readers] == [False, False, True]
        assert [consultations_for(user).exists() for user in readers] == [True, True, True]
        assert not any(consultations_for(user).exists() for user in others)


def test_foreign_comments_are_hidden_until_the_end(asked: Asked) -> None:
    mine, foreign = asked.say("Của A."), asked.say("Của B.", unit="so-b")
    reader = asked.world.officer["so-a"]
    assert list(comments_for(reader, asked.consultation)) == [mine]
    assert list(comments_for(asked.keeper, asked.consultation)) == [mine, foreign]
    with clock.at(LAST_SECOND):
        assert list(comments_for(reader, asked.consultation)) == [mine]
    with clock.at(TOO_LATE):
        assert list(comments_for(reader, asked.consultation)) == [mine, foreign]


def test_counts_name_every_asked_unit(asked: Asked) -> None:
    answer_comment(asked.say("Một."), answer=KINDS.ACCEPTED, text="Đã sửa.", seen_version=0, by=asked.keeper)
    asked.say("Hai.", code="2.1.1")
    counts = [(row.unit.name, row.comments, row.answered) for row in unit_counts(asked.consultation)]
    assert counts == [("Sở Nội vụ", 2, 1), ("Sở Tư pháp", 0, 0)]


# What a comment changes ------------------------------------------------------------------------------


def test_change_names_the_comments_that_asked_for_it(asked: Asked) -> None:
    first, second = asked.say("Sửa tên."), asked.say("Sửa tên đi.", unit="so-b")
    node = find(read_set(asked.draft), "1.1.1")
    assert node is not None
    edit_criterion(
        asked.draft,
        "1.1.1",
        replace(node, name="Tên theo góp ý"),
        seen=None,
        comments=[first.pk, second.pk],
        by=asked.keeper,
    )
    change = first.changes.get()
    assert (second.changes.get(), change.before["name"], change.after["name"]) == (
        change,
        "Ban hành kế hoạch",
        "Tên theo góp ý",
    )


def test_comment_of_another_draft_is_not_linked(asked: Asked) -> None:
    comment = asked.say("Sửa tên.")
    other = other_draft(asked)
    node = find(read_set(other), "1.1.1")
    assert node is not None
    edit_criterion(other, "1.1.1", replace(node, name="Khác"), seen=None, comments=[comment.pk], by=asked.keeper)
    assert comment.changes.count() == 0


def test_comment_outlives_the_criterion_that_it_asked_to_remove(asked: Asked) -> None:
    comment = asked.say("Đề nghị bỏ.", code="2.1.2")
    remove_criterion(asked.draft, "2.1.2", seen=None, comments=[comment.pk], by=asked.keeper)
    comment.refresh_from_db()
    assert (comment.criterion, comment.code, comment.name) == (None, "2.1.2", "Mức độ hài lòng")
    assert comment.changes.get().kind == "removed"


# The consolidated table ------------------------------------------------------------------------------


@pytest.fixture
def table(asked: Asked) -> Asked:
    """Comments with answers and a change, in an order that is not that of the table."""
    node = find(read_set(asked.draft), "1.1.1")
    assert node is not None
    asked.say("Giảm điểm.", code="2.1.1", unit="so-b")
    first = asked.say("=SUM(A1:A9)\nDòng hai")
    asked.say("Nhất trí.", code="")
    edit_criterion(
        asked.draft, "1.1.1", replace(node, guidance="Xem ngày ký."), seen=None, comments=[first.pk], by=asked.keeper
    )
    answer_comment(first, answer=KINDS.ACCEPTED, text="Đã thêm hướng dẫn.", seen_version=0, by=asked.keeper)
    return asked


ROWS = [
    ("1", "Ý kiến chung về dự thảo", "Sở Nội vụ", "Nhất trí.", "Chưa trả lời", ""),
    (
        "2",
        "1.1.1. Ban hành kế hoạch",
        "Sở Nội vụ",
        "=SUM(A1:A9)\nDòng hai",
        "Tiếp thu: Đã thêm hướng dẫn.",
        "Sửa 1.1.1: hướng dẫn: (trống) → Xem ngày ký.",
    ),
    ("3", "2.1.1. Niêm yết công khai", "Sở Tư pháp", "Giảm điểm.", "Chưa trả lời", ""),
]


def test_word_table_has_the_head_of_the_decree_and_every_comment(table: Asked) -> None:
    document = docx.Document(io.BytesIO(documents.word(consolidate(table.consultation, by=table.keeper))))
    head, comments = document.tables
    assert [cell.text.strip() for cell in head.rows[0].cells] == [
        "UBND TỈNH THỬ NGHIỆM\nSỞ NỘI VỤ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc",
    ]
    assert head.rows[1].cells[1].text == "Thử Nghiệm, ngày 05 tháng 12 năm 2026"
    assert [tuple(cell.text for cell in row.cells) for row in comments.rows[1:]] == ROWS
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:3] == [
        "BẢNG TỔNG HỢP, TIẾP THU, GIẢI TRÌNH",
        "Ý kiến góp ý dự thảo Bộ chỉ số thử năm 2026",
        "(Bộ chỉ số minh họa, không phải bộ chỉ số chính thức.)",
    ]
    assert texts[4] == "Số đơn vị được lấy ý kiến: 2; số đơn vị góp ý: 2; tổng số ý kiến: 3."
    assert texts[5] == "Tiếp thu: 1; tiếp thu một phần: 0; giải trình: 0; chưa trả lời: 2."
    section = document.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [297, 210]  # type: ignore[union-attr]
    assert section.different_first_page_header_footer
    assert document.styles["Normal"].font.name == "Times New Roman"  # type: ignore[attr-defined]


def test_excel_table_has_every_comment_as_text(table: Asked) -> None:
    book = openpyxl.load_workbook(io.BytesIO(documents.excel(consolidate(table.consultation, by=table.keeper))))
    rows = list(book.active.iter_rows())  # type: ignore[union-attr]
    start = next(number for number, row in enumerate(rows) if row[0].value == "STT") + 1
    found = [tuple(str(cell.value or "") for cell in row) for row in rows[start:]]
    assert found == ROWS
    assert rows[start + 1][3].data_type == "s"
    assert rows[2][0].value == "Bộ chỉ số minh họa, không phải bộ chỉ số chính thức."


def test_table_without_comments_says_so(asked: Asked) -> None:
    document = docx.Document(io.BytesIO(documents.word(consolidate(asked.consultation, by=asked.keeper))))
    assert [cell.text for cell in document.tables[1].rows[1].cells][1] == "Không có ý kiến góp ý."


def test_codes_are_ordered_as_they_are_read() -> None:
    codes = ["1.10", "B.1", "", "1.2", "2", "1.2.1", "A.2"]
    assert sorted(codes, key=code_order) == ["", "1.2", "1.2.1", "1.10", "2", "A.2", "B.1"]


# Screens ---------------------------------------------------------------------------------------------


def comment_url(asked: Asked, unit: str = "so-a", domain: str = "1") -> str:
    return reverse("consultation-comment", args=[asked.consultation.pk, asked.world.units[unit].pk, domain])


def test_comment_page_is_for_the_units_coordinator(asked: Asked) -> None:
    world = asked.world
    assert client_of(world.coordinator["so-a"]).get(comment_url(asked)).status_code == 200
    for user in (world.head["so-a"], world.coordinator["so-b"], world.coordinator["huyen-c"], asked.keeper):
        assert client_of(user).get(comment_url(asked)).status_code == 404
    anonymous = Client().get(comment_url(asked))
    assert (anonymous.status_code, anonymous.headers["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_comment_page_saves_and_goes_on(asked: Asked) -> None:
    client, pk = client_of(asked.world.coordinator["so-a"]), asked.criterion("1.1.1").pk
    answer = client.post(comment_url(asked), {f"body-{pk}": "Góp ý qua màn hình.", f"seen-{pk}": "0", "next": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, comment_url(asked, domain="2"))
    assert asked.consultation.comments.get().body == "Góp ý qua màn hình."
    assert "Góp ý qua màn hình." in client.get(comment_url(asked)).content.decode()


def test_comment_page_sent_too_late_keeps_what_was_typed(asked: Asked) -> None:
    client, pk = client_of(asked.world.coordinator["so-a"]), asked.criterion("1.1.1").pk
    with clock.at(TOO_LATE):
        answer = client.post(comment_url(asked), {f"body-{pk}": "Viết rất lâu.", f"seen-{pk}": "0"})
    assert answer.status_code == 422
    assert "Viết rất lâu.</textarea>" in answer.content.decode()
    assert asked.consultation.comments.count() == 0


def test_comment_page_shows_both_texts_of_a_conflict_and_saves_the_second_time(asked: Asked) -> None:
    asked.say("Của đồng nghiệp.")
    client, pk = client_of(asked.world.coordinator["so-a"]), asked.criterion("1.1.1").pk
    answer = client.post(comment_url(asked), {f"body-{pk}": "Của tôi.", f"seen-{pk}": "0"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Của tôi.</textarea>" in page
    assert "“Của đồng nghiệp.”" in page
    assert f'name="seen-{pk}" value="1"' in page
    client.post(comment_url(asked), {f"body-{pk}": "Của tôi.", f"seen-{pk}": "1"})
    assert asked.consultation.comments.get().body == "Của tôi."


def test_consultation_page_shows_each_reader_what_is_theirs(asked: Asked) -> None:
    url = reverse("consultation", args=[asked.consultation.pk])
    comment = asked.say("Lời của sở A.")
    asked.say("Lời của sở B.", unit="so-b")
    answer_comment(comment, answer=KINDS.EXPLAINED, text="Giữ nguyên vì luật.", seen_version=0, by=asked.keeper)

    def page(user: User) -> list[bool]:
        text = client_of(user).get(url).content.decode()
        return [words in text for words in ("Lời của sở A.", "Lời của sở B.", "Giữ nguyên vì luật.")]

    assert page(asked.keeper) == [True, True, True]
    assert page(asked.world.head["so-a"]) == [True, False, False]
    assert client_of(asked.world.head["huyen-c"]).get(url).status_code == 404
    with clock.at(TOO_LATE):
        assert page(asked.world.head["so-b"]) == [True, True, True]


def test_published_answers_are_read_by_their_unit_alone(asked: Asked) -> None:
    url = reverse("consultation", args=[asked.consultation.pk])
    for unit, text in (("so-a", "Trả lời A."), ("so-b", "Trả lời B.")):
        answer_comment(
            asked.say("Ý kiến.", unit=unit), answer=KINDS.ACCEPTED, text=text, seen_version=0, by=asked.keeper
        )
    publish_answers(asked.consultation, by=asked.keeper)
    page = client_of(asked.world.officer["so-a"]).get(url).content.decode()
    assert ("Trả lời A." in page, "Trả lời B." in page) == (True, False)


@pytest.mark.parametrize("number", [1, 3])
def test_consultation_page_asks_the_same_queries_for_any_number_of_comments(
    asked: Asked, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for code in ("1.1.1", "1.1.2", "2.1.1")[:number]:
        asked.say(f"Ý kiến {code}.", code=code)
    client = client_of(asked.keeper)
    with zeal_context(), django_assert_num_queries(PAGE_QUERIES):
        assert client.get(reverse("consultation", args=[asked.consultation.pk])).status_code == 200


PAGE_QUERIES = 12


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_consultations_asks_the_same_queries_for_any_number(
    asked: Asked, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for index in range(number - 1):
        draft = factories.criteria_set(f"bo-them-{index}")
        open_consultation(draft, opens_on=FIRST, closes_on=LAST, groups=[asked.group], by=asked.keeper)
    client = client_of(asked.keeper)
    with zeal_context(), django_assert_num_queries(LIST_QUERIES):
        page = client.get(reverse("consultations")).content.decode()
    assert page.count('class="task-title"') == number


LIST_QUERIES = 8


def test_answer_page_is_for_keepers_and_leads_back_to_the_comment(asked: Asked) -> None:
    comment = asked.say("Ý kiến.")
    url = reverse("comment-answer", args=[asked.consultation.pk, comment.pk])
    data = {"answer": "accepted", "text": "Đã sửa.", "seen_version": "0"}
    assert client_of(asked.world.coordinator["so-a"]).post(url, data).status_code == 404
    answer = client_of(asked.keeper).post(url, data)
    there = reverse("consultation", args=[asked.consultation.pk])
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{there}#y-kien-{comment.pk}")
    late = client_of(asked.keeper).post(url, {**data, "text": "Khác."})
    page = late.content.decode()
    assert late.status_code == 409
    assert ("Khác.</textarea>" in page, "Đã sửa." in page, 'name="seen_version" value="1"' in page) == (True,) * 3


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("consultation-prolong", {"closes_on": "2026-12-20"}),
        ("consultation-close", {}),
        ("consultation-publish", {}),
    ],
)
def test_steps_are_for_keepers_and_never_by_get(asked: Asked, name: str, data: dict[str, str]) -> None:
    comment = asked.say("Ý kiến.")
    answer_comment(comment, answer=KINDS.ACCEPTED, text="Đã sửa.", seen_version=0, by=asked.keeper)
    url = reverse(name, args=[asked.consultation.pk])
    before = Consultation.objects.filter(pk=asked.consultation.pk).values().get()
    assert client_of(asked.world.coordinator["so-a"]).post(url, data).status_code == 404
    assert client_of(asked.keeper).get(url).status_code == 405
    assert Consultation.objects.filter(pk=asked.consultation.pk).values().get() == before
    assert client_of(asked.keeper).post(url, data).status_code == 302
    assert Consultation.objects.filter(pk=asked.consultation.pk).values().get() != before


def test_files_are_for_keepers(asked: Asked) -> None:
    asked.say("Ý kiến.")
    for name, kind in (("consultation-word", "wordprocessingml"), ("consultation-excel", "spreadsheetml")):
        url = reverse(name, args=[asked.consultation.pk])
        assert client_of(asked.world.coordinator["so-a"]).get(url).status_code == 404
        answer = client_of(asked.keeper).get(url)
        assert (answer.status_code, kind in answer.headers["Content-Type"]) == (200, True)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_open_page_asks_for_groups_and_days(asked: Asked) -> None:
    draft = other_draft(asked)
    url, keeper = reverse("consultation-open", args=[draft.pk]), client_of(asked.keeper)
    data = {"opens_on": "2026-12-06", "closes_on": "2026-12-05", "groups": [asked.group.pk], "note": "Giữ lại."}
    assert client_of(asked.world.coordinator["so-a"]).post(url, data).status_code == 404
    refused = keeper.post(url, data)
    assert refused.status_code == 422
    assert "Giữ lại.</textarea>" in refused.content.decode()
    assert keeper.post(url, {**data, "closes_on": "2026-12-20"}).status_code == 302
    assert draft.consultations.get().note == "Giữ lại."
