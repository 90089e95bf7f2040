"""Excel: the template, a set as a file, and a file as a set after it was looked at."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView
from django.views.generic.base import View

from units.templatetags.cchc import points
from units.web import SignedInRequest

from ..changes import set_version
from ..editing import twin_of
from ..errors import Conflict, CriteriaError, InvalidSet
from ..forms import UploadForm
from ..models import CriteriaSet
from ..services import write_set
from ..set_page import set_page
from ..setdata import SetData
from ..sheet_layout import directory
from ..spreadsheet import Parsed, export_workbook, parse_workbook, template_workbook
from ..trees import read_set
from ..versions import difference
from ..visibility import manages
from .base import EXCEL, SetMixin, download, file_name
from .editing import DraftDataMixin
from .sets import diff_sections

# The file travels inside the page between preview and confirmation, so that nothing is written before; a set of 2,000
# rows takes less than 1 MB.
MAX_BYTES = 3 * 1024 * 1024


class TemplateView(LoginRequiredMixin, View):
    """The workbook to fill in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not manages(request.user):
            raise Http404
        return download(template_workbook(), name="mau-bo-chi-so.xlsx", kind=EXCEL)


class ExportView(SetMixin, View):
    """The set as a workbook, for whoever may read it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        content = export_workbook(read_set(self.criteria_set), units=directory())
        return download(content, name=file_name(self.criteria_set, "", "xlsx"), kind=EXCEL)


class ImportMixin(FormView):
    """Upload, preview by the real path, confirm; the same for a new set and for the content of a draft."""

    request: SignedInRequest
    template_name = "criteria/import.html"
    form_class = UploadForm
    target: CriteriaSet | None = None
    current: SetData | None = None

    def back_url(self) -> str:
        """Where another file is chosen."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "content" in request.POST:
            return self.confirmed(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        file = form.cleaned_data["file"]
        if file.size > MAX_BYTES:
            form.add_error("file", _("Tệp lớn hơn 3 MB. Hãy xóa hình ảnh, trang tính không dùng rồi tải lên lại."))
            return self.form_invalid(form)
        content = file.read()
        parsed = parse_workbook(io.BytesIO(content), into=self.target)
        unplaced = [issue for issue in parsed.errors if not issue.sheet]
        if unplaced:
            for issue in unplaced:
                form.add_error("file", str(issue))
            return self.form_invalid(form)
        return self.preview(content, parsed)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def preview(self, content: bytes, parsed: Parsed, *, problem: str = "", status: int = 200) -> HttpResponse:
        """What the file says, and everything that is wrong with it; nothing is written."""
        self.template_name = "criteria/import_preview.html"
        data = parsed.data
        tree = set_page(data) if data is not None and data.nodes else None
        diff = difference(self.current, data) if self.current is not None and data is not None else None
        context = self.get_context_data(
            form=UploadForm(),
            data=data,
            tree=tree,
            errors=parsed.errors,
            warnings=[str(warning) for warning in parsed.warnings],
            diff=diff,
            sections=diff_sections(diff) if diff else [],
            lead=_("%(name)s · Năm %(year)s") % {"name": data.name, "year": data.year} if data is not None else "",
            figure=_("%(points)s điểm") % {"points": points(tree.totals.points)} if tree else "",
            figure_note=_("%(count)s tiêu chí được chấm điểm") % {"count": tree.totals.leaves} if tree else "",
            content=base64.b64encode(content).decode(),
            seen=set_version(self.current) if self.current is not None else "",
            problem=problem,
            back_url=self.back_url(),
        )
        if data is not None:
            context["illustrative"] = data.illustrative
        return self.render_to_response(context, status=422 if parsed.errors else status)

    def confirmed(self, request: HttpRequest) -> HttpResponse:
        """Read the same file again by the same path, and write all of it or nothing."""
        try:
            content = base64.b64decode(request.POST["content"], validate=True)
        except binascii.Error:
            messages.error(request, _("Tệp không đọc được nữa. Hãy tải lên lại."))
            return redirect(self.back_url())
        parsed = parse_workbook(io.BytesIO(content), into=self.target)
        if parsed.errors or parsed.data is None:
            return self.preview(content, parsed)
        if self.current is not None and request.POST.get("seen") != set_version(self.current):
            problem = _("Dự thảo vừa được sửa sau khi bạn xem trước. Hãy xem lại phần khác nhau rồi ghi.")
            return self.preview(content, parsed, problem=problem, status=409)
        try:
            twin = twin_of(parsed.data) if self.target is None else None
            made = twin or write_set(parsed.data, into=self.target, expected=self.current, by=self.request.user)
        except (Conflict, InvalidSet) as error:
            return self.preview(content, parsed, problem=str(error), status=409)
        except CriteriaError as error:
            messages.warning(request, str(error))
            return redirect(self.back_url())
        messages.success(request, _("Đã ghi bộ chỉ số “%(name)s”.") % {"name": made.name})
        return redirect("criteria-set", made.pk)


class ImportView(LoginRequiredMixin, ImportMixin):
    """A new draft from a workbook."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not manages(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def back_url(self) -> str:
        return reverse("criteria-import")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [{"label": _("Bộ chỉ số"), "url": reverse("criteria-sets")}, {"label": _("Nhập từ Excel"), "url": ""}]
        return super().get_context_data(crumbs=crumbs, **kwargs)


class ImportIntoView(DraftDataMixin, ImportMixin):
    """The content of a draft replaced by that of a workbook."""

    def load(self) -> None:
        super().load()
        self.target, self.current = self.criteria_set, self.data

    def back_url(self) -> str:
        return reverse("criteria-import-into", args=[self.criteria_set.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.crumbs(_("Nhập từ Excel")), **kwargs)
