"""Writing plans on screen: the head, tasks, targets, a copy for a later year, members of working groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from .. import pages, services
from ..calendar import short_date
from ..errors import PlanError
from ..forms import CloneForm, MemberForm, PlanForm, TargetForm, TaskForm
from ..models import Plan, PlanTask, Target
from ..working_groups import WorkingGroup, WorkingGroupMember
from .base import KeeperFormView, KeeperView, crumbs

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class PlanEditView(KeeperFormView):
    """A new plan, or the head and legal dates of one that stands."""

    template_name = "plans/plan_form.html"
    form_class = PlanForm

    def target(self) -> Plan | None:
        """The plan to change; None for a new one."""
        return self.plan() if "plan" in self.kwargs else None

    def get_initial(self) -> dict[str, Any]:
        plan = self.target()
        return PlanForm.initial_of(plan) if plan else {}

    def save(self, form: PlanForm) -> str:
        plan = self.target()
        if plan is None:
            made = services.create_plan(form.content(), by=self.user)
            messages.success(self.request, _("Đã tạo kế hoạch %(number)s.") % {"number": made.number})
            return reverse("plan", args=[made.pk])
        services.save_header(plan, form.content(), version=form.cleaned_data["version"], by=self.user)
        messages.success(self.request, _("Đã lưu kế hoạch."))
        return reverse("plan", args=[plan.pk])

    def current(self) -> dict[str, str]:
        plan = self.plan()
        return {
            _("Số, ký hiệu"): plan.number,
            _("Tên kế hoạch"): plan.title,
            _("Thực hiện"): f"{short_date(plan.period_start)} – {short_date(plan.period_end)}",
            **{str(m.get_key_display()): m.deadline.words() for m in plan.milestones.all()},
        }

    def current_version(self) -> int | None:
        return self.plan().version

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.target()
        title = _("Sửa kế hoạch") if plan else _("Kế hoạch mới")
        way = [(plan.number, reverse("plan", args=[plan.pk]))] if plan else []
        return super().get_context_data(plan=plan, title=title, crumbs=crumbs(*way, (title, "")), **kwargs)


class PlanCloneView(KeeperFormView):
    """A copy of a plan for a later year, every date moved."""

    template_name = "plans/plan_clone.html"
    form_class = CloneForm

    def get_initial(self) -> dict[str, Any]:
        return {"years": 1, "title": later_years(self.plan().title, 1)}

    def save(self, form: CloneForm) -> str:
        made = services.clone_plan(self.plan(), **form.cleaned_data, by=self.user)
        messages.success(
            self.request,
            _("Đã sao kế hoạch, mọi mốc thời gian đã chuyển. Hãy rà lại các năm ghi trong lời văn của nhiệm vụ."),
        )
        return reverse("plan", args=[made.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.plan()
        title = _("Sao sang năm khác")
        return super().get_context_data(
            plan=plan, title=title, crumbs=crumbs((plan.number, reverse("plan", args=[plan.pk])), (title, "")), **kwargs
        )


def later_years(text: str, years: int) -> str:
    """`text` with every year of this and the last century moved: a proposal that a person reads before it is saved."""
    return re.sub(r"\b(?:19|20)[0-9]{2}\b", lambda match: str(int(match[0]) + years), text)


class PartView(KeeperFormView):
    """A form on a row of a plan: new, or changed in place."""

    title_new: StrOrPromise = ""
    title_edit: StrOrPromise = ""

    def row(self) -> Any:
        """The row to change; None for a new one. Raises Http404."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        row = self.row()
        return self.form_class.initial_of(row) if row else {}  # type: ignore[attr-defined]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "plan": self.plan()}

    def current_version(self) -> int | None:
        return int(self.row().version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, row = self.plan(), self.row()
        title = str(self.title_edit if row else self.title_new)
        return super().get_context_data(
            plan=plan,
            row=row,
            title=title,
            back=reverse("plan", args=[plan.pk]),
            crumbs=crumbs((plan.number, reverse("plan", args=[plan.pk])), (title, "")),
            **kwargs,
        )


class TaskEditView(PartView):
    """A task of a plan."""

    template_name = "plans/task_form.html"
    form_class = TaskForm
    title_new = gettext_lazy("Thêm nhiệm vụ")
    title_edit = gettext_lazy("Sửa nhiệm vụ")

    def row(self) -> PlanTask | None:
        if "task" not in self.kwargs:
            return None
        return get_object_or_404(self.plan().tasks.select_related("parent"), pk=self.kwargs["task"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "task": self.row()}

    def save(self, form: TaskForm) -> str:
        plan, task = self.plan(), self.row()
        saved = services.save_task(plan, form.content(), task=task, version=form.cleaned_data["version"], by=self.user)
        messages.success(self.request, _("Đã lưu nhiệm vụ %(number)s.") % {"number": saved.number})
        return reverse("plan", args=[plan.pk]) + f"#nhiem-vu-{saved.pk}"

    def current(self) -> dict[str, str]:
        task = self.row()
        assert task is not None
        return {
            _("Số"): task.number,
            _("Nhiệm vụ"): task.name,
            _("Chủ trì"): task.lead,
            _("Phối hợp"): task.coordinating,
            _("Thời gian"): task.time_text,
        }


class TargetEditView(PartView):
    """A target of a plan."""

    template_name = "plans/target_form.html"
    form_class = TargetForm
    title_new = gettext_lazy("Thêm chỉ tiêu")
    title_edit = gettext_lazy("Sửa chỉ tiêu")

    def row(self) -> Target | None:
        if "target" not in self.kwargs:
            return None
        return get_object_or_404(self.plan().targets.select_related("task"), pk=self.kwargs["target"])

    def save(self, form: TargetForm) -> str:
        plan = self.plan()
        saved = services.save_target(
            plan, form.content(), target=self.row(), version=form.cleaned_data["version"], by=self.user
        )
        messages.success(self.request, _("Đã lưu chỉ tiêu %(number)s.") % {"number": saved.number})
        return reverse("plan", args=[plan.pk]) + "#chi-tieu"

    def current(self) -> dict[str, str]:
        target = self.row()
        assert target is not None
        return {
            _("Số"): target.number,
            _("Chỉ tiêu"): target.text,
            _("Giá trị"): pages.figure_words(target),
        }


class DeleteView(KeeperView, View):
    """Takes one row out of a plan; only by POST."""

    http_method_names = ["post"]

    def remove(self) -> str:
        """Call the service; returns the words that tell of it."""
        raise NotImplementedError

    def back(self) -> str:
        return reverse("plan", args=[self.kwargs["plan"]])

    def version(self) -> int | None:
        """The version that the person saw."""
        seen = self.request.POST.get("version", "")
        return int(seen) if seen.isdecimal() else None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, self.remove())
        except PlanError as error:
            messages.error(request, str(error))
        return redirect(self.back())


class TaskDeleteView(DeleteView):
    """Takes a task out of its plan."""

    def remove(self) -> str:
        task = get_object_or_404(self.plan().tasks.select_related("plan"), pk=self.kwargs["task"])
        services.delete_task(task, version=self.version(), by=self.user)
        return _("Đã xóa nhiệm vụ %(number)s.") % {"number": task.number}


class TargetDeleteView(DeleteView):
    """Takes a target out of its plan."""

    def remove(self) -> str:
        target = get_object_or_404(self.plan().targets.select_related("plan"), pk=self.kwargs["target"])
        services.delete_target(target, version=self.version(), by=self.user)
        return _("Đã xóa chỉ tiêu %(number)s.") % {"number": target.number}


class GroupView(KeeperFormView):
    """The people of a working group, with the check of its composition."""

    template_name = "plans/group.html"
    form_class = MemberForm

    def group(self) -> WorkingGroup:
        """The group of the address, below the plan of the address. Raises Http404."""
        found = services.group_of(self.plan(), self.kwargs["group"])
        if found is None:
            raise Http404
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "group": self.group()}

    def save(self, form: MemberForm) -> str:
        member = services.add_member(**form.cleaned_data, by=self.user)
        messages.success(self.request, _("Đã thêm %(name)s vào tổ.") % {"name": member.name})
        return reverse("plan-group", args=[self.kwargs["plan"], self.kwargs["group"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, group = self.plan(), self.group()
        people = group.people()
        return super().get_context_data(
            plan=plan,
            group=group,
            count=len(people),
            problems=group.check_composition(people),
            crumbs=crumbs((plan.number, reverse("plan", args=[plan.pk])), (group.name, "")),
            **kwargs,
        )


class MemberDeleteView(DeleteView):
    """Takes a person off a working group."""

    def back(self) -> str:
        return reverse("plan-group", args=[self.kwargs["plan"], self.kwargs["group"]])

    def remove(self) -> str:
        members = WorkingGroupMember.objects.filter(seat__group__plan=self.plan(), seat__group=self.kwargs["group"])
        member = get_object_or_404(members, pk=self.kwargs["member"])
        services.remove_member(member, by=self.user)
        return _("Đã đưa %(name)s ra khỏi tổ.") % {"name": member.name}
