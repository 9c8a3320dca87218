"""Routes of the site."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter
from django.views.decorators.cache import cache_page
from django.views.generic import RedirectView, TemplateView

from accounts import urls as account_urls
from blog.converters import YearConverter
from site_app import views

register_converter(YearConverter, "yyyy")

v1_patterns = [
    path("status/", views.status),
    path("upload/", views.upload),
]

extra = (
    [re_path(r"^legacy/(?P<slug>[-\w]+)/(?:page-(?P<page>\d+)/)?$", views.legacy, name="legacy")],
    "extra",
)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("old/", RedirectView.as_view(url="/")),
    path("blog/", include("blog.urls", namespace="blog")),
    path("accounts/<int:account_id>/", include(account_urls)),
    path("api/v1/", include((v1_patterns, "v1"), namespace="v1")),
    path("extra/", include(extra)),
    path("cached/", cache_page(60)(views.status)),
    path("archive/<yyyy:year>/", views.archive, {"sort": "asc"}),
    re_path(r"^numbered/(?P<number>\d+)/(?P<letters>[a-z]{1,3})/?$", views.numbered),
]

urlpatterns += [path("late/", views.Late.as_view(greeting="hello"))]

handler404 = "site_app.views.not_found"
