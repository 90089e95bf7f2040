"""Development and demonstration on one machine; a site that others can reach uses `prod`."""

from __future__ import annotations

from config import environment

from .base import *

DEBUG = environment.flag("DEBUG", default=True)
SECRET_KEY = environment.text("SECRET_KEY", "only-for-development-on-this-machine-never-in-production")
CCHC_CLOCK_CAN_MOVE = True

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
