"""Filters of the monitor that a person keeps under a name."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.errors import InvalidInput
from assessments.models import Cycle
from units import access, clock
from units.models import User
from units.permissions import Perm

from .memory import SavedView
from .shown import MonitorFilter


def views_for(user: User, cycle: Cycle) -> QuerySet[SavedView]:
    """The person's own views of the province's cycles, and those that others share."""
    return (
        SavedView.objects.filter(Q(owner=user) | Q(shared=True), province=cycle.province_id)
        .select_related("owner")
        .order_by("name", "pk")
    )


def clean_query(cycle: Cycle, query: str) -> str:
    """Only what the filter knows, in its own spelling."""
    return MonitorFilter(QueryDict(query), cycle=cycle).chosen().query()


@transaction.atomic
def add_view(cycle: Cycle, *, name: str, query: str, shared: bool, by: User) -> SavedView:
    """Keep the filter `query` as `name`. Raises InvalidInput where the person has a view of that name."""
    access.require(Perm.MONITOR, by, cycle)
    view = SavedView(
        owner=by,
        province=cycle.province,
        name=name.strip(),
        query=clean_query(cycle, query),
        shared=shared,
        created_at=clock.now(),
    )
    _save(view)
    return view


@transaction.atomic
def change_view(view: SavedView, *, name: str, shared: bool, by: User) -> SavedView:
    """Rename an own view, share it or keep it to oneself. Raises InvalidInput."""
    _require_own(view, by)
    view.name, view.shared = name.strip(), shared
    _save(view)
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Remove an own view; those of others stay."""
    _require_own(view, by)
    view.delete()


def _require_own(view: SavedView, by: User) -> None:
    if view.owner_id != by.pk:
        raise access.NotAllowed(_("Chỉ người đã lưu chế độ xem này mới sửa hoặc xóa được."))


def _save(view: SavedView) -> None:
    if not view.name:
        raise InvalidInput({"name": _("Hãy đặt tên cho chế độ xem.")})
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        message = _("Bạn đã có chế độ xem tên “%(name)s”. Hãy đặt tên khác, hoặc xóa chế độ xem cũ.")
        raise InvalidInput({"name": message % {"name": view.name}}) from error
