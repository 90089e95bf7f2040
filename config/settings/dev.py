"""Development and demonstration on one machine; never reachable from outside without the production settings."""

from __future__ import annotations

from config import environment

from .base import *  # noqa: F403

DEBUG = environment.flag("DEBUG", default=True)
SECRET_KEY = environment.text("SECRET_KEY", "only-for-development-on-this-machine-never-in-production")
CCHC_CLOCK_CAN_MOVE = True

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
