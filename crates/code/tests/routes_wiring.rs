//! How far the wiring of an application is followed: conditions, factories, texts that are put together, things that never end.

use std::time::{Duration, Instant};

use plimsoll_code::entries::{self, Route};
use plimsoll_code::program::Program;
use plimsoll_code::project::{Entry, Origin, Project};
use plimsoll_code::python::FileKind;
use plimsoll_code::values::Values;

fn routes(files: &[(&str, &str)]) -> Vec<Route> {
    let entries = files.iter().map(|(path, text)| Entry {
        path: (*path).to_owned(),
        origin: Origin::Memory((*text).into()),
        kind: FileKind::Source,
    });
    let project = Project::open(entries.collect(), Vec::new());
    let mut all = Vec::new();
    for group in &project.groups {
        let loaded = project.load(group);
        let program = Program::build(loaded.names, loaded.modules);
        let values = Values::new(&program);
        all.extend(entries::find(&program, &values).routes);
    }
    all
}

/// `GET /a`, with what is known to be open about it.
fn said(text: &str) -> Vec<String> {
    routes(&[("app.py", text)])
        .iter()
        .map(|route| {
            let marks =
                [(route.conditional, " conditional"), (route.detached, " detached"), (route.any_method, " any")];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
            format!("{} {}{marks}", route.verb, route.template)
        })
        .collect()
}

#[test]
fn conditions() {
    let text = "import os\nfrom fastapi import APIRouter, FastAPI\napp = FastAPI()\nON = True\n\
                if ON:\n    @app.get('/on')\n    def on(): pass\nelse:\n    @app.get('/off')\n    def off(): pass\n\
                if os.environ.get('DEBUG') == '1':\n    @app.get('/debug')\n    def debug(): pass\n\
                if ON and os.environ.get('X'):\n    @app.get('/x')\n    def x(): pass\n\
                if not ON or False:\n    @app.get('/never')\n    def never(): pass\n\
                PREFIX = os.environ.get('PREFIX', '/v1') or '/v2'\n\
                router = APIRouter(prefix=PREFIX)\n@router.get('/p')\ndef p(): pass\napp.include_router(router)\n\
                lost = APIRouter(prefix='/lost')\n@lost.get('/here')\ndef here(): pass\n\
                unknown = APIRouter(prefix=os.environ['ROOT'])\n@unknown.get('/u')\ndef u(): pass\napp.include_router(unknown)\n";
    assert_eq!(
        said(text),
        [
            "GET /debug conditional",
            "GET /lost/here detached",
            "GET /on",
            "GET /u detached",
            "GET /v1/p",
            "GET /x conditional"
        ]
    );
}

#[test]
fn early_returns_that_are_not_decided() {
    let text = "from fastapi import FastAPI\nKEPT = {}\n\
                def make(key, fresh=False):\n    if key in KEPT and not fresh:\n        return KEPT[key]\n    app = FastAPI()\n\
                \x20   @app.get('/made')\n    def made(): pass\n    KEPT[key] = app\n    return app\n\
                def serve():\n    app = FastAPI()\n    app.mount('/api', make('a'))\n    return app\n";
    assert_eq!(said(text), ["GET /api/made"]);
}

#[test]
fn texts_are_put_together_in_every_way() {
    let text = "from enum import Enum\nfrom fastapi import FastAPI\napp = FastAPI()\n\
                class Area(str, Enum):\n    shop = 'shop'\n\
                V = 2\nNAMES = {'a': 'x', 'b': 'y'}\n\
                for key, name in NAMES.items():\n    app.get('/{}/{name}'.format(key, name=name))(lambda: 1)\n\
                app.get('/v%d/%s' % (V, 'old'))(lambda: 1)\n\
                app.get('/'.join(['', 'joined', Area.shop.value]))(lambda: 1)\n\
                app.get(f'/{Area.shop.value}/' + 'Upper'.lower())(lambda: 1)\n\
                app.get('/trim/'.rstrip('/'))(lambda: 1)\n\
                app.get(f'/{unknown}/part')(lambda: 1)\n\
                [app.put(path)(lambda: 1) for path in ('/one', '/two') if path != '/two']\n";
    assert_eq!(
        said(text),
        [
            "GET /a/x",
            "GET /b/y",
            "GET /joined/shop",
            "PUT /one",
            "GET /shop/upper",
            "GET /trim",
            "GET /v2/old",
            "GET /{var}/part"
        ]
    );
}

#[test]
fn what_never_ends_is_left() {
    let texts = [
        "from fastapi import APIRouter, FastAPI\napp = FastAPI()\na = APIRouter()\nb = APIRouter()\na.include_router(b, prefix='/b')\nb.include_router(a, prefix='/a')\n\
         @a.get('/x')\ndef x(): pass\napp.include_router(a)\n",
        "from fastapi import FastAPI\ndef f(n):\n    return f(n) + f(n)\napp = FastAPI()\nx = f(1)\n@app.get('/after')\ndef after(): pass\n",
        "from fastapi import FastAPI\napp = FastAPI()\nrows = [1, 2]\nfor row in rows:\n    rows.append(row)\n    rows += rows\n@app.get('/after')\ndef after(): pass\n",
        "from fastapi import FastAPI\napp = FastAPI()\nt = '/x'\nfor n in [1] * 3:\n    t = t + t\nwhile True:\n    t = t + t\n@app.get('/after')\ndef after(): pass\n",
        "from fastapi import FastAPI\nclass A:\n    def __init__(self):\n        self.next = A()\na = A()\napp = FastAPI()\n@app.get('/after')\ndef after(): pass\n",
        "from django.urls import include, path\nurlpatterns = [path('x/', include('app')), path('after', lambda request: None)]\nROOT_URLCONF = 'app'\n",
        "from fastapi import FastAPI\napp = FastAPI()\napp.mount('/self', app)\n@app.get('/after')\ndef after(): pass\n",
    ];
    for text in texts {
        let begun = Instant::now();
        let said = said(text);
        assert!(begun.elapsed() < Duration::from_secs(20), "{text}");
        assert!(said.iter().any(|route| route.contains("after") || route.contains("/x")), "{text}: {said:?}");
    }
}

#[test]
fn views_of_django_by_what_they_ask_of_the_request() {
    let text = "from django.http import HttpResponse\nfrom django.urls import path\nfrom django.views.decorators.http import require_POST\n\
                def plain(request): return HttpResponse()\n\
                def both(request):\n    if request.method == 'POST':\n        return HttpResponse('saved')\n    return HttpResponse()\n\
                def only(request):\n    if request.method != 'PUT':\n        return HttpResponse(status=405)\n    return HttpResponse()\n\
                @require_POST\ndef post(request): return HttpResponse()\n\
                urlpatterns = [path('plain', plain), path('both', both), path('only', only), path('post', post)]\n\
                ROOT_URLCONF = __name__\n";
    assert_eq!(said(text), ["GET /both any", "POST /both any", "PUT /only", "GET /plain any", "POST /post"]);
}

#[test]
fn routes_of_ninja_and_of_lambda_functions() {
    let ninja = "from django.urls import path\nfrom ninja import NinjaAPI, Router\napi = NinjaAPI()\nevents = Router()\n\
                 @events.get('/{int:event_id}')\ndef event(request, event_id: int): return {}\n\
                 @events.post('')\ndef add(request): return {}\n\
                 @api.api_operation(['PUT', 'PATCH'], '/many')\ndef many(request): return {}\n\
                 api.add_router('/events', events)\nurlpatterns = [path('api/', api.urls)]\nROOT_URLCONF = __name__\n";
    assert_eq!(said(ninja), ["POST /api/events", "GET /api/events/{event_id}", "PUT /api/many", "PATCH /api/many"]);
    let chalice = "from chalice import Chalice\napp = Chalice(app_name='x')\n\
                   @app.route('/items/{item_id}', methods=['GET', 'DELETE'])\ndef item(item_id): return {}\n";
    assert_eq!(said(chalice), ["GET /items/{item_id}", "DELETE /items/{item_id}"]);
    let powertools = "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\napp = APIGatewayRestResolver()\n\
                      @app.get('/orders/<order_id>')\ndef order(order_id): return {}\n\
                      def lambda_handler(event, context):\n    return app.resolve(event, context)\n";
    assert_eq!(said(powertools), ["GET /orders/{order_id}"]);
}
