"""What a page may load, and where its forms may lead: the site itself and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF


def content_policy(*, sign_in_server: str = "") -> dict[str, Any]:
    """A value for CONTENT_SECURITY_POLICY.

    `sign_in_server` is the address of the identity provider, if there is one: browsers apply `form-action` also to
    where a form's answer redirects, and the button of single sign-on redirects there.
    """
    form_action = [SELF]
    if sign_in_server:
        parts = urlsplit(sign_in_server)
        form_action.append(f"{parts.scheme}://{parts.netloc}")
    return {
        "DIRECTIVES": {
            "default-src": [SELF],
            "script-src": [SELF, NONCE],
            "style-src": [SELF],
            "img-src": [SELF, "data:", "blob:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "object-src": [SELF],
            "frame-src": [SELF, "blob:"],
            "frame-ancestors": [SELF],
            "form-action": form_action,
            "base-uri": [NONE],
        }
    }
