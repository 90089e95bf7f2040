"""The frame of a page: which cycle its navigation leads to."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Cycle
from assessments.stages import CycleStage
from plans.models import Plan
from tests import factories
from units import access
from units.permissions import Role

pytestmark = pytest.mark.django_db


def test_next_years_draft_does_not_hide_the_running_cycle() -> None:
    world = factories.world().open()
    running = world.cycle
    draft = Cycle.objects.get(pk=running.pk)
    plan = Plan.objects.get(pk=running.plan_id)
    plan.pk, plan.number = None, "12/KH-UBND"
    plan.save()
    draft.pk, draft.plan, draft.year, draft.stage = None, plan, running.year + 1, CycleStage.DRAFT
    draft.name = "Đợt năm sau"
    draft.save()
    access.grant(Role.HOME_AFFAIRS, world.home_affairs, draft)
    client = Client()
    client.force_login(world.home_affairs)
    page = client.get(reverse("inbox")).content.decode()
    assert reverse("monitor", args=[running.pk]) in page
    assert reverse("monitor", args=[draft.pk]) not in page
