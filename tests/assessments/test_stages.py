"""The stages: every one has its step, its words, and a way in."""

from __future__ import annotations

import pytest

from assessments.stages import (
    CYCLE_TRANSITIONS,
    DONE_STAGES,
    EDIT_STAGES,
    OPEN_STAGES,
    STEPS,
    SUBMITTED_STAGES,
    TRANSITIONS,
    CycleStage,
    Stage,
    step_of,
)


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        (Stage.ASSIGNING, 1),
        (Stage.SELF_ASSESSING, 2),
        (Stage.CHECKING, 3),
        (Stage.APPROVING, 4),
        (Stage.READY, 4),
        (Stage.SUBMITTED, 5),
        (Stage.APPRAISING, 5),
        (Stage.REVIEWING, 5),
        (Stage.SUPPLEMENTING, 5),
        (Stage.RESPONDING, 6),
        (Stage.HEARING, 6),
        (Stage.CONCLUDED, 6),
        (Stage.FINAL, 7),
        (Stage.NOT_SUBMITTED, 4),
    ],
)
def test_step_of_each_stage(stage: Stage, step: int) -> None:
    assert step_of(stage) == step


def test_steps_hold_every_stage_but_the_one_that_was_never_sent() -> None:
    held = [stage for _label, stages in STEPS for stage in stages]
    assert sorted(held) == sorted(set(Stage) - {Stage.NOT_SUBMITTED})
    assert len(STEPS) == 7


def test_sets_of_stages_divide_the_whole() -> None:
    assert OPEN_STAGES | SUBMITTED_STAGES | {Stage.NOT_SUBMITTED} == set(Stage)
    assert set() == OPEN_STAGES & SUBMITTED_STAGES
    assert EDIT_STAGES < OPEN_STAGES
    assert {Stage.CONCLUDED, Stage.FINAL, Stage.NOT_SUBMITTED} == DONE_STAGES


def test_every_stage_can_be_reached_from_the_first() -> None:
    for first, transitions, stages in (
        (Stage.ASSIGNING, TRANSITIONS, set(Stage)),
        (CycleStage.DRAFT, CYCLE_TRANSITIONS, set(CycleStage)),
    ):
        reached = {first}
        for _ in stages:
            reached |= {target for source, target in transitions if source in reached}
        assert reached == stages


def test_moves_are_listed_once_and_lead_somewhere_else() -> None:
    for transitions in (TRANSITIONS, CYCLE_TRANSITIONS):
        assert len(set(transitions)) == len(transitions)
        assert all(source != target for source, target in transitions)


def test_only_an_open_dossier_can_be_given_up() -> None:
    assert {source for source, target in TRANSITIONS if target == Stage.NOT_SUBMITTED} == OPEN_STAGES


def test_nothing_leaves_the_end() -> None:
    ends = {Stage.FINAL, Stage.NOT_SUBMITTED}
    assert {source for source, _target in TRANSITIONS} & ends == set()
    assert {source for source, _target in CYCLE_TRANSITIONS} & {CycleStage.PUBLISHED} == set()
