"""The database itself refuses what the rules forbid: each named constraint is broken once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from pytest_django import DjangoDbBlocker

from assessments.models import (
    AgendaItem,
    Appeal,
    Assignment,
    Attendance,
    CouncilMember,
    CouncilSession,
    Cycle,
    CycleGroup,
    DeclaredConflict,
    DomainAppraisal,
    Dossier,
    Extension,
    InternalDeadline,
    LastLook,
    LedgerEntry,
    Nudge,
    NudgedUnit,
    RepeatedWrite,
    ReportEvidence,
    ReviewNote,
    RoundScore,
    Score,
    ScoreEvidence,
    SelfReport,
    SiteFinding,
    SiteVisit,
    SupplementRequest,
    VisitFile,
    Vote,
)
from assessments.stages import Stage
from criteria.consultation import Comment, Consultation
from criteria.models import CriteriaSet
from evidence.models import Blob
from notifications.models import Notice, Preferences
from plans.models import Plan
from results.models import Proposal
from survey.models import Quota, RespondentGroup, SurveyImport, SurveyResult
from tests import factories
from tests.factories import World
from units.models import Membership, Substitution, Succession, User
from units.permissions import Role
from workflow.models import CalendarFeed, RuleShift, WorkItem
from workflow.monitor.memory import DayDone, DossierProgress, SavedView, StepTime
from workflow.rule_services import own_rules

APPS = ("units", "criteria", "evidence", "notifications", "assessments", "survey", "results", "workflow")
NOW = factories.WORKDAY
DAY = NOW.date()

Break = Callable[[World], object]
BREAKS: dict[str, Break] = {}


def breaks(name: str) -> Callable[[Break], Break]:
    """The function writes one row that only the constraint `name` refuses."""

    def keep(function: Break) -> Break:
        BREAKS[name] = function
        return function

    return keep


def again(row: models.Model, **changes: Any) -> None:
    """Insert `row` once more, with another key and `changes`."""
    copy = type(row)._default_manager.get(pk=row.pk)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.pk = None
    copy.save(force_insert=True)


def change(row: models.Model, **values: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def build() -> World:
    made = factories.world().open()
    made.to(Stage.RESPONDING)
    return made


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A dossier that waits for the unit's answer to its provisional result."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


# units


def succession(world: World) -> Succession:
    return Succession.objects.create(
        predecessor=world.units["so-a"], successor=world.units["so-b"], kind=Succession.Kind.MERGED, on=DAY
    )


@breaks("succession_once")
def _(world: World) -> None:
    again(succession(world))


@breaks("succession_not_of_itself")
def _(world: World) -> None:
    change(succession(world), successor=world.units["so-a"])


@breaks("membership_one_open_per_role")
def _(world: World) -> None:
    again(Membership.objects.filter(user=world.officer["so-a"]).get())


@breaks("membership_role_is_unit_role")
def _(world: World) -> None:
    change(Membership.objects.filter(user=world.officer["so-a"]).get(), role=Role.CHAIR)


# criteria


def draft() -> CriteriaSet:
    return factories.criteria_set("bo-khac")


@breaks("criteria_set_version_once")
def _(world: World) -> None:
    again(draft())


@breaks("criteria_set_rounding_positive")
def _(world: World) -> None:
    change(draft(), rounding_step=Decimal(0))


@breaks("criteria_set_caps_not_negative")
def _(world: World) -> None:
    change(draft(), penalty_cap=Decimal(-1))


@breaks("criteria_set_frozen_has_time")
def _(world: World) -> None:
    change(draft(), status=CriteriaSet.Status.FROZEN)


@breaks("criterion_code_once_per_set")
def _(world: World) -> None:
    again(draft().criteria.get(code="1"), order=99)


@breaks("criterion_order_once_per_set")
def _(world: World) -> None:
    again(draft().criteria.get(code="1"), code="99")


@breaks("criterion_maximum_not_negative")
def _(world: World) -> None:
    change(draft().criteria.get(code="1"), maximum=Decimal("-0.5"))


@breaks("criterion_leaf_has_source_and_rule")
def _(world: World) -> None:
    change(draft().criteria.get(code="1.1.1"), source="")


@breaks("grade_band_lower_once")
def _(world: World) -> None:
    again(draft().bands.earliest("pk"))


@breaks("grade_band_lower_not_negative")
def _(world: World) -> None:
    change(draft().bands.earliest("pk"), lower=Decimal(-1))


def consultation(world: World) -> Consultation:
    return Consultation.objects.create(
        criteria_set=draft(), opens_on=DAY, closes_on=DAY, opened_by=world.home_affairs, opened_at=NOW
    )


def comment(world: World, **fields: Any) -> Comment:
    return Comment.objects.create(
        consultation=consultation(world),
        unit=world.units["so-a"],
        **{
            "criterion": world.domain("1"),
            "code": "1",
            "body": "Đề nghị tăng điểm.",
            "written_at": NOW,
            "written_by": world.coordinator["so-a"],
            **fields,
        },
    )


@breaks("consultation_ends_after_it_begins")
def _(world: World) -> None:
    change(consultation(world), closes_on=DAY - dt.timedelta(days=1))


@breaks("consultation_closed_by_someone")
def _(world: World) -> None:
    change(consultation(world), closed_at=NOW)


@breaks("comment_once_per_criterion")
def _(world: World) -> None:
    again(comment(world))


@breaks("comment_once_on_the_whole")
def _(world: World) -> None:
    again(comment(world, criterion=None, code=""))


@breaks("comment_not_empty")
def _(world: World) -> None:
    change(comment(world), body="")


@breaks("comment_names_its_criterion")
def _(world: World) -> None:
    change(comment(world), code="")


@breaks("comment_answer_says_something")
def _(world: World) -> None:
    change(comment(world), answer=Comment.Answer.ACCEPTED, answered_at=NOW)


# evidence and notices


@breaks("blob_not_empty")
def _(world: World) -> None:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"])
    Blob.objects.filter(pk=version.blob_id).update(size=0)


@breaks("blob_signed_at_needs_signature")
def _(world: World) -> None:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"])
    change(version.blob, signature=Blob.Signature.NONE, signed_at=NOW)


@breaks("blob_signature_order_once")
def _(world: World) -> None:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"])
    states = {"integrity": "intact", "trust": "unchecked", "time_trust": "unchecked"}
    again(version.blob.signatures.create(order=1, **states))


@breaks("document_version_number_once")
def _(world: World) -> None:
    again(factories.document(world.units["so-a"], by=world.officer["so-a"]))


@breaks("notice_once")
def _(world: World) -> None:
    again(
        Notice.objects.create(
            event="due:2026-12-01",
            recipient=world.home_affairs,
            channel=Notice.Channel.IN_APP,
            subject="Nhắc việc",
            body="",
            queued_at=NOW,
            not_before=NOW,
            message_id="<1@thu>",
        )
    )


@breaks("notice_sent_has_time")
def _(world: World) -> None:
    Notice.objects.create(
        event="thử",
        recipient=world.home_affairs,
        channel=Notice.Channel.EMAIL,
        subject="Thử",
        body="",
        state=Notice.State.SENT,
        queued_at=NOW,
        not_before=NOW,
        message_id="<1@thu>",
    )


@breaks("preferences_quiet_hours_end")
def _(world: World) -> None:
    Preferences.objects.create(user=world.home_affairs, quiet_from=dt.time(6), quiet_until=dt.time(6))


@breaks("user_phone_is_international")
def _(world: World) -> None:
    User.objects.filter(pk=world.home_affairs.pk).update(phone="0912345678")


def reminder(world: World, **changed: Any) -> None:
    """A rule before the last day, changed past the services."""
    own_rules(world.cycle, by=world.home_affairs)
    world.cycle.reminder_rules.filter(when="before").update(**changed)


@breaks("reminder_rule_days_bounded")
def _(world: World) -> None:
    reminder(world, days=91)


@breaks("reminder_rule_after_the_last_day")
def _(world: World) -> None:
    reminder(world, when="after", days=0)


@breaks("reminder_rule_repeats_overdue")
def _(world: World) -> None:
    reminder(world, repeat=True)


@breaks("reminder_rule_one_owner")
def _(world: World) -> None:
    reminder(world, plan=world.cycle.plan_id)


@breaks("rule_shift_once")
def _(world: World) -> None:
    item = WorkItem.objects.filter(dossier__cycle=world.cycle)[0]
    day = dt.date(2026, 12, 10)
    RuleShift.objects.bulk_create([RuleShift(item=item, rule="before:3", last_day=day) for _ in range(2)])


# the cycle and its council


@breaks("cycle_once_per_year")
def _(world: World) -> None:
    plan = Plan.objects.get(pk=world.cycle.plan_id)
    plan.pk, plan.number = None, "khac"
    plan.save()
    again(Cycle.objects.get(pk=world.cycle.pk), plan=plan)


@breaks("cycle_group_once")
def _(world: World) -> None:
    again(CycleGroup.objects.filter(cycle=world.cycle).earliest("pk"))


@breaks("council_member_once")
def _(world: World) -> None:
    again(CouncilMember.objects.get(user=world.secretary), role=Role.CHAIR)


@breaks("extension_has_reason")
def _(world: World) -> None:
    Extension.objects.create(
        cycle=world.cycle,
        unit=world.units["so-a"],
        until=DAY,
        reason="",
        granted_by=world.home_affairs,
        granted_at=NOW,
    )


@breaks("extension_until_or_withdrawn")
def _(world: World) -> None:
    Extension.objects.create(
        cycle=world.cycle,
        unit=world.units["so-a"],
        until=DAY,
        withdrawn=True,
        reason="Nhầm đơn vị.",
        granted_by=world.home_affairs,
        granted_at=NOW,
    )


# internal deadlines and nudges


def rule(world: World, **fields: Any) -> InternalDeadline:
    values = {"step": "officer", "days": 5, "set_by": world.home_affairs, "set_at": NOW, **fields}
    return InternalDeadline.objects.create(cycle=world.cycle, **values)


@breaks("internal_deadline_once_per_cycle")
def _(world: World) -> None:
    again(rule(world))


@breaks("internal_deadline_once_per_unit")
def _(world: World) -> None:
    again(rule(world, unit=world.units["so-a"]))


@breaks("internal_deadline_days_bounded")
def _(world: World) -> None:
    rule(world, days=61)


@breaks("internal_deadline_step_known")
def _(world: World) -> None:
    rule(world, step="chair")


def nudge(world: World, text: str = "Đề nghị gửi hồ sơ.") -> Nudge:
    return Nudge.objects.create(cycle=world.cycle, text=text, sent_by=world.home_affairs, sent_at=NOW)


@breaks("nudge_has_text")
def _(world: World) -> None:
    nudge(world, text="")


@breaks("nudged_unit_once")
def _(world: World) -> None:
    again(NudgedUnit.objects.create(nudge=nudge(world), unit=world.units["so-a"]))


# the dossier


@breaks("dossier_once_per_unit")
def _(world: World) -> None:
    again(world.dossier())


@breaks("dossier_submitted_before_appraised")
def _(world: World) -> None:
    change(world.dossier("so-b"), stage=Stage.APPRAISING)


@breaks("dossier_approved_before_submitted")
def _(world: World) -> None:
    change(world.dossier(), approved_at=NOW + dt.timedelta(microseconds=1))


@breaks("assignment_once_per_criterion")
def _(world: World) -> None:
    again(Assignment.objects.filter(dossier=world.dossier()).earliest("pk"))


def substitution(world: World, **fields: Any) -> None:
    officer, other = world.officer["so-a"], world.coordinator["so-a"]
    Substitution.objects.create(
        **{
            "unit": world.units["so-a"],
            "absent": officer,
            "substitute": other,
            "first_day": DAY,
            "last_day": DAY,
            "reason": "Nghỉ phép",
            "made_by": officer,
            "made_at": NOW,
            **fields,
        }
    )


@breaks("substitution_last_day_not_before_first")
def _(world: World) -> None:
    substitution(world, last_day=DAY - dt.timedelta(days=1))


@breaks("substitution_not_of_oneself")
def _(world: World) -> None:
    substitution(world, substitute=world.officer["so-a"])


@breaks("substitution_with_a_reason")
def _(world: World) -> None:
    substitution(world, reason="")


@breaks("substitution_ended_by_somebody")
def _(world: World) -> None:
    substitution(world, ended_at=NOW)


@breaks("review_note_not_empty")
def _(world: World) -> None:
    ReviewNote.objects.create(dossier=world.dossier(), stage=Stage.CHECKING, author=world.head["so-a"], body="", at=NOW)


@breaks("review_note_resolved_has_time")
def _(world: World) -> None:
    note = ReviewNote.objects.create(
        dossier=world.dossier(), stage=Stage.CHECKING, author=world.head["so-a"], body="Xem lại", at=NOW
    )
    change(note, resolved_by=world.head["so-a"])


@breaks("review_note_comment_on_criterion")
def _(world: World) -> None:
    ReviewNote.objects.create(
        dossier=world.dossier(),
        kind=ReviewNote.Kind.COMMENT,
        stage=Stage.CHECKING,
        author=world.head["so-a"],
        body="Xem lại",
        at=NOW,
    )


@breaks("domain_appraisal_once")
def _(world: World) -> None:
    again(DomainAppraisal.objects.filter(dossier=world.dossier()).earliest("pk"))


@breaks("domain_appraisal_finished_by_someone")
def _(world: World) -> None:
    change(DomainAppraisal.objects.filter(dossier=world.dossier()).earliest("pk"), finished_by=None)


# scores


@breaks("score_once_per_criterion")
def _(world: World) -> None:
    again(world.score("1.1.1"))


def with_the_unit(world: World, code: str) -> Score:
    """A score whose unit's side may be written: elsewhere a trigger refuses first."""
    Dossier.objects.filter(pk=world.dossiers["so-b"].pk).update(stage=Stage.CHECKING)
    return world.score(code, "so-b")


@breaks("score_self_within_bounds")
def _(world: World) -> None:
    change(with_the_unit(world, "1.1.1"), self_points=Decimal("2.0001"))


@breaks("score_appraised_within_bounds")
def _(world: World) -> None:
    change(world.score("1.1.1"), appraised_points=Decimal("-0.01"), appraised_reason="Lý do.")


@breaks("score_survey_within_bounds")
def _(world: World) -> None:
    change(world.score("2.1.2"), survey_points=Decimal("1.01"))


@breaks("score_not_self_scored")
def _(world: World) -> None:
    change(with_the_unit(world, "2.1.2"), self_points=Decimal(1))


@breaks("score_survey_only_on_survey_criteria")
def _(world: World) -> None:
    change(world.score("1.1.1"), survey_points=Decimal(1))


@breaks("score_survey_not_appraised")
def _(world: World) -> None:
    change(world.score("2.1.2"), appraised_points=Decimal(1), appraised_reason="Lý do.")


@breaks("score_changed_needs_reason")
def _(world: World) -> None:
    change(world.score("1.1.1"), appraised_points=Decimal(1), appraised_reason="")


@breaks("score_overridden_needs_reason")
def _(world: World) -> None:
    change(with_the_unit(world, "1.1.2"), overridden=True)


@breaks("score_evidence_once")
def _(world: World) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    again(ScoreEvidence.objects.create(score=world.score("1.1.1"), version=version, added_by=officer, added_at=NOW))


def round_score(world: World, **fields: Any) -> RoundScore:
    values = {"round": 1, "seat": 0, "self_points": Decimal(2), "points": Decimal(2), "at": NOW} | fields
    return RoundScore(score=world.score("1.1.1"), source="self", **values)


@breaks("round_score_once")
def _(world: World) -> None:
    round_score(world).save()
    round_score(world).save()


@breaks("round_score_known_round")
def _(world: World) -> None:
    round_score(world, round=3).save()


@breaks("round_score_changed_needs_reason")
def _(world: World) -> None:
    round_score(world, points=Decimal(1)).save()


def conflict(world: World, **fields: Any) -> DeclaredConflict:
    return DeclaredConflict.objects.create(
        council=world.cycle.council,
        user=world.second_appraiser,
        unit=world.units["so-b"],
        declared_by=world.secretary,
        declared_at=NOW,
        **{"reason": "Vợ là phó giám đốc.", **fields},
    )


@breaks("declared_conflict_once")
def _(world: World) -> None:
    again(conflict(world))


@breaks("declared_conflict_has_reason")
def _(world: World) -> None:
    conflict(world, reason="")


@breaks("cycle_one_or_two_rounds")
def _(world: World) -> None:
    change(world.cycle, rounds=3)


@breaks("cycle_known_time_of_result")
def _(world: World) -> None:
    change(world.cycle, show_result_at="never")


def look(world: World, **fields: Any) -> LastLook:
    values = {"user": world.secretary, "dossier": world.dossiers["so-a"], "criterion": world.domain("1")}
    return LastLook.objects.create(**{**values, "at": NOW, **fields})


@breaks("last_look_once")
def _(world: World) -> None:
    again(look(world))


@breaks("last_look_in_order")
def _(world: World) -> None:
    look(world, before=NOW + dt.timedelta(days=1))


@breaks("cycle_consensus_threshold_not_negative")
def _(world: World) -> None:
    change(world.cycle, consensus_threshold=Decimal("-0.01"))


# supplements and appeals


def request(world: World) -> SupplementRequest:
    return SupplementRequest.objects.create(dossier=world.dossier(), due_on=DAY, asked_by=world.secretary, asked_at=NOW)


@breaks("supplement_one_open_per_dossier")
def _(world: World) -> None:
    again(request(world))


@breaks("supplement_item_once")
def _(world: World) -> None:
    again(request(world).items.create(score=world.score("1.1.1"), due_on=DAY, question="Gửi văn bản."))


@breaks("supplement_item_has_question")
def _(world: World) -> None:
    request(world).items.create(score=world.score("1.1.1"), question="", due_on=DAY)


# the signed report


@breaks("self_report_total_entered_by_someone")
def _(world: World) -> None:
    SelfReport.objects.create(dossier=world.dossier(), total=Decimal(1))


@breaks("self_report_total_once_per_domain")
def _(world: World) -> None:
    report = SelfReport.objects.create(dossier=world.dossier())
    again(report.totals.create(domain=world.domain("1"), points=Decimal(1)))


def appeal(world: World, **fields: Any) -> Appeal:
    return Appeal.objects.create(
        **{
            "score": world.score("1.1.1"),
            "reason": "Đã gửi báo cáo.",
            "wanted_points": Decimal(1),
            "filed_by": world.coordinator["so-a"],
            "filed_at": NOW,
            **fields,
        }
    )


@breaks("appeal_has_reason")
def _(world: World) -> None:
    appeal(world, reason="")


@breaks("appeal_decided_with_answer")
def _(world: World) -> None:
    appeal(world, accepted=False)


# the ledger and repeated writes


@breaks("ledger_seq_once")
def _(world: World) -> None:
    again(LedgerEntry.objects.filter(dossier=world.dossier()).earliest("seq"))


@breaks("repeated_write_once")
def _(world: World) -> None:
    again(RepeatedWrite.objects.create(user=world.officer["so-a"], key=uuid.uuid4(), action="save", at=NOW))


# the survey


def respondents(world: World) -> RespondentGroup:
    return RespondentGroup.objects.create(
        cycle_group=world.dossier().cycle_group, code="cong-dan", name="Người dân, doanh nghiệp"
    )


def quota(world: World) -> Quota:
    return Quota.objects.create(unit=world.units["so-a"], respondent_group=respondents(world), planned=30)


def result(world: World) -> SurveyResult:
    imported = SurveyImport.objects.create(
        cycle=world.cycle, filename="a.xlsx", sha256="0", rows=1, imported_by=world.home_affairs, imported_at=NOW
    )
    return SurveyResult.objects.create(
        cycle=world.cycle,
        unit=world.units["so-a"],
        criterion=world.score("2.1.2").criterion,
        points=Decimal(1),
        sheets=30,
        imported=imported,
    )


@breaks("respondent_group_once")
def _(world: World) -> None:
    again(respondents(world))


@breaks("quota_once")
def _(world: World) -> None:
    again(quota(world))


@breaks("quota_not_over_collected")
def _(world: World) -> None:
    change(quota(world), collected=31)


@breaks("survey_result_once")
def _(world: World) -> None:
    again(result(world))


@breaks("survey_result_not_negative")
def _(world: World) -> None:
    change(result(world), points=Decimal("-0.1"))


# results


def proposal(world: World) -> Proposal:
    return Proposal.objects.create(
        cycle=world.cycle, number=1, content=[], content_hash="0", proposed_by=world.home_affairs, proposed_at=NOW
    )


@breaks("proposal_number_once")
def _(world: World) -> None:
    again(proposal(world))


@breaks("proposal_two_people")
def _(world: World) -> None:
    change(proposal(world), approved=True, decided_at=NOW, decided_by=world.home_affairs)


@breaks("proposal_decided_has_time")
def _(world: World) -> None:
    change(proposal(world), approved=True, decided_by=world.province)


@breaks("proposal_returned_with_comment")
def _(world: World) -> None:
    change(proposal(world), approved=False, decided_at=NOW, decided_by=world.province)


# reports on a plan's tasks


@breaks("report_evidence_once")
def _(world: World) -> None:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"])
    report = factories.task_report(world.cycle.plan, world.units["so-a"])
    again(ReportEvidence.objects.create(report=report, version=version, added_by=world.officer["so-a"], added_at=NOW))


@breaks("work_item_one_subject")
def _(world: World) -> None:
    item = world.cycle.work_items.filter(dossier=None).earliest("pk")
    change(item, report=factories.task_report(world.cycle.plan, world.units["so-a"]))


# the feed of a person's calendar


@breaks("calendar_feed_one_open")
def _(world: World) -> None:
    CalendarFeed.objects.create(user=world.chair, token_hash="1", made_at=NOW)
    CalendarFeed.objects.create(user=world.chair, token_hash="2", made_at=NOW)


# what the monitor remembers


@breaks("progress_done_within_total")
def _(world: World) -> None:
    DossierProgress.objects.create(dossier=world.dossiers["so-a"], seq=1, done=3, total=2, counted_at=NOW)


@breaks("day_done_once")
def _(world: World) -> None:
    again(DayDone.objects.create(dossier=world.dossiers["so-a"], on=DAY, criteria=1))


@breaks("day_done_not_empty")
def _(world: World) -> None:
    DayDone.objects.create(dossier=world.dossiers["so-a"], on=DAY, criteria=0)


@breaks("step_time_once")
def _(world: World) -> None:
    again(StepTime.objects.create(dossier=world.dossiers["so-a"], stage=Stage.CHECKING, visits=1, seconds=1))


@breaks("step_time_of_a_visit")
def _(world: World) -> None:
    StepTime.objects.create(dossier=world.dossiers["so-a"], stage=Stage.CHECKING, visits=0, seconds=1)


def saved_view(world: World, name: str) -> SavedView:
    return SavedView.objects.create(owner=world.home_affairs, province=world.cycle.province, name=name, created_at=NOW)


@breaks("saved_view_name_once")
def _(world: World) -> None:
    again(saved_view(world, "Quá hạn"))


@breaks("saved_view_named")
def _(world: World) -> None:
    saved_view(world, "")


# meetings of the council


def meeting(world: World, **fields: Any) -> CouncilSession:
    return CouncilSession.objects.create(
        council=world.cycle.council,
        **{
            "number": 1,
            "held_at": NOW,
            "place": "Phòng 1",
            "chaired_by": world.chair,
            "minutes_by": world.secretary,
            **fields,
        },
    )


def topic(world: World, **fields: Any) -> AgendaItem:
    return AgendaItem.objects.create(
        session=meeting(world), **{"order": 1, "kind": "topic", "question": "Nội dung", **fields}
    )


@breaks("council_session_number_once")
def _(world: World) -> None:
    again(meeting(world))


@breaks("council_session_one_open")
def _(world: World) -> None:
    meeting(world, state="open", opened_at=NOW)
    meeting(world, number=2, state="open", opened_at=NOW)


@breaks("council_session_opened_at")
def _(world: World) -> None:
    meeting(world, state="open")


@breaks("council_session_concluded_by_someone")
def _(world: World) -> None:
    meeting(world, state="concluded", opened_at=NOW, concluded_at=NOW)


@breaks("attendance_once")
def _(world: World) -> None:
    again(Attendance.objects.create(session=meeting(world), seat=world.chair.council_seats.get()))


@breaks("attendance_absent_with_reason")
def _(world: World) -> None:
    Attendance.objects.create(session=meeting(world), seat=world.chair.council_seats.get(), present=False)


@breaks("agenda_item_one_subject")
def _(world: World) -> None:
    topic(world, question="")


@breaks("agenda_item_score_waits_once")
def _(world: World) -> None:
    again(topic(world, kind="dispute", score=world.score("1.1.1")))


@breaks("agenda_item_decided_with_decision")
def _(world: World) -> None:
    topic(world, state="decided", reason="Thông qua", how="consensus")


@breaks("agenda_item_decided_with_answer")
def _(world: World) -> None:
    topic(world, state="decided", how="consensus", decided_at=NOW, decided_by=world.secretary)


@breaks("agenda_item_put_off_with_reason")
def _(world: World) -> None:
    topic(world, state="put_off")


@breaks("agenda_item_applied_once_decided")
def _(world: World) -> None:
    topic(world, applied_at=NOW)


@breaks("vote_once")
def _(world: World) -> None:
    again(Vote.objects.create(item=topic(world), member=world.chair.council_seats.get(), choice="for"))


@breaks("vote_choice_or_points")
def _(world: World) -> None:
    Vote.objects.create(item=topic(world), member=world.chair.council_seats.get(), choice="for", points=1)


# visits


def visit(world: World, **fields: Any) -> SiteVisit:
    return SiteVisit.objects.create(
        dossier=world.dossiers["so-a"],
        **{"planned_at": NOW, "place": "Trụ sở", "planned_by": world.secretary, **fields},
    )


@breaks("site_visit_cancelled_with_reason")
def _(world: World) -> None:
    visit(world, state="cancelled")


@breaks("site_visit_done_with_minutes")
def _(world: World) -> None:
    visit(world, state="done", done_at=NOW, done_by=world.secretary)


@breaks("site_visit_shared_once_done")
def _(world: World) -> None:
    visit(world, shared_at=NOW)


@breaks("site_finding_once")
def _(world: World) -> None:
    again(SiteFinding.objects.create(visit=visit(world), score=world.score("1.1.1"), result="matches"))


@breaks("site_finding_differs_with_note")
def _(world: World) -> None:
    SiteFinding.objects.create(visit=visit(world), score=world.score("1.1.1"), result="short")


@breaks("visit_file_once")
def _(world: World) -> None:
    blob = factories.document(world.units["so-a"], by=world.secretary).blob
    again(
        VisitFile.objects.create(
            visit=visit(world), blob=blob, kind="photo", filename="a.png", added_by=world.secretary, added_at=NOW
        )
    )


def named_constraints() -> dict[str, models.BaseConstraint]:
    return {
        constraint.name: constraint
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }


def test_every_named_constraint_is_broken_here() -> None:
    assert sorted(named_constraints()) == sorted(BREAKS)


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_database_refuses_what_the_constraint_forbids(world: World, name: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        BREAKS[name](world)
    if connection.vendor == "postgresql":
        assert caught.value.__cause__.diag.constraint_name == name
    elif isinstance(named_constraints()[name], models.CheckConstraint):
        assert str(caught.value) == f"CHECK constraint failed: {name}"
    else:
        assert str(caught.value).startswith("UNIQUE constraint failed: ")
