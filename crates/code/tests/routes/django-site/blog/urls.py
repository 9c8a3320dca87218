from django.urls import path

from .views import PostDelete, PostDetail, PostEdit, PostList, feed

app_name = "blog"

urlpatterns = [
    path("", PostList.as_view(), name="list"),
    path("<slug:slug>/", PostDetail.as_view(), name="detail"),
    path("<slug:slug>/edit", PostEdit.as_view()),
    path("<slug:slug>/delete", PostDelete.as_view()),
    path("feed/<path:rest>", feed),
]
