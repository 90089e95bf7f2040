"""A unit comments on a draft, domain by domain."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from units.models import Unit

from ..comment_rows import WHOLE, comment_rows, domains_of, entries
from ..consulting import save_comments
from ..errors import Closed, Conflict
from ..models import Criterion
from ..visibility import commenting_units
from .consultation import ConsultationMixin


class CommentView(ConsultationMixin, TemplateView):
    """A unit comments on one domain, or on the whole draft; everything typed on the page is sent together."""

    template_name = "criteria/comment.html"
    unit: Unit
    domain: Criterion | None = None

    def load(self) -> None:
        super().load()
        mine = {unit.pk: unit for unit in commenting_units(self.request.user, self.consultation)}
        if self.kwargs["unit"] not in mine:
            raise Http404
        self.unit = mine[self.kwargs["unit"]]
        self.domains = domains_of(self.consultation)
        code = self.kwargs["domain"]
        if code != WHOLE:
            self.domain = next((row for row in self.domains if row.code == code), None)
            if self.domain is None:
                raise Http404

    def address(self, domain: Criterion | None) -> str:
        code = domain.code if domain else WHOLE
        return reverse("consultation-comment", args=[self.consultation.pk, self.unit.pk, code])

    def following(self) -> Criterion | None:
        """The domain after this one; the first after the whole draft."""
        if self.domain is None:
            return self.domains[0] if self.domains else None
        after = [row for row in self.domains if row.order > self.domain.order]
        return after[0] if after else None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = entries(self.consultation, self.domain, request.POST.dict())
        kept = {entry.criterion.pk if entry.criterion else 0: entry.body for entry in typed}
        try:
            saved, refused = save_comments(self.consultation, self.unit, typed, by=self.request.user)
        except Closed as error:
            return self.render_to_response(self.get_context_data(typed=kept, problem=str(error)), status=422)
        if refused:
            status = 409 if any(isinstance(error, Conflict) for error in refused.values()) else 422
            return self.render_to_response(
                self.get_context_data(typed=kept, refused=refused, problem=_("Có ý kiến chưa lưu được, xem bên dưới.")),
                status=status,
            )
        if saved:
            messages.success(request, _("Đã lưu %(count)s ý kiến của %(unit)s.") % {"count": saved, "unit": self.unit})
        else:
            messages.info(request, _("Không có gì thay đổi."))
        following = self.following() if "next" in request.POST else self.domain
        return HttpResponseRedirect(self.address(following))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed, refused = kwargs.pop("typed", None), kwargs.pop("refused", None)
        context = super().get_context_data(**kwargs)
        said = dict(
            self.consultation.comments.filter(unit=self.unit).values_list("code").annotate(count=Count("pk")).order_by()
        )
        tabs = [
            {
                "url": self.address(row),
                "label": _("Ý kiến chung")
                if row is None
                else f"{row.code}. {row.name}"
                if row == self.domain
                else row.code,
                "count": _under(said, row.code if row else "") or "",
                "active": row == self.domain,
            }
            for row in (None, *self.domains)
        ]
        return {
            **context,
            "crumbs": self.crumbs(_("Góp ý")),
            "unit": self.unit,
            "domain": self.domain,
            "following": self.following(),
            "tabs": tabs,
            "rows": comment_rows(
                self.consultation,
                self.unit,
                self.domain,
                show_answers=context["shows_answers"],
                typed=typed,
                refused=refused,
            ),
        }


def _under(counts: dict[str, int], code: str) -> int:
    """Comments on a domain and all below it; "" is the whole draft."""
    if not code:
        return counts.get("", 0)
    return sum(count for key, count in counts.items() if key == code or key.startswith(f"{code}."))
