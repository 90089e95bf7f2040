"""Who gets which page: one table for the whole site, and no address outside of it.

The rows are the addresses of the URLconf, the columns the people of a small province while the dossier of `so-a` is
being appraised. A person who is not in a row's set gets 404 (or 403 where the page is theirs but not the deed);
somebody who is not signed in is sent to sign-in.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments.models import DomainAppraisal
from assessments.services.appraisal import appraise
from assessments.services.comments import comment as say
from assessments.services.council import declare_conflict
from assessments.services.nudges import Addressee, Work, nudge
from assessments.services.scores import attach
from assessments.services.sessions import Details, add_topic, prepare
from assessments.services.site_visits import Appointment, add_file
from assessments.services.site_visits import plan as plan_visit
from assessments.stages import Stage
from criteria.consulting import open_consultation, save_comment
from evidence.services import store_upload
from notifications.models import Notice
from notifications.services import Message, queue
from plans.models import PlanTask
from survey.models import Quota, RespondentGroup
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from units.substitutions import register
from workflow.monitor.saved import add_view
from workflow.rule_services import own_rules

pytestmark = pytest.mark.django_db

EVERYBODY = frozenset(
    {
        "officer", "coordinator", "head", "foreign", "appraiser_of_own_unit", "second_appraiser", "secretary", "chair",
        "home_affairs", "province", "investigator", "editor",
    }
)  # fmt: skip
# A member of the council who works at the unit reads the dossier as one of its officers, never as council.
UNIT = frozenset({"officer", "coordinator", "head", "appraiser_of_own_unit"})
SCORERS = UNIT - {"head"}
COUNCIL = frozenset({"second_appraiser", "secretary", "chair"})
APPRAISERS = COUNCIL - {"chair"}
READERS = UNIT | COUNCIL
MEETING = COUNCIL | {"appraiser_of_own_unit", "home_affairs"}
WATCHERS = frozenset({"secretary", "chair", "home_affairs", "province"})
MANAGERS = frozenset({"secretary", "home_affairs"})
SURVEYORS = frozenset({"home_affairs", "investigator"})
COORDINATOR, HEAD, CHAIR, HOME_AFFAIRS, PROVINCE, EDITOR = (
    frozenset({who}) for who in ("coordinator", "head", "chair", "home_affairs", "province", "editor")
)
NOBODY: frozenset[str] = frozenset()
PUBLIC = EVERYBODY | {"anonymous"}

# Addresses that only take a POST: whoever is not in the set is refused, with an empty one.
ONLY_POST = {
    "save-score", "resolve-comment", "resolve-note", "attach-document", "attach-criteria",
    "quote-document", "detach-document", "accept-rest", "appraise-score", "appraise-look", "appraise-criterion-look",
    "rule-words",
    "agree-score", "council-seat-switch", "council-lead-domains", "council-conflict-withdraw", "council-share-out",
    "consultation-prolong", "consultation-close", "consultation-publish", "holiday-delete", "plan-task-delete",
    "plan-target-delete", "plan-member-delete", "plan-report-detach", "plan-report-begin", "plan-report-for-body",
    "plan-report-ask", "notice-open", "notice-send-again", "monitor-view-delete", "substitution-end",
    "reminder-rule-switch", "plan-reminder-rule-switch",
}  # fmt: skip

# (name, route) -> people who get through; for rows that do not exist here (no publication yet) nobody does
MATRIX: dict[tuple[str, str], frozenset[str]] = {
    ("healthz", "healthz"): PUBLIC,
    ("inbox", ""): EVERYBODY,
    ("substitutions", "nghi-phep/"): EVERYBODY,
    ("substitution-end", "nghi-phep/<int:substitution>/ket-thuc"): frozenset({"officer", "coordinator", "head"}),
    ("dossiers", "ho-so/"): EVERYBODY,
    ("dossier", "ho-so/<int:dossier>/"): READERS,
    ("history", "ho-so/<int:dossier>/lich-su/"): READERS,
    ("receipt", "ho-so/<int:dossier>/bien-nhan/"): READERS,
    ("assign", "ho-so/<int:dossier>/phan-cong/"): COORDINATOR,
    ("sheet", "ho-so/<int:dossier>/linh-vuc/<int:domain>/"): READERS,
    ("sheet-rows", "ho-so/<int:dossier>/dong"): READERS,
    ("save-score", "ho-so/<int:dossier>/tieu-chi/<int:score>/luu"): SCORERS,
    ("comments", "ho-so/<int:dossier>/trao-doi/<int:criterion>/"): UNIT,
    ("resolve-comment", "ho-so/<int:dossier>/trao-doi/<int:criterion>/<int:note>/xong"): UNIT,
    ("row-history", "ho-so/<int:dossier>/tieu-chi/<int:score>/lich-su/"): READERS,
    ("score-evidence", "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/"): READERS,
    ("attach-document", "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/dung/<int:version>"): SCORERS,
    ("quote-document", "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/<int:link>/trich-dan"): SCORERS,
    ("detach-document", "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/<int:link>/bo"): SCORERS,
    ("check", "ho-so/<int:dossier>/ra-soat/"): COORDINATOR,
    ("approve", "ho-so/<int:dossier>/phe-duyet/"): HEAD,
    ("submit", "ho-so/<int:dossier>/gui/"): COORDINATOR,
    ("take-back", "ho-so/<int:dossier>/rut-lai/"): COORDINATOR,
    ("self-report", "ho-so/<int:dossier>/bao-cao/"): UNIT,
    ("resolve-note", "ho-so/<int:dossier>/y-kien/<int:note>/da-sua"): SCORERS,
    ("supplement", "ho-so/<int:dossier>/bo-sung/"): SCORERS,
    ("respond", "ho-so/<int:dossier>/ket-qua-du-kien/"): UNIT,
    ("library", "kho-tai-lieu/"): EVERYBODY,
    ("document", "kho-tai-lieu/<int:document>/"): UNIT,
    ("attach-criteria", "kho-tai-lieu/<int:document>/dung"): SCORERS,
    ("appraisals", "tham-dinh/"): APPRAISERS | {"appraiser_of_own_unit"},
    ("appraise-domain", "ho-so/<int:dossier>/tham-dinh/<int:domain>/"): COUNCIL,
    ("accept-rest", "ho-so/<int:dossier>/tham-dinh/<int:domain>/chap-nhan"): APPRAISERS,
    ("appraise-score", "ho-so/<int:dossier>/tham-dinh/<int:score>/luu"): APPRAISERS,
    ("appraise-criterion", "dot/<int:cycle>/tham-dinh/tieu-chi/<int:criterion>/"): APPRAISERS
    | {"appraiser_of_own_unit"},
    ("appraise-criterion-look", "dot/<int:cycle>/tham-dinh/tieu-chi/<int:criterion>/da-xem"): APPRAISERS
    | {"appraiser_of_own_unit"},
    ("agree-score", "ho-so/<int:dossier>/tong-hop/<int:score>/thong-nhat"): frozenset({"secretary"}),
    ("council", "dot/<int:cycle>/hoi-dong/"): MANAGERS | CHAIR,
    ("council-decision", "dot/<int:cycle>/hoi-dong/quyet-dinh/"): MANAGERS,
    ("council-rules", "dot/<int:cycle>/hoi-dong/cach-lam-viec/"): NOBODY,  # only before the cycle is open
    ("council-add", "dot/<int:cycle>/hoi-dong/them/"): MANAGERS,
    ("council-seat", "dot/<int:cycle>/hoi-dong/thanh-vien/<int:seat>/"): MANAGERS,
    ("council-seat-switch", "dot/<int:cycle>/hoi-dong/thanh-vien/<int:seat>/tham-gia"): MANAGERS,
    ("council-lead-domains", "dot/<int:cycle>/hoi-dong/giao-theo-co-quan"): MANAGERS,
    ("council-conflicts", "dot/<int:cycle>/hoi-dong/xung-dot/"): COUNCIL | MANAGERS | {"appraiser_of_own_unit"},
    ("council-conflict-withdraw", "dot/<int:cycle>/hoi-dong/xung-dot/<int:conflict>/rut"): MANAGERS,
    ("council-sharing", "dot/<int:cycle>/hoi-dong/phan-cong/"): MANAGERS,
    ("council-share-out", "dot/<int:cycle>/hoi-dong/phan-cong/chia-deu"): MANAGERS,
    ("council-give", "dot/<int:cycle>/hoi-dong/phan-cong/<int:appraisal>/"): MANAGERS,
    ("review", "ho-so/<int:dossier>/tong-hop/"): COUNCIL,
    ("hear", "ho-so/<int:dossier>/xem-xet-kien-nghi/"): COUNCIL,
    ("sessions", "dot/<int:cycle>/phien-hop/"): MEETING,
    ("session", "dot/<int:cycle>/phien-hop/<int:session>/"): MEETING,
    ("session-matter", "dot/<int:cycle>/phien-hop/<int:session>/noi-dung/<int:item>/"): MEETING,
    ("session-projector", "dot/<int:cycle>/phien-hop/<int:session>/trinh-chieu/<int:item>/"): MEETING,
    ("session-minutes-pdf", "dot/<int:cycle>/phien-hop/<int:session>/bien-ban.pdf"): MEETING,
    ("session-minutes-docx", "dot/<int:cycle>/phien-hop/<int:session>/bien-ban.docx"): MEETING,
    ("site-visits", "ho-so/<int:dossier>/kiem-tra-thuc-te/"): READERS,
    ("site-visit", "ho-so/<int:dossier>/kiem-tra-thuc-te/<int:visit>/"): READERS,
    ("visit-file", "kiem-tra-thuc-te/tep/<int:file>"): COUNCIL,
    ("appraise-look", "ho-so/<int:dossier>/tham-dinh/<int:domain>/da-xem"): COUNCIL,
    ("appraisal-overview", "dot/<int:cycle>/tham-dinh/tong-quan/"): frozenset({"secretary", "chair", "home_affairs"}),
    ("appraisal-overview-xlsx", "dot/<int:cycle>/tham-dinh/tong-quan.xlsx"): frozenset(
        {"secretary", "chair", "home_affairs"}
    ),
    ("lost-points", "ho-so/<int:dossier>/vi-sao-mat-diem/"): NOBODY,  # not before the result is given
    ("lost-points-xlsx", "ho-so/<int:dossier>/vi-sao-mat-diem.xlsx"): NOBODY,
    ("conclude-cycle", "dot/<int:cycle>/ket-luan/"): CHAIR,
    ("cycle-rules", "dot/<int:cycle>/quy-dinh/"): HOME_AFFAIRS,
    ("open-cycle", "dot/<int:cycle>/mo-dot/"): HOME_AFFAIRS,
    ("monitor", "dot/<int:cycle>/theo-doi/"): WATCHERS,
    ("monitor-unit", "dot/<int:cycle>/theo-doi/don-vi/<int:unit>/"): WATCHERS,
    ("monitor-waiting", "dot/<int:cycle>/theo-doi/cho-o-dau/"): WATCHERS,
    ("monitor-ranking", "dot/<int:cycle>/theo-doi/dung-han/"): WATCHERS,
    ("monitor-plan", "dot/<int:cycle>/theo-doi/ke-hoach/"): WATCHERS,
    ("monitor-letter", "dot/<int:cycle>/theo-doi/thu-tuan/"): WATCHERS,
    ("monitor-workbook", "dot/<int:cycle>/theo-doi/tien-do.xlsx"): WATCHERS,
    ("monitor-pdf", "dot/<int:cycle>/theo-doi/tien-do.pdf"): WATCHERS,
    ("monitor-waiting-workbook", "dot/<int:cycle>/theo-doi/cho-o-dau.xlsx"): WATCHERS,
    ("monitor-waiting-pdf", "dot/<int:cycle>/theo-doi/cho-o-dau.pdf"): WATCHERS,
    ("monitor-ranking-workbook", "dot/<int:cycle>/theo-doi/dung-han.xlsx"): WATCHERS,
    ("monitor-ranking-pdf", "dot/<int:cycle>/theo-doi/dung-han.pdf"): WATCHERS,
    ("monitor-plan-workbook", "dot/<int:cycle>/theo-doi/ke-hoach.xlsx"): WATCHERS,
    ("monitor-plan-pdf", "dot/<int:cycle>/theo-doi/ke-hoach.pdf"): WATCHERS,
    ("monitor-views", "dot/<int:cycle>/theo-doi/che-do-xem/"): WATCHERS,
    ("monitor-view", "dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/"): HOME_AFFAIRS,
    ("monitor-view-delete", "dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/xoa"): HOME_AFFAIRS,
    ("extensions", "dot/<int:cycle>/gia-han/"): HOME_AFFAIRS,
    ("cycle-times", "dot/<int:cycle>/thoi-han/"): HOME_AFFAIRS,
    ("nudges", "dot/<int:cycle>/don-doc/"): HOME_AFFAIRS,
    ("nudge", "dot/<int:cycle>/don-doc/<int:nudge>/"): HOME_AFFAIRS,
    ("nudge-pdf", "dot/<int:cycle>/don-doc/<int:nudge>/cong-van.pdf"): HOME_AFFAIRS,
    ("nudge-docx", "dot/<int:cycle>/don-doc/<int:nudge>/cong-van.docx"): HOME_AFFAIRS,
    ("unit-times", "ho-so/<int:dossier>/han-noi-bo/"): COORDINATOR,
    ("own-calendar", "lich-cua-toi/"): EVERYBODY,
    ("own-calendar", "lich-cua-toi/<int:year>/<int:month>/"): EVERYBODY,
    ("calendar-feed", "lich/<str:token>.ics"): NOBODY,
    ("extend", "dot/<int:cycle>/gia-han/<int:unit>/"): HOME_AFFAIRS,
    ("reminder-rules", "dot/<int:cycle>/nhac-viec/"): HOME_AFFAIRS,
    ("reminder-rule-add", "dot/<int:cycle>/nhac-viec/them/"): HOME_AFFAIRS,
    ("reminder-rule", "dot/<int:cycle>/nhac-viec/<int:rule>/"): HOME_AFFAIRS,
    ("reminder-rule-switch", "dot/<int:cycle>/nhac-viec/<int:rule>/bat-tat"): HOME_AFFAIRS,
    ("reminder-forecast", "dot/<int:cycle>/nhac-viec/du-kien/"): HOME_AFFAIRS,
    ("reminder-forecast-excel", "dot/<int:cycle>/nhac-viec/du-kien.xlsx"): HOME_AFFAIRS,
    ("plan-reminder-rules", "ke-hoach/<int:plan>/nhac-viec/"): EDITOR,
    ("plan-reminder-rule-add", "ke-hoach/<int:plan>/nhac-viec/them/"): EDITOR,
    ("plan-reminder-rule", "ke-hoach/<int:plan>/nhac-viec/<int:rule>/"): NOBODY,
    ("plan-reminder-rule-switch", "ke-hoach/<int:plan>/nhac-viec/<int:rule>/bat-tat"): NOBODY,
    ("plan-reminder-forecast", "ke-hoach/<int:plan>/nhac-viec/du-kien/"): EDITOR,
    ("plan-reminder-forecast-excel", "ke-hoach/<int:plan>/nhac-viec/du-kien.xlsx"): EDITOR,
    ("close-collection", "dot/<int:cycle>/ket-thuc-nhan-ho-so/"): HOME_AFFAIRS,
    ("merge-survey", "dot/<int:cycle>/tong-hop-dieu-tra/"): HOME_AFFAIRS,
    ("propose", "dot/<int:cycle>/trinh-ket-qua/"): HOME_AFFAIRS,
    ("decide", "dot/<int:cycle>/quyet-dinh/"): PROVINCE,
    ("publish", "dot/<int:cycle>/cong-bo/"): HOME_AFFAIRS,
    ("receipt-pdf", "ho-so/<int:dossier>/bien-nhan.pdf"): UNIT | WATCHERS,
    ("self-report-pdf", "ho-so/<int:dossier>/bao-cao-tu-danh-gia.pdf"): UNIT,
    ("self-report-docx", "ho-so/<int:dossier>/bao-cao-tu-danh-gia.docx"): UNIT,
    ("result-annex-pdf", "dot/<int:cycle>/ket-qua/phu-luc.pdf"): WATCHERS,
    ("result-annex-docx", "dot/<int:cycle>/ket-qua/phu-luc.docx"): WATCHERS,
    ("offline", "ho-so/<int:dossier>/ngoai-tuyen/"): SCORERS,
    ("offline-download", "ho-so/<int:dossier>/ngoai-tuyen/tai-xuong"): SCORERS,
    ("offline-compare", "ho-so/<int:dossier>/ngoai-tuyen/so-sanh/<str:token>/"): SCORERS,
    ("offline-result", "ho-so/<int:dossier>/ngoai-tuyen/ket-qua/<uuid:key>/"): NOBODY,
    ("criteria-sets", "bo-chi-so/"): EVERYBODY,
    ("criteria-template", "bo-chi-so/mau.xlsx"): EDITOR,
    ("criteria-import", "bo-chi-so/nhap/"): EDITOR,
    ("rule-words", "bo-chi-so/cach-cham/"): EDITOR,
    ("consultations", "bo-chi-so/lay-y-kien/"): EVERYBODY,
    ("consultation", "bo-chi-so/lay-y-kien/<int:consultation>/"): UNIT | {"foreign", "editor"},
    ("consultation-comment", "bo-chi-so/lay-y-kien/<int:consultation>/gop-y/<int:unit>/<str:domain>/"): COORDINATOR,
    ("comment-answer", "bo-chi-so/lay-y-kien/<int:consultation>/tra-loi/<int:comment>/"): EDITOR,
    ("consultation-prolong", "bo-chi-so/lay-y-kien/<int:consultation>/gia-han/"): EDITOR,
    ("consultation-close", "bo-chi-so/lay-y-kien/<int:consultation>/ket-thuc/"): EDITOR,
    ("consultation-publish", "bo-chi-so/lay-y-kien/<int:consultation>/cong-bo/"): EDITOR,
    ("consultation-word", "bo-chi-so/lay-y-kien/<int:consultation>/tong-hop.docx"): EDITOR,
    ("consultation-excel", "bo-chi-so/lay-y-kien/<int:consultation>/tong-hop.xlsx"): EDITOR,
    ("criteria-set", "bo-chi-so/<int:criteria_set>/"): EVERYBODY,
    ("criteria-settings", "bo-chi-so/<int:criteria_set>/thong-tin/"): EDITOR,
    ("criteria-bands", "bo-chi-so/<int:criteria_set>/muc-xep-loai/"): EDITOR,
    ("criterion-add", "bo-chi-so/<int:criteria_set>/them/"): EDITOR,
    ("criterion-edit", "bo-chi-so/<int:criteria_set>/tieu-chi/<str:code>/"): EDITOR,
    ("criterion-shift", "bo-chi-so/<int:criteria_set>/tieu-chi/<str:code>/doi-cho/"): EDITOR,
    ("criterion-move", "bo-chi-so/<int:criteria_set>/tieu-chi/<str:code>/chuyen/"): EDITOR,
    ("criterion-remove", "bo-chi-so/<int:criteria_set>/tieu-chi/<str:code>/bo/"): EDITOR,
    ("criteria-changes", "bo-chi-so/<int:criteria_set>/lich-su/"): EDITOR,
    ("criteria-clone", "bo-chi-so/<int:criteria_set>/sao/"): EDITOR,
    ("criteria-diff", "bo-chi-so/<int:criteria_set>/so-sanh/"): EVERYBODY,
    ("criteria-freeze", "bo-chi-so/<int:criteria_set>/khoa/"): EDITOR,
    ("criteria-export", "bo-chi-so/<int:criteria_set>/xuat.xlsx"): EVERYBODY,
    ("criteria-import-into", "bo-chi-so/<int:criteria_set>/nhap/"): EDITOR,
    ("criteria-whatif", "bo-chi-so/<int:criteria_set>/tinh-thu/"): EDITOR,
    ("criteria-whatif-template", "bo-chi-so/<int:criteria_set>/tinh-thu/mau.xlsx"): EDITOR,
    ("consultation-open", "bo-chi-so/<int:criteria_set>/lay-y-kien/"): EDITOR,
    ("plans", "ke-hoach/"): EVERYBODY,
    ("plan-edit", "ke-hoach/moi/"): EDITOR,
    ("plan-import", "ke-hoach/nhap/"): EDITOR,
    ("plan-template", "ke-hoach/mau.xlsx"): EVERYBODY,
    ("plan-month", "ke-hoach/lich/"): EVERYBODY,
    ("plan-month", "ke-hoach/lich/<int:year>/<int:month>/"): EVERYBODY,
    ("holidays", "ke-hoach/ngay-nghi/"): EVERYBODY,
    ("holiday-import", "ke-hoach/ngay-nghi/nhap/"): EDITOR,
    ("holiday-export", "ke-hoach/ngay-nghi/xuat/"): EDITOR,
    ("holiday-delete", "ke-hoach/ngay-nghi/<int:holiday>/xoa/"): EDITOR,
    ("plan", "ke-hoach/<int:plan>/"): EVERYBODY,
    ("plan-timeline", "ke-hoach/<int:plan>/bieu-do/"): EVERYBODY,
    ("plan-reports-export", "ke-hoach/<int:plan>/bao-cao.xlsx"): EVERYBODY,
    ("plan-reports", "ke-hoach/bao-cao/"): EVERYBODY,
    ("plan-report", "ke-hoach/bao-cao/<int:report>/"): UNIT | EDITOR,
    ("plan-report-verify", "ke-hoach/bao-cao/<int:report>/xac-nhan/"): EDITOR,
    ("plan-report-detach", "ke-hoach/bao-cao/<int:report>/tai-lieu/<int:link>/bo"): NOBODY,
    ("plan-task-reports", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/bao-cao/"): EVERYBODY,
    ("plan-report-begin", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/bao-cao/bat-dau"): EVERYBODY,
    ("plan-report-for-body", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/bao-cao/ghi-thay"): EDITOR,
    ("plan-report-ask", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/bao-cao/yeu-cau"): EDITOR,
    ("plan-target-figure", "ke-hoach/<int:plan>/chi-tieu/<int:target>/so-lieu/"): NOBODY,
    ("plan-export", "ke-hoach/<int:plan>/xuat/"): EVERYBODY,
    ("plan-edit", "ke-hoach/<int:plan>/sua/"): EDITOR,
    ("plan-clone", "ke-hoach/<int:plan>/sao/"): EDITOR,
    ("plan-import", "ke-hoach/<int:plan>/nhap/"): EDITOR,
    ("plan-task-edit", "ke-hoach/<int:plan>/nhiem-vu/them/"): EDITOR,
    ("plan-task-edit", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/"): EDITOR,
    ("plan-task-delete", "ke-hoach/<int:plan>/nhiem-vu/<int:task>/xoa/"): EDITOR,
    ("plan-target-edit", "ke-hoach/<int:plan>/chi-tieu/them/"): EDITOR,
    ("plan-target-edit", "ke-hoach/<int:plan>/chi-tieu/<int:target>/"): NOBODY,
    ("plan-target-delete", "ke-hoach/<int:plan>/chi-tieu/<int:target>/xoa/"): EDITOR,
    ("plan-group", "ke-hoach/<int:plan>/to-cong-tac/<int:group>/"): NOBODY,
    ("plan-member-delete", "ke-hoach/<int:plan>/to-cong-tac/<int:group>/thanh-vien/<int:member>/xoa/"): EDITOR,
    ("notices", "thong-bao/"): EVERYBODY,
    ("notification-preferences", "thong-bao/tuy-chon/"): EVERYBODY,
    ("notice-open", "thong-bao/<int:notice>/mo"): NOBODY,
    ("outbox", "thong-bao/thu-da-gui/"): HOME_AFFAIRS,
    ("notice-send-again", "thong-bao/thu-da-gui/<int:notice>/gui-lai"): HOME_AFFAIRS,
    ("document-file", "tai-lieu/<int:version>/tai-ve"): READERS,
    ("document-view", "tai-lieu/<int:version>/xem"): READERS,
    ("survey", "dot/<int:cycle>/dieu-tra/"): SURVEYORS,
    ("survey-template", "dot/<int:cycle>/dieu-tra/mau.xlsx"): HOME_AFFAIRS,
    ("survey-collected", "dot/<int:cycle>/dieu-tra/phieu/<int:quota>/"): SURVEYORS,
    ("results", "dot/<int:cycle>/ket-qua/"): WATCHERS,
    ("results-workbook", "dot/<int:cycle>/ket-qua.xlsx"): WATCHERS,
    ("public-home", "cong-khai/"): PUBLIC,
    ("public-year", "cong-khai/<int:year>/"): NOBODY,
    ("public-result", "cong-khai/<int:year>/<int:publication>/"): NOBODY,
    ("public-workbook", "cong-khai/<int:year>/<int:publication>/ket-qua.xlsx"): NOBODY,
    ("public-manifest", "cong-khai/<int:year>/<int:publication>/ket-qua.json"): NOBODY,
    ("public-unit", "cong-khai/<int:year>/<int:publication>/don-vi/<int:unit>/"): NOBODY,
}


def names(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and pattern.name and not route.startswith(("tai-khoan/",)):
            yield pattern.name, route


OWN = [(name, route) for name, route in names(get_resolver().url_patterns) if not name.startswith(("account_", "mfa_"))]


@pytest.fixture
def people() -> Iterator[tuple[World, dict[str, User], dict[str, Any]]]:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        world.to(Stage.SELF_ASSESSING)
        version = store_upload(
            world.units["so-a"], io.BytesIO(b"%PDF-1.4\n%%EOF\n"), filename="a.pdf", by=world.officer["so-a"]
        )
        link = attach(world.score("1.1.1"), version, quote="", by=world.officer["so-a"])
        note = say(world.dossier(), world.domain("1.1.1"), "Xem lại số liệu", by=world.officer["so-a"])
        world.to(Stage.APPRAISING)
        score = world.score("1.1.1")
        appraise(score, "", reason="", version=0, by=world.second_appraiser)
        editor = factories.user()
        access.join(editor, world.cycle.province, Role.CRITERIA)
        group = RespondentGroup.objects.create(cycle_group=world.dossier().cycle_group, code="noi-bo", name="Nội bộ")
        quota = Quota.objects.create(unit=world.units["so-a"], respondent_group=group, planned=15)
        crowd = {
            "officer": world.officer["so-a"],
            "coordinator": world.coordinator["so-a"],
            "head": world.head["so-a"],
            "foreign": world.officer["so-b"],
            "appraiser_of_own_unit": world.appraiser,
            "second_appraiser": world.second_appraiser,
            "secretary": world.secretary,
            "chair": world.chair,
            "home_affairs": world.home_affairs,
            "province": world.province,
            "investigator": world.investigator,
            "editor": editor,
        }
        draft = factories.criteria_set("du-thao")
        consultation = open_consultation(
            draft,
            opens_on=clock.today(),
            closes_on=clock.today() + dt.timedelta(days=5),
            groups=[world.units["so-a"].group],
            by=editor,
        )
        comment = save_comment(
            consultation,
            world.units["so-a"],
            draft.criteria.get(code="1.1.1"),
            body="Nên tăng điểm.",
            seen_version=0,
            by=world.coordinator["so-a"],
        )
        owed = Addressee(
            world.units["so-b"], [Work("Gửi hồ sơ tự đánh giá", "đến hết ngày 14/12/2026", days_late=1)], []
        )
        sent = nudge(world.cycle, [owed], text="Đề nghị gửi hồ sơ.", by=world.home_affairs)
        plan = world.cycle.plan
        substitution = register(
            unit=world.units["so-a"],
            absent=world.officer["so-a"],
            substitute=world.coordinator["so-a"],
            first_day=clock.today(),
            last_day=clock.today(),
            reason="Nghỉ phép",
            by=world.officer["so-a"],
        )
        task = PlanTask.objects.create(plan=plan, number="1", order=1, name="Tự đánh giá")
        own_rules(world.cycle, by=world.home_affairs)
        queue([Message("thử", world.home_affairs, "Thử", "Thử")])
        letter = Notice.objects.get(recipient=world.home_affairs, event="thử", channel=Notice.Channel.EMAIL)
        saved = add_view(world.cycle, name="Quá hạn", query="tinh_trang=missing", shared=True, by=world.home_affairs)
        away = declare_conflict(
            world.cycle, world.chair, world.units["huyen-c"], reason="Người thân.", by=world.home_affairs
        )
        meeting = prepare(
            world.cycle,
            Details(clock.now(), "Phòng họp số 1", world.chair, world.secretary),
            by=world.secretary,
        )
        topic = add_topic(meeting, "Thông qua báo cáo", by=world.secretary)
        visit = plan_visit(
            world.dossier(),
            Appointment(clock.now() + dt.timedelta(days=1), "Trụ sở", [world.second_appraiser.council_seats.get()]),
            by=world.secretary,
        )
        photo = add_file(visit, io.BytesIO(b"%PDF-1.4\n%%EOF\n"), filename="b.pdf", kind="minutes", by=world.secretary)
        arguments = {
            "cycle": world.cycle.pk,
            "session": meeting.pk,
            "item": topic.pk,
            "visit": visit.pk,
            "file": photo.pk,
            "criterion": score.criterion_id,
            "seat": world.second_appraiser.council_seats.get().pk,
            "conflict": away.pk,
            "appraisal": DomainAppraisal.objects.get(dossier=world.dossier(), domain=world.domain("2")).pk,
            "saved": saved.pk,
            "dossier": world.dossier().pk,
            "domain": world.domain("1").pk,
            "score": score.pk,
            "version": version.pk,
            "document": version.document_id,
            "link": link.pk,
            "note": note.pk,
            "unit": world.units["so-a"].pk,
            "quota": quota.pk,
            "criteria_set": world.dossier().criteria_set_id,
            "code": "1.1.1",
            "consultation": consultation.pk,
            "comment": comment.pk,
            "plan": plan.pk,
            "report": factories.task_report(plan, world.units["so-a"]).pk,
            "task": task.pk,
            "year": factories.YEAR,
            "month": 12,
            "publication": 1,
            "nudge": sent.pk,
            "token": "x",
            "key": uuid.UUID(int=1),
            "target": 1,
            "group": 1,
            "member": 1,
            "holiday": 1,
            "notice": letter.pk,
            "rule": world.cycle.reminder_rules.all()[0].pk,
            "substitution": substitution.pk,
        }
        yield world, crowd, arguments


def address(name: str, route: str, arguments: dict[str, Any]) -> str:
    """The domain of a criteria set is named by its code, that of a dossier by its row."""
    wanted = re.findall(r"<(\w+):(\w+)>", route)
    return reverse(
        name, kwargs={key: "1" if (kind, key) == ("str", "domain") else arguments[key] for kind, key in wanted}
    )


def status_of(person: User | None, method: str, where: str) -> int:
    client = Client(raise_request_exception=True)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(where) if method == "GET" else client.post(where)
    if answer.streaming:
        list(answer.streaming_content)
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login"))
    return 401 if to_sign_in else answer.status_code


def test_every_address_is_in_the_matrix() -> None:
    assert sorted(set(OWN) ^ set(MATRIX)) == []


def test_everybody_gets_what_is_theirs_and_nothing_else(
    people: tuple[World, dict[str, User], dict[str, Any]],
) -> None:
    _world, crowd, arguments = people
    wrong = []
    for (name, route), allowed in MATRIX.items():
        where = address(name, route, arguments)
        for who, person in [("anonymous", None), *crowd.items()]:
            post = name in ONLY_POST
            if post and who in allowed:
                continue
            status = status_of(person, "POST" if post else "GET", where)
            through = status in (200, 302)
            refused = status in (401, 404) if person is None else status in (403, 404)
            if not (through if who in allowed else refused):
                wrong.append((name, who, status))
    assert wrong == []
