"""One application for every server: `app` speaks ASGI, `wsgi` WSGI; both answer with the number of the process. Also the settings and the URLs of a
Django project, so that `django-admin runserver` can serve it."""

import os

DEBUG = True
SECRET_KEY = "a test"
ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["*"]


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = str(os.getpid()).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


def __getattr__(name):
    if name == "urlpatterns":
        from django.http import HttpResponse
        from django.urls import path

        return [path("", lambda request: HttpResponse(str(os.getpid())))]
    raise AttributeError(name)
