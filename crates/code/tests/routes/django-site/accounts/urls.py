from django.conf.urls import include
from django.urls import path

from . import views

profile = [path("avatar", views.avatar), path("", views.Profile.as_view())]

urlpatterns = [path("profile/", include(profile)), path("settings", views.Settings.as_view())]
