"""What a framework itself says about the routes of an application.

    python dump.py {fastapi|starlette|flask|django|spectacular} FOLDER [MODULE:APP | SETTINGS]

Imports the application from FOLDER and prints one JSON object: `operations` is a sorted list of `[method, template, handler]`, where the handler is
the dotted name of the function or class (empty where the framework does not tell), and `contract` the `[method, template]` of the generated OpenAPI
document. Nothing is served. The tests of the route map compare it with what was read from the source alone.
"""

import importlib
import json
import os
import re
import sys

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
sys.dont_write_bytecode = True


def name_of(handler):
    handler = getattr(handler, "func", handler)
    handler = getattr(handler, "__wrapped__", handler)
    module, name = getattr(handler, "__module__", ""), getattr(handler, "__qualname__", "")
    return f"{module}.{name}".replace(".<locals>", "")


def contract_of(document, prefix=""):
    return [
        (method.upper(), prefix + path)
        for path, item in document.get("paths", {}).items()
        for method in item
        if method in METHODS
    ]


def asgi(app, prefix=""):
    """Operations and contract of a Starlette application and of everything mounted on it."""
    import fastapi
    from fastapi.routing import _IncludedRouter
    from starlette import routing

    operations, contract = [], []
    if isinstance(app, fastapi.FastAPI):
        # The prefix of a proxy is no part of the path that the application sees.
        contract += contract_of(app.openapi(), prefix)

    def walk(routes, prefix):
        for route in routes:
            route = getattr(route, "starlette_route", None) or route
            if isinstance(route, _IncludedRouter):
                walk(route.effective_candidates(), prefix)
            elif isinstance(route, routing.Mount):
                inner = route.app
                ops, docs = asgi(inner, prefix + route.path) if hasattr(inner, "routes") else ([], [])
                operations.extend(ops)
                contract.extend(docs)
            elif isinstance(route, routing.WebSocketRoute) or "WebSocket" in type(route).__name__:
                operations.append(("WEBSOCKET", prefix + route.path, name_of(route.endpoint)))
            else:
                inner = getattr(route, "original_route", route)
                if name_of(route.endpoint).startswith("fastapi.applications."):
                    continue  # the documentation
                methods = route.methods
                if methods is None:
                    methods = {m.upper() for m in METHODS if hasattr(route.endpoint, m)}
                elif not isinstance(inner, fastapi.routing.APIRoute) and "GET" in methods:
                    methods = set(methods) - {"HEAD"}
                operations.extend((method, prefix + route.path, name_of(route.endpoint)) for method in methods)

    walk(app.routes, prefix)
    plain = lambda path: re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
    return [(m, plain(p), h) for m, p, h in operations], [(m, plain(p)) for m, p in contract]


def flask(app):
    operations = []
    for rule in app.url_map.iter_rules():
        handler = app.view_functions[rule.endpoint]
        if rule.endpoint == "static":
            continue
        view = getattr(handler, "view_class", None)
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"OPTIONS"}:
            if method == "HEAD" and "GET" in rule.methods:
                continue
            own = getattr(view, method.lower(), None) or getattr(view, "dispatch_request", None)
            operations.append((method, path, name_of(own if view else handler)))
    return operations, []


def answered(view, names):
    """The methods that a function view does not turn away: asked of the view itself."""
    from django.http import HttpResponse
    from django.test import RequestFactory

    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        try:
            answer = view(RequestFactory().generic(method, "/"), **{name: "1" for name in names})
        except Exception:
            answer = HttpResponse()
        if hasattr(answer, "close") and not isinstance(answer, HttpResponse):
            answer.close()
        if getattr(answer, "status_code", 200) != 405:
            found.append(method)
    return found


def django(settings, ask=True):
    import django as framework
    from django.contrib.admindocs.views import extract_views_from_urlpatterns, simplify_regex
    from django.urls import get_resolver

    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    framework.setup()
    operations = []
    for view, regex, _, _ in extract_views_from_urlpatterns(get_resolver().url_patterns):
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", simplify_regex(regex))
        owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
        if owner is not None and owner.__qualname__ == "WrappedAPIView":  # `@api_view`
            methods = sorted(method.upper() for method in owner.http_method_names if method != "options")
            operations.extend((method, path, f"{owner.__module__}.{owner.__name__}") for method in methods)
            continue
        if path.startswith("/admin/"):
            continue  # Django's own
        if owner is None:
            names = re.findall(r"{(\w+)}", path)
            operations.extend((method, path, name_of(view)) for method in (answered(view, names) if ask else ["ANY"]))
            continue
        actions = getattr(view, "actions", None)
        if actions is None:
            names = view.view_initkwargs.get("http_method_names", owner.http_method_names)
            actions = {method: method for method in names if hasattr(owner, method)}
            if "get" in actions:
                actions.pop("head", None)
            actions.pop("options", None)
        else:
            actions = {method: action for method, action in actions.items() if method != "head"}
        operations.extend((method.upper(), path, name_of(getattr(owner, action))) for method, action in actions.items())
    return operations, []


def spectacular(settings):
    operations, _ = django(settings, ask=False)
    from drf_spectacular.generators import SchemaGenerator

    return operations, contract_of(SchemaGenerator().get_schema(request=None, public=True))


def main():
    kind, folder, target = sys.argv[1:4]
    folder = os.path.abspath(folder)
    sys.path.insert(0, folder)
    os.chdir(folder)
    if kind in ("django", "spectacular"):
        operations, contract = {"django": django, "spectacular": spectacular}[kind](target)
    else:
        module, _, path = target.partition(":")
        app = importlib.import_module(module)
        for part in path.removesuffix("()").split("."):
            app = getattr(app, part)
        app = app() if path.endswith("()") else app
        operations, contract = flask(app) if kind == "flask" else asgi(app)
    json.dump({"operations": sorted(set(operations)), "contract": sorted(set(contract))}, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
