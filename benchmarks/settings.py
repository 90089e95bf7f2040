"""The product's settings with the address of `benchmarks.one_update`."""

from config.settings.base import *

ROOT_URLCONF = "benchmarks.one_update"
