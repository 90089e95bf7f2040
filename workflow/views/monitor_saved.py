"""Saved views of the monitor: add, rename, share, delete. Each is a person's own; all may open a shared one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.errors import InvalidInput

from ..monitor.memory import SavedView
from ..monitor.saved import add_view, change_view, delete_view, views_for
from .base import place_errors
from .monitor import WatchBase, WatchView


class SavedViewForm(forms.Form):
    """A name, and whether others may use it."""

    name = forms.CharField(label=gettext_lazy("Tên chế độ xem"), max_length=80)
    shared = forms.BooleanField(label=gettext_lazy("Dùng chung với những người cùng theo dõi"), required=False)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)


class SavedViewsView(WatchView):
    """The list; adding one keeps the filter that was open."""

    template_name = "workflow/monitor/views.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("view_form", SavedViewForm(initial={"query": self.chosen.query()}))
        views = views_for(self.request.user, self.cycle)
        return super().get_context_data(
            own=[view for view in views if view.owner_id == self.request.user.pk],
            foreign=[view for view in views if view.owner_id != self.request.user.pk],
            **kwargs,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = SavedViewForm(request.POST)
        if form.is_valid():
            try:
                view = add_view(self.cycle, by=self.request.user, **form.cleaned_data)
            except InvalidInput as error:
                place_errors(form, error)
            else:
                messages.success(request, _("Đã lưu chế độ xem “%(name)s”.") % {"name": view.name})
                return redirect(f"{reverse('monitor', args=[self.cycle.pk])}?{view.query}")
        return self.render_to_response(self.get_context_data(view_form=form), status=422)


class SavedViewView(WatchView):
    """Rename an own view, share it or not; those of others are not found."""

    template_name = "workflow/monitor/view_form.html"

    def own(self) -> SavedView:
        views = views_for(self.request.user, self.cycle)
        return get_object_or_404(views.filter(owner=self.request.user), pk=self.kwargs["saved"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = kwargs.pop("saved", None) or self.own()
        kwargs.setdefault("view_form", SavedViewForm(initial={"name": view.name, "shared": view.shared}))
        return super().get_context_data(saved=view, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        view, form = self.own(), SavedViewForm(request.POST)
        if form.is_valid():
            name, shared = form.cleaned_data["name"], form.cleaned_data["shared"]
            try:
                change_view(view, name=name, shared=shared, by=self.request.user)
            except InvalidInput as error:
                place_errors(form, error)
            else:
                messages.success(request, _("Đã lưu chế độ xem “%(name)s”.") % {"name": view.name})
                return redirect("monitor-views", self.cycle.pk)
        return self.render_to_response(self.get_context_data(view_form=form, saved=view), status=422)


class DeleteSavedView(WatchBase):
    """Remove an own view."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        views = views_for(self.request.user, self.cycle)
        view = get_object_or_404(views.filter(owner=self.request.user), pk=kwargs["saved"])
        delete_view(view, by=self.request.user)
        messages.success(request, _("Đã xóa chế độ xem “%(name)s”.") % {"name": view.name})
        return redirect("monitor-views", self.cycle.pk)
