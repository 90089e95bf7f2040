"""Result tables: for the province while it decides, for everybody once published."""

from __future__ import annotations

from django.urls import path

from . import public
from .views import ResultsView, ResultsWorkbookView

urlpatterns = [
    path("dot/<int:cycle>/ket-qua/", ResultsView.as_view(), name="results"),
    path("dot/<int:cycle>/ket-qua.xlsx", ResultsWorkbookView.as_view(), name="results-workbook"),
    path("cong-khai/", public.home, name="public-home"),
    path("cong-khai/<int:year>/", public.home, name="public-year"),
    path("cong-khai/<int:year>/<int:publication>/", public.result, name="public-result"),
    path("cong-khai/<int:year>/<int:publication>/ket-qua.xlsx", public.workbook, name="public-workbook"),
    path("cong-khai/<int:year>/<int:publication>/ket-qua.json", public.manifest, name="public-manifest"),
    path("cong-khai/<int:year>/<int:publication>/don-vi/<int:unit>/", public.unit, name="public-unit"),
]
