"""Settings of the library."""

import os

VERSION = 2
API_PREFIX = f"/api/v{VERSION}"
REPORTS = "/reports"
WITH_LABS = os.environ.get("LIBRARY_LABS") != "off"


class Settings:
    internal_prefix: str = "/internal"
    title = "Library"


settings = Settings()
