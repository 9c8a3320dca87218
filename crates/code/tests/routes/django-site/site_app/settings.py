SECRET_KEY = "for the tests of the route map"
ROOT_URLCONF = "site_app.urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "django.contrib.sessions", "django.contrib.messages", "blog.apps.BlogConfig", "accounts"]
MIDDLEWARE = ["site_app.middleware.HistoryMiddleware", "site_app.middleware.simple"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
TEMPLATES = []
USE_TZ = True
