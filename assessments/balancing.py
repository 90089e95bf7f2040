"""Sharing work out evenly. Pure: numbers in, names out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Job(Generic[K]):
    """One piece of work: its weight (criteria to score) and the people who may take it."""

    key: K
    weight: int
    candidates: tuple[int, ...]


def balance(jobs: Iterable[Job[K]], load: Mapping[int, int]) -> dict[K, int]:
    """Give each job to the candidate who has least so far; jobs with few candidates and much weight come first.

    `load` is what people have already. Among equals the first candidate gets it, so that the same work is always
    shared out alike. Jobs that nobody may take are left out.
    """
    carried = dict(load)
    shared: dict[K, int] = {}
    for job in sorted(jobs, key=lambda job: (len(job.candidates), -job.weight)):
        if not job.candidates:
            continue
        person = min(job.candidates, key=lambda who: carried.get(who, 0))
        carried[person] = carried.get(person, 0) + job.weight
        shared[job.key] = person
    return shared
