"""What a form says of an empty field: what to do, not that it is required."""

from __future__ import annotations

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from tests import factories
from units import access
from units.fields import DayField
from units.models import Unit
from units.permissions import Role


class Sample(forms.Form):
    name = forms.CharField()
    kind = forms.ChoiceField(choices=[("a", "A")])
    kinds = forms.MultipleChoiceField(choices=[("a", "A")])
    day = DayField()
    count = forms.IntegerField()
    file = forms.FileField()
    own = forms.CharField(error_messages={"required": "Hãy ghi lý do."})


def test_empty_fields_ask_for_what_is_missing() -> None:
    found = {name: list(errors) for name, errors in Sample({}, {}).errors.items()}
    assert found == {
        "name": ["Hãy nhập mục này."],
        "kind": ["Hãy chọn một mục."],
        "kinds": ["Hãy chọn ít nhất một mục."],
        "day": ["Hãy nhập ngày, ví dụ 20/12/2026."],
        "count": ["Hãy nhập một số."],
        "file": ["Hãy chọn một tệp."],
        "own": ["Hãy ghi lý do."],
    }


@pytest.mark.django_db
def test_empty_substitution_is_asked_for_field_by_field(client: Client) -> None:
    unit = Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)
    officer = factories.user()
    access.join(officer, unit, Role.OFFICER)
    client.force_login(officer)
    page = client.post(reverse("substitutions"), {})
    assert (page.status_code, {name: list(errors) for name, errors in page.context["form"].errors.items()}) == (
        422,
        {
            "absent": ["Hãy chọn người vắng mặt."],
            "substitute": ["Hãy chọn người làm thay."],
            "first_day": ["Hãy nhập ngày, ví dụ 20/12/2026."],
            "last_day": ["Hãy nhập ngày, ví dụ 20/12/2026."],
            "reason": ["Hãy ghi lý do, ví dụ: nghỉ phép, đi công tác."],
        },
    )
