"""What is missing in a dossier: points first, then the proof of what is claimed."""

from __future__ import annotations

import pytest

from assessments.completeness import Gap, GapKind, Progress, gap_of, gaps, own_scores, progress
from assessments.services.scores import Entry, attach, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World

OWN = ["1.1.1", "1.1.2", "2.1.1", "3.1.1", "3.1.2", "3.1.3"]


@pytest.fixture(autouse=True)
def self_assessing(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)


def save(world: World, code: str, entry: Entry) -> None:
    score = world.score(code)
    save_score(score, entry, version=score.version, by=world.officer["so-a"])


def found(world: World) -> dict[str, Gap]:
    return {gap.code: gap for gap in gaps(own_scores(world.dossier()))}


def test_own_scores_leave_out_survey_and_direct_criteria(world: World) -> None:
    assert [score.criterion.code for score in own_scores(world.dossier())] == OWN


def test_untouched_dossier_lacks_points_everywhere(world: World) -> None:
    missing = found(world)
    assert {code: gap.kind for code, gap in missing.items()} == dict.fromkeys(OWN, GapKind.POINTS)
    score = world.score("1.1.1")
    assert missing["1.1.1"] == Gap(
        score_id=score.pk,
        criterion_id=score.criterion_id,
        code="1.1.1",
        name="Ban hành kế hoạch",
        kind=GapKind.POINTS,
        message="Chưa nhập số liệu để tính điểm.",
    )


def test_half_declared_figures_are_still_missing_points(world: World) -> None:
    save(world, "1.1.2", Entry({"a": "3"}, explanation="Theo báo cáo."))
    assert found(world)["1.1.2"].kind == GapKind.POINTS


def test_claimed_points_without_proof_are_a_gap(world: World) -> None:
    save(world, "1.1.1", Entry({"met": "có"}))
    gap = found(world)["1.1.1"]
    assert (gap.kind, gap.message) == (GapKind.PROOF, "Chưa có tài liệu kiểm chứng hoặc giải trình.")


def test_giai_trinh_proves_claimed_points(world: World) -> None:
    save(world, "1.1.1", Entry({"met": "có"}, explanation="Theo báo cáo số 12."))
    assert "1.1.1" not in found(world)


def test_blank_giai_trinh_proves_nothing(world: World) -> None:
    save(world, "1.1.1", Entry({"met": "có"}, explanation=" \n "))
    assert found(world)["1.1.1"].kind == GapKind.PROOF


def test_document_proves_claimed_points(world: World) -> None:
    officer = world.officer["so-a"]
    save(world, "1.1.1", Entry({"met": "có"}))
    attach(world.score("1.1.1"), factories.document(world.units["so-a"], by=officer), quote="", by=officer)
    assert "1.1.1" not in found(world)


def test_zero_points_need_no_proof(world: World) -> None:
    save(world, "1.1.1", Entry({"met": "không"}))
    assert "1.1.1" not in found(world)


def test_negative_points_need_no_proof(world: World) -> None:
    save(world, "3.1.3", Entry({"tier": "vi_pham"}))
    assert "3.1.3" not in found(world)


@pytest.mark.parametrize("code", ["2.1.1", "3.1.1"])
def test_not_applicable_needs_proof_whatever_its_points(world: World, code: str) -> None:
    save(world, code, Entry({}, not_applicable=True))
    assert found(world)[code].kind == GapKind.PROOF
    save(world, code, Entry({}, not_applicable=True, explanation="Trong năm không phát sinh."))
    assert code not in found(world)


@pytest.mark.parametrize("code", ["2.1.2", "3.1.4", "3.1.5"])
def test_survey_and_direct_criteria_are_nobodys_gap(world: World, code: str) -> None:
    assert gap_of(world.score(code), documents=0) is None


def test_progress_counts_what_is_done(world: World) -> None:
    assert progress(own_scores(world.dossier())) == Progress(done=0, total=6)
    save(world, "1.1.1", Entry({"met": "không"}))
    save(world, "1.1.2", Entry({"a": "1", "b": "2"}))
    done = progress(own_scores(world.dossier()))
    assert (done, done.percent) == (Progress(done=1, total=6), 16)
    world.fill()
    done = progress(own_scores(world.dossier()))
    assert (done, done.percent) == (Progress(done=6, total=6), 100)


def test_percent_reaches_a_hundred_only_when_all_is_done() -> None:
    assert Progress(done=199, total=200).percent == 99
    assert Progress(done=0, total=0).percent == 100


def test_gaps_of_a_dossier_are_one_query(world: World, django_assert_num_queries) -> None:
    dossier = world.dossier()
    with django_assert_num_queries(1):
        assert len(gaps(own_scores(dossier))) == 6
