"""The product's settings with the addresses of `benchmarks.pages`; nothing of the tests' instruments."""

from config.settings.base import *

SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["testserver", "localhost"]
ROOT_URLCONF = "benchmarks.pages"
CCHC_CLOCK_CAN_MOVE = True
# Playing the cycle asks for many passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
