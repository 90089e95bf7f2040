"""Every address of the site; each app lists its own."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account_views
from django.urls import include, path

from config.views import healthz

handler403 = "django.views.defaults.permission_denied"
handler404 = "django.views.defaults.page_not_found"
handler500 = "django.views.defaults.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    *(
        path("", include(f"{app}.urls"))
        for app in (
            "workflow",
            "units",
            "criteria",
            "plans",
            "notifications",
            "evidence",
            "assessments",
            "survey",
            "results",
        )
        if find_spec(f"{app}.urls")
    ),
    path("tai-khoan/", include("allauth.urls")),
    # After allauth's own, because the last pattern of a name is the one that `reverse` prefers.
    path("dang-nhap/", account_views.login, name="account_login"),
    path("dang-xuat/", account_views.logout, name="account_logout"),
    path("doi-mat-khau/", account_views.password_change, name="account_change_password"),
    path("quen-mat-khau/", account_views.password_reset, name="account_reset_password"),
]
