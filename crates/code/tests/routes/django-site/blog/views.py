from django.http import HttpResponse, StreamingHttpResponse
from django.views import generic

from .models import Post


class Owned:
    def get_queryset(self):
        return visible(super().get_queryset())


class PostList(Owned, generic.ListView):
    model = Post


class PostDetail(Owned, generic.DetailView):
    model = Post

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs)


class PostEdit(generic.UpdateView):
    model = Post
    fields = ["title"]
    http_method_names = ["get", "post"]


class PostDelete(generic.DeleteView):
    model = Post


def visible(query):
    return query


def feed(request, rest):
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    return StreamingHttpResponse(iter([rest]))
