"""A unit with an officer who may fill its library."""

from __future__ import annotations

import pytest

from units import access
from units.models import Unit, User
from units.permissions import Role


@pytest.fixture
def unit(db: None) -> Unit:
    return Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)


@pytest.fixture
def officer(unit: Unit) -> User:
    user = User.objects.create_user("chuyenvien", full_name="Trần Thị Minh Hằng")
    access.join(user, unit, Role.OFFICER)
    return user
