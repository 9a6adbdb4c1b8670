"""Koku's API without Redis: answers are not cached, permissions are cached in the process."""
from django.conf import settings

_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
_nothing = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
settings.CACHES = {name: (_memory if name == "rbac" else _nothing) for name in settings.CACHES}

from koku.wsgi import application  # noqa: E402,F401  after the caches are set
