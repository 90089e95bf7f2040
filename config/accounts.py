"""Who may get an account: only people whom Sở Nội vụ has entered; nobody registers by any way in."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

WRONG_LOGIN = _("Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra chữ hoa, chữ thường và nhập lại.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts without registration. allauth has no Vietnamese catalogue, so its messages are worded here."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Tài khoản này đã ngừng hoạt động. Hãy liên hệ Sở Nội vụ."),
        "email_password_mismatch": WRONG_LOGIN,
        "username_password_mismatch": WRONG_LOGIN,
        "incorrect_code": _("Mã không đúng. Hãy nhập lại mã mới nhất."),
        "incorrect_password": _("Mật khẩu không đúng. Hãy nhập lại."),
        "enter_current_password": _("Hãy nhập mật khẩu hiện tại."),
        "invalid_login": WRONG_LOGIN,
        "invalid_password_reset": _("Liên kết đặt lại mật khẩu không còn hiệu lực. Hãy yêu cầu liên kết mới."),
        "invalid_or_expired_key": _("Liên kết không đúng hoặc đã hết hạn. Hãy yêu cầu liên kết mới."),
        "rate_limited": _("Bạn thao tác quá nhanh. Hãy chờ ít phút rồi thử lại."),
        "same_as_current": _("Mật khẩu mới phải khác mật khẩu hiện tại."),
        "too_many_login_attempts": _("Đăng nhập sai nhiều lần. Hãy chờ ít phút rồi thử lại."),
        "unknown_email": _("Không có tài khoản nào dùng địa chỉ thư điện tử này."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: an account says for whom a person acts, and only Sở Nội vụ knows that."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on connects to an existing account and never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Closed, for the same reason as local registration."""
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Messages of two-factor sign-in in Vietnamese."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Tài khoản đã bật xác thực hai lớp nên không thêm được địa chỉ thư điện tử."),
        "cannot_delete_authenticator": _("Không tắt được xác thực hai lớp."),
        "cannot_generate_recovery_codes": _("Hãy bật xác thực hai lớp trước khi tạo mã khôi phục."),
        "incorrect_code": _("Mã không đúng. Hãy nhập lại mã mới nhất."),
        "unverified_email": _("Hãy xác minh địa chỉ thư điện tử trước khi bật xác thực hai lớp."),
    }
