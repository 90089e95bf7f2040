"""A real OpenID Connect provider (npm `oidc-provider`) that insists on PKCE; any account name signs in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import free_port, running

SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
PACKAGE = Path(__file__).resolve().parents[2] / "node_modules" / "oidc-provider"
CALLBACK_PATH = "/tai-khoan/oidc/oidc/login/callback/"


@dataclass(frozen=True)
class OidcProvider:
    """Where the provider listens and how the site presents itself to it."""

    issuer: str
    client_id: str = "cchc"
    client_secret: str = "cchc-test-client-secret"

    @property
    def providers(self) -> dict[str, object]:
        """A value for `SOCIALACCOUNT_PROVIDERS`."""
        app = {
            "provider_id": "oidc",
            "name": "Đăng nhập một lần",
            "client_id": self.client_id,
            "secret": self.client_secret,
            "settings": {"server_url": self.issuer},
        }
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def available() -> bool:
    """Whether Node and the package are there."""
    return shutil.which("node") is not None and PACKAGE.is_dir()


@contextmanager
def oidc_provider(folder: Path, *, site: str) -> Iterator[OidcProvider]:
    """A provider that sends people back to `site`, for example `http://127.0.0.1:8000`."""
    port = free_port()
    command: list[str | Path] = ["node", SCRIPT, str(port), site + CALLBACK_PATH]
    with running(command, port=port, log=folder / "oidc.log", cwd=PACKAGE.parent.parent):
        yield OidcProvider(issuer=f"http://127.0.0.1:{port}")
