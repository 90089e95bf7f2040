"""Work is shared out evenly, to people who may take it, the same way each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assessments.balancing import Job, balance

PEOPLE = st.integers(1, 6)
JOBS = st.lists(
    st.tuples(st.integers(1, 30), st.lists(PEOPLE, unique=True).map(tuple)),
    max_size=40,
).map(lambda rows: [Job(number, weight, people) for number, (weight, people) in enumerate(rows)])


def test_jobs_go_to_whoever_has_least() -> None:
    jobs = [Job("a", 10, (1, 2)), Job("b", 4, (1, 2)), Job("c", 4, (1, 2))]
    assert balance(jobs, {}) == {"a": 1, "b": 2, "c": 2}
    assert balance(jobs, {1: 20}) == {"a": 2, "b": 2, "c": 2}


def test_job_that_only_one_may_take_is_his_before_others_choose() -> None:
    assert balance([Job("free", 5, (1, 2)), Job("bound", 5, (1,))], {}) == {"bound": 1, "free": 2}


def test_job_that_nobody_may_take_is_left_out() -> None:
    assert balance([Job("a", 1, ())], {}) == {}


@given(JOBS, st.dictionaries(PEOPLE, st.integers(0, 50)))
def test_everybody_gets_only_what_they_may_take_and_nothing_is_lost(jobs: list[Job[int]], load: dict[int, int]) -> None:
    shared = balance(jobs, load)
    assert set(shared) == {job.key for job in jobs if job.candidates}
    assert all(shared[job.key] in job.candidates for job in jobs if job.key in shared)
    assert balance(jobs, load) == shared


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 6))
def test_nobody_carries_more_than_one_job_above_anybody_else(weights: list[int], people: int) -> None:
    everybody = tuple(range(people))
    jobs = [Job(number, weight, everybody) for number, weight in enumerate(weights)]
    shared = balance(jobs, {})
    carried = [sum(job.weight for job in jobs if shared[job.key] == person) for person in everybody]
    assert max(carried) - min(carried) <= max(weights)
