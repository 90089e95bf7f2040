"""Screens of time: gia hạn, đôn đốc, internal deadlines, and a person's own calendar."""

from __future__ import annotations

from django.urls import path

from .views.extensions import ExtendView, ExtensionsView
from .views.nudges import NudgeLetterView, NudgeSentView, NudgeView
from .views.own_calendar import CalendarFeedView, OwnCalendarView
from .views.timekeeping import CycleTimesView, UnitTimesView

urlpatterns = [
    path("dot/<int:cycle>/thoi-han/", CycleTimesView.as_view(), name="cycle-times"),
    path("dot/<int:cycle>/gia-han/", ExtensionsView.as_view(), name="extensions"),
    path("dot/<int:cycle>/gia-han/<int:unit>/", ExtendView.as_view(), name="extend"),
    path("dot/<int:cycle>/don-doc/", NudgeView.as_view(), name="nudges"),
    path("dot/<int:cycle>/don-doc/<int:nudge>/", NudgeSentView.as_view(), name="nudge"),
    path("dot/<int:cycle>/don-doc/<int:nudge>/cong-van.pdf", NudgeLetterView.as_view(), name="nudge-pdf"),
    path(
        "dot/<int:cycle>/don-doc/<int:nudge>/cong-van.docx",
        NudgeLetterView.as_view(extension="docx"),
        name="nudge-docx",
    ),
    path("ho-so/<int:dossier>/han-noi-bo/", UnitTimesView.as_view(), name="unit-times"),
    path("lich-cua-toi/", OwnCalendarView.as_view(), name="own-calendar"),
    path("lich-cua-toi/<int:year>/<int:month>/", OwnCalendarView.as_view(), name="own-calendar"),
    path("lich/<str:token>.ics", CalendarFeedView.as_view(), name="calendar-feed"),
]
