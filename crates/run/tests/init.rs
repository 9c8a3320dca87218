//! `init` over projects of many layouts: what it finds, where, what it writes down, and what it says that it cannot know.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::fs;
use std::path::Path;

use plimsoll_run::Config;
use plimsoll_run::init::{Survey, survey};
use proptest::prelude::*;
use tempfile::TempDir;

/// A folder with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What is said of a project, and the configuration as the program reads it.
fn look(files: &[(&str, &str)]) -> (Survey, Config) {
    let folder = project(files);
    let survey = survey(folder.path()).unwrap();
    let config =
        Config::parse(&survey.config, "plimsoll.toml").unwrap_or_else(|error| panic!("{error}\n{}", survey.config));
    (survey, config)
}

/// What was found about something, with its place.
fn found<'s>(survey: &'s Survey, about: &str) -> (&'s str, String) {
    let fact = survey.found.iter().find(|fact| fact.about == about);
    let fact = fact.unwrap_or_else(|| panic!("nothing about {about}: {survey:#?}"));
    (&fact.what, fact.place.as_ref().map(ToString::to_string).unwrap_or_default())
}

fn unknown(survey: &Survey, start: &str) -> bool {
    survey.unknown.iter().any(|text| text.starts_with(start))
}

const APP: &str =
    "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.get('/orders')\ndef orders():\n    return []\n";

#[test]
fn a_module_beside_a_procfile() {
    let (survey, config) = look(&[
        ("main.py", APP),
        ("Procfile", "release: python migrate.py\nweb: uvicorn main:app --host 0.0.0.0 --port $PORT --reload\n"),
    ]);
    assert_eq!(found(&survey, "framework"), ("FastAPI, 1 operation", "main.py:3".to_owned()));
    assert_eq!(found(&survey, "application"), ("main:app", "main.py:3".to_owned()));
    assert_eq!(found(&survey, "command"), ("uvicorn main:app --port 8000", "Procfile:2".to_owned()));
    assert_eq!(found(&survey, "contract").0, "served by the application at /openapi.json");
    assert_eq!(config.memory.command, ["uvicorn", "main:app", "--port", "8000"]);
    assert_eq!(config.target.url.as_deref(), Some("http://127.0.0.1:8000"));
    assert!(unknown(&survey, "where uvicorn is installed"), "{survey:#?}");
    assert!(!unknown(&survey, "how the application is really started"));
}

#[test]
fn a_package_below_src_with_a_contract_and_an_environment() {
    let (survey, config) = look(&[
        ("pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"fastapi\", \"uvicorn\"]\n"),
        ("src/shop/__init__.py", ""),
        (
            "src/shop/main.py",
            "from fastapi import FastAPI\nfrom shop import orders\napp = FastAPI()\napp.include_router(orders.router)\n",
        ),
        (
            "src/shop/orders.py",
            "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/orders')\ndef orders(): return []\n",
        ),
        ("docs/openapi.yaml", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n"),
        ("tests/fixtures/openapi.yaml", "openapi: 3.1.0\ninfo: {title: b, version: '1'}\npaths: {}\n"),
        (".venv/pyvenv.cfg", ""),
        (".venv/bin/uvicorn", ""),
        (".venv/lib/site-packages/x/main.py", APP),
    ]);
    assert_eq!(found(&survey, "application"), ("shop.main:app", "src/shop/main.py:3".to_owned()));
    assert_eq!(config.memory.command, [".venv/bin/uvicorn", "shop.main:app", "--app-dir", "src", "--port", "8000"]);
    assert_eq!(config.memory.cwd, None);
    assert_eq!(config.target.contract.as_deref(), Some("docs/openapi.yaml"));
    assert!(unknown(&survey, "how the application is really started"), "{survey:#?}");
    assert!(unknown(&survey, "which contract is meant: there are also tests/fixtures/openapi.yaml"));
    assert!(!unknown(&survey, "where uvicorn"));
}

#[test]
fn an_application_in_a_nested_folder_with_its_own_dockerfile() {
    let (survey, config) = look(&[
        ("README.md", "x"),
        ("uv.lock", ""),
        ("backend/app/__init__.py", ""),
        ("backend/app/main.py", APP),
        (
            "backend/Dockerfile",
            "FROM python:3.12\nWORKDIR /code\nCMD [\"fastapi\", \"run\", \"app/main.py\", \"--port\", \"80\"]\n",
        ),
    ]);
    assert_eq!(
        config.memory.command,
        ["uv", "run", "fastapi", "run", "app/main.py", "--host", "127.0.0.1", "--port", "8000"]
    );
    assert_eq!(config.memory.cwd.as_deref(), Some("backend"));
    assert_eq!(found(&survey, "command").1, "backend/Dockerfile:3");
}

#[test]
fn a_factory_without_and_with_somebody_who_calls_it() {
    let factory = "from fastapi import FastAPI\ndef create_app(debug=False):\n    app = FastAPI(openapi_url=None)\n    @app.get('/x')\n    def x(): return 1\n    return app\n";
    let (survey, config) =
        look(&[("shop/__init__.py", factory), ("requirements.txt", "fastapi\nuvicorn[standard]==0.30\n")]);
    assert_eq!(config.memory.command, ["uvicorn", "--factory", "shop:create_app", "--port", "8000"]);
    assert!(found(&survey, "application").0.ends_with("a function that makes it"));
    assert!(unknown(&survey, "where the contract is"), "{survey:#?}");
    let (_, config) = look(&[
        ("shop/__init__.py", factory),
        ("asgi.py", "from shop import create_app\napplication = create_app()\n"),
    ]);
    assert_eq!(config.memory.command[1], "asgi:application");
    let wants = "from fastapi import FastAPI\ndef create_app(settings):\n    return FastAPI()\n";
    let (survey, config) = look(&[("shop.py", wants)]);
    assert!(config.memory.command.is_empty());
    assert!(
        unknown(&survey, "how the application at shop.py:3 is served: the function that makes it wants arguments"),
        "{survey:#?}"
    );
}

const SETTINGS: &str = "import os\nSECRET_KEY = os.environ['SHOP_SECRET']\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\nENDPOINT = os.getenv('DDB_ENDPOINT')\nWSGI_APPLICATION = 'shop.wsgi.application'\n";

const DJANGO: &[(&str, &str)] = &[
    (
        "manage.py",
        "import os, sys\nif __name__ == '__main__':\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\n",
    ),
    ("shop/__init__.py", ""),
    ("shop/settings.py", SETTINGS),
    (
        "shop/urls.py",
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('orders/', views.orders)]\n",
    ),
    (
        "shop/views.py",
        "import boto3\nfrom django.conf import settings\nfrom django.http import JsonResponse\ntable = boto3.resource('dynamodb', endpoint_url=settings.ENDPOINT).Table('orders')\ndef orders(request):\n    return JsonResponse({'n': table.item_count})\n",
    ),
    (
        "shop/wsgi.py",
        "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\napplication = get_wsgi_application()\n",
    ),
];

#[test]
fn django_with_settings_and_a_store() {
    let (survey, config) = look(DJANGO);
    assert_eq!(found(&survey, "framework").0, "Django, 1 operation");
    assert_eq!(found(&survey, "settings"), ("shop.settings", "manage.py:3".to_owned()));
    assert_eq!(config.memory.command, ["python3", "manage.py", "runserver", "127.0.0.1:8000", "--noreload"]);
    assert_eq!(found(&survey, "store"), ("DynamoDB through boto3, tables orders", "shop/views.py:4".to_owned()));
    assert_eq!(found(&survey, "endpoint").0, "$DDB_ENDPOINT");
    assert!(config.emulator.dynamodb && config.emulator.seed.is_empty());
    assert_eq!(config.emulator.endpoint_variable.as_deref(), Some("DDB_ENDPOINT"));
    assert!(unknown(&survey, "what the application finds in SHOP_SECRET (shop/settings.py:2)"), "{survey:#?}");
    assert!(unknown(&survey, "how the tables are made"));
    assert!(!unknown(&survey, "who requests are sent as"));
    assert!(survey.config.contains("#   SHOP_SECRET = \"$SHOP_SECRET\""), "{}", survey.config);
    let mut files = DJANGO.to_vec();
    files.push(("requirements.txt", "Django>=5\ngunicorn\n"));
    files.push((
        "shop/tokens.py",
        "from rest_framework import authentication\n\nclass ShopTokens(authentication.BaseAuthentication):\n    pass\n",
    ));
    let (survey, _) = look(&files);
    assert_eq!(found(&survey, "credentials"), ("ShopTokens asks for them", "shop/tokens.py:3".to_owned()));
    assert_eq!(look(&files).1.memory.command, ["gunicorn", "shop.wsgi:application", "--bind", "127.0.0.1:8000"]);
}

#[test]
fn a_compose_file_with_a_store_for_development() {
    let compose = "services:\n  db:\n    image: amazon/dynamodb-local:2.5\n  api:\n    build: ./api\n    command: sh -c \"python seed.py && uvicorn orders:app --host 0.0.0.0 --port 8080\"\n    environment:\n      - ORDERS_TABLE=orders-dev\n      - API_SECRET=hunter2hunter2\n      - DYNAMODB_URL=http://db:8000\n";
    let orders = "import os\nimport boto3\nfrom fastapi import FastAPI, Depends\nfrom fastapi.security import HTTPBearer\n\nTABLE = os.environ['ORDERS_TABLE']\nSECRET = os.environ['API_SECRET']\napp = FastAPI()\nbearer = HTTPBearer()\n\ndef table():\n    return boto3.resource('dynamodb', endpoint_url=os.environ.get('DYNAMODB_URL')).Table(TABLE)\n\n@app.get('/orders')\ndef orders(token=Depends(bearer)):\n    return table().scan()['Items']\n";
    let seed = "import boto3, os\nif __name__ == '__main__':\n    boto3.client('dynamodb', endpoint_url=os.environ['DYNAMODB_URL']).create_table(TableName='orders-dev')\n";
    let (survey, config) = look(&[("docker-compose.yml", compose), ("api/orders.py", orders), ("api/seed.py", seed)]);
    assert_eq!(found(&survey, "command").1, "docker-compose.yml:6");
    assert_eq!(found(&survey, "emulator"), ("amazon/dynamodb-local:2.5", "docker-compose.yml:3".to_owned()));
    assert_eq!(found(&survey, "credentials"), ("HTTPBearer asks for them", "api/orders.py:9".to_owned()));
    assert_eq!(config.memory.command, ["uvicorn", "orders:app", "--port", "8080"]);
    assert_eq!(
        (config.memory.cwd.as_deref(), config.target.url.as_deref()),
        (Some("api"), Some("http://127.0.0.1:8080"))
    );
    assert_eq!(config.memory.env.iter().collect::<Vec<_>>(), [(&"ORDERS_TABLE".to_owned(), &"orders-dev".to_owned())]);
    assert!(config.emulator.dynamodb);
    assert_eq!(config.emulator.seed, ["python3", "api/seed.py"]);
    assert_eq!(config.emulator.endpoint_variable.as_deref(), Some("DYNAMODB_URL"));
    assert!(!survey.config.contains("hunter2") && !format!("{survey:?}").contains("hunter2"));
}

#[test]
fn settings_of_pydantic_and_models_of_pynamodb() {
    let settings = "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='SHOP_')\n    dynamodb_url: str | None = None\n    region: str\nsettings = Settings()\n";
    let models = "from pynamodb.models import Model\nfrom pynamodb.attributes import UnicodeAttribute\nfrom shop.settings import settings\nclass Order(Model):\n    class Meta:\n        table_name = 'orders'\n        host = settings.dynamodb_url\n    id = UnicodeAttribute(hash_key=True)\n";
    let main = "from fastapi import FastAPI\nfrom shop.models import Order\napp = FastAPI()\n@app.get('/orders')\ndef orders():\n    return [o.id for o in Order.scan()]\nif __name__ == '__main__':\n    import uvicorn\n    uvicorn.run('shop.main:app', port=8088)\n";
    let (survey, config) = look(&[
        ("shop/__init__.py", ""),
        ("shop/settings.py", settings),
        ("shop/models.py", models),
        ("shop/main.py", main),
    ]);
    assert_eq!(found(&survey, "store").0, "DynamoDB through PynamoDB, tables orders");
    assert_eq!(config.emulator.endpoint_variable.as_deref(), Some("SHOP_DYNAMODB_URL"));
    assert_eq!(config.target.url.as_deref(), Some("http://127.0.0.1:8088"));
    assert!(unknown(&survey, "what the application finds in SHOP_REGION (shop/settings.py:5)"), "{survey:#?}");
}

#[test]
fn an_endpoint_in_the_source_cannot_be_led_elsewhere() {
    let text = "import boto3\nfrom flask import Flask\napp = Flask(__name__)\ndb = boto3.client('dynamodb', endpoint_url='https://dynamodb.eu-west-1.amazonaws.com')\n@app.get('/x')\ndef x():\n    return db.scan(TableName='x')\n";
    let (survey, config) = look(&[("app.py", text)]);
    assert!(!config.emulator.dynamodb);
    assert!(unknown(&survey, "how DynamoDB can be led elsewhere: app.py:4"), "{survey:#?}");
    assert_eq!(config.memory.command, ["flask", "--app", "app:app", "run", "--host", "127.0.0.1", "--port", "8000"]);
}

#[test]
fn of_two_applications_one_is_looked_at_and_the_other_is_named() {
    let big = format!("{APP}@app.get('/a')\ndef a(): return 1\n@app.get('/b')\ndef b(): return 1\n");
    let (survey, config) = look(&[("orders/main.py", &big), ("users/main.py", APP), ("tests/app.py", APP)]);
    assert_eq!(found(&survey, "application").1, "orders/main.py:3");
    assert_eq!(
        config.memory.cwd.as_deref().unwrap_or_default(),
        if config.memory.command[1] == "main:app" { "orders" } else { "" }
    );
    assert!(unknown(&survey, "which application is meant: there is also"), "{survey:#?}");
    assert!(survey.unknown.iter().any(|text| text.contains("users/main.py:3") && !text.contains("tests/")));
    // A command says more than a count.
    let (survey, _) = look(&[
        ("orders/main.py", &big),
        ("users/main.py", APP),
        ("Procfile", "web: gunicorn -k uvicorn.workers.UvicornWorker users.main:app\n"),
    ]);
    assert_eq!(found(&survey, "application").1, "users/main.py:3");
}

#[test]
fn what_is_mounted_is_no_application_of_its_own() {
    let text = "from fastapi import FastAPI\napi = FastAPI()\n@api.get('/a')\ndef a(): return 1\napp = FastAPI()\napp.mount('/api', api)\n";
    let (survey, config) = look(&[("main.py", text)]);
    assert_eq!(config.memory.command[1], "main:app");
    assert!(!unknown(&survey, "which application"), "{survey:#?}");
}

#[test]
fn a_contract_alone_and_code_without_an_application() {
    let (survey, config) = look(&[(
        "api/openapi.json",
        "{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"a\", \"version\": \"1\"}, \"paths\": {}}",
    )]);
    assert_eq!(config.target.contract.as_deref(), Some("api/openapi.json"));
    assert!(unknown(&survey, "how the application is started"), "{survey:#?}");
    let (survey, config) = look(&[("tool.py", "print(1)\n")]);
    assert_eq!((config.target.url, config.memory.command.len()), (None, 0));
    assert!(unknown(&survey, "which framework answers"), "{survey:#?}");
}

#[test]
fn names_that_would_break_a_configuration_do_not() {
    let (survey, config) = look(&[
        ("we\"ird\nfolder/main.py", APP),
        ("openapi \"quoted\"\\.yaml", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n"),
        ("broken.py", "from fastapi import FastAPI\ndef (:\n"),
        ("docker-compose.yml", "services: [unclosed\n"),
        ("pyproject.toml", "not = = toml"),
    ]);
    assert_eq!(config.target.contract.as_deref(), Some("openapi \"quoted\"\\.yaml"));
    assert!(survey.unknown.iter().any(|text| text.starts_with("broken.py:2: ")), "{survey:#?}");
    assert!(survey.found.iter().all(|fact| !fact.what.contains('\n')));
}

#[test]
fn folders_that_cannot_be_looked_at() {
    let error = |path: &Path| survey(path).unwrap_err().to_string();
    let empty = project(&[("README.md", "nothing")]);
    assert!(error(empty.path()).contains("holds no Python file and no OpenAPI document"));
    assert!(error(&empty.path().join("README.md")).ends_with("is no folder"));
    assert!(error(&empty.path().join("missing")).starts_with("cannot read "));
}

#[test]
fn what_belongs_to_another_application_is_left_to_it() {
    let orders = "import boto3\nfrom fastapi import FastAPI\napp = FastAPI()\ndb = boto3.client('dynamodb')\n@app.get('/a')\ndef a(): return db.scan(TableName='a')\n@app.get('/b')\ndef b(): return 1\n";
    let users = "import os\nfrom flask import Flask\nKEY = os.environ['USERS_KEY']\napp = Flask(__name__)\n@app.get('/u')\ndef u(): return ''\n";
    let (survey, config) = look(&[
        ("orders/main.py", orders),
        ("users/main.py", users),
        ("users/openapi.yaml", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n"),
    ]);
    assert_eq!(found(&survey, "framework").0, "FastAPI, 2 operations");
    assert_eq!(config.target.contract, None);
    assert!(!survey.config.contains("USERS_KEY") && !unknown(&survey, "what the application finds"), "{survey:#?}");
    assert!(unknown(&survey, "whether the application may run against a DynamoDB emulator"));
}

#[test]
fn settings_for_a_server_and_a_call_in_the_code_say_which_one_it_is() {
    let mut files = DJANGO.to_vec();
    files.push(("gunicorn.conf.py", "workers = 2\n"));
    assert_eq!(look(&files).1.memory.command[0], "gunicorn");
    let text = "import os, django\nfrom django.conf import settings\nsettings.configure(ROOT_URLCONF=__name__, STORE=os.environ['SHOP_STORE'])\n\
                from django.core.wsgi import get_wsgi_application\nimport boto3\ndb = boto3.client('dynamodb', endpoint_url=settings.STORE)\nurlpatterns = []\napplication = get_wsgi_application()\n";
    let (survey, config) = look(&[("shop.py", text)]);
    assert_eq!(config.emulator.endpoint_variable.as_deref(), Some("SHOP_STORE"), "{survey:#?}");
    let text = format!("{APP}if __name__ == '__main__':\n    import uvicorn\n    uvicorn.run(app, port=9001)\n");
    let (survey, _) = look(&[("main.py", &text)]);
    assert_eq!(found(&survey, "command"), ("uvicorn main:app --port 9001", "main.py:10".to_owned()));
}

#[test]
fn a_django_project_with_split_settings_and_a_script_that_starts_it() {
    let settings = "import environ\nenv = environ.Env()\nSECRET_KEY = env('DJANGO_SECRET_KEY')\nDEBUG = env.bool('DJANGO_DEBUG', default=False)\nROOT_URLCONF = 'config.urls'\nINSTALLED_APPS = ['orders']\nMIDDLEWARE = []\n";
    let (survey, config) = look(&[
        ("manage.py", DJANGO[0].1.replace("shop.settings", "config.settings.local").as_str()),
        ("config/__init__.py", ""),
        ("config/settings/__init__.py", ""),
        ("config/settings/base.py", settings),
        ("config/settings/local.py", "from .base import *\nDEBUG = True\n"),
        (
            "config/urls.py",
            "from django.urls import path\nfrom orders.views import listed\nurlpatterns = [path('orders/', listed)]\n",
        ),
        ("config/asgi.py", "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n"),
        ("config/wsgi.py", "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"),
        ("orders/__init__.py", ""),
        ("orders/views.py", "from django.http import JsonResponse\ndef listed(request): return JsonResponse({})\n"),
        (
            "compose/local/django/start",
            "#!/bin/bash\nset -o errexit\npython manage.py migrate\nexec uvicorn config.asgi:application --host 0.0.0.0 --reload --reload-include '*.html'\n",
        ),
        (
            "docker-compose.local.yml",
            "services:\n  django:\n    build:\n      context: .\n      dockerfile: ./compose/local/django/Dockerfile\n    command: /start\n",
        ),
    ]);
    assert_eq!(
        found(&survey, "command"),
        ("uvicorn config.asgi:application --port 8000", "compose/local/django/start:4".to_owned())
    );
    assert_eq!(found(&survey, "settings").0, "config.settings.local");
    assert_eq!(
        found(&survey, "left out").0,
        "--reload, --reload-include *.html: unfit for measuring, or not known here"
    );
    assert_eq!((config.memory.cwd, config.memory.command[0].as_str()), (None, "uvicorn"));
    assert!(
        unknown(&survey, "what the application finds in DJANGO_SECRET_KEY (config/settings/base.py:3)"),
        "{survey:#?}"
    );
    assert!(!unknown(&survey, "which application is meant"), "{survey:#?}");
}

#[test]
fn a_workspace_with_a_compose_file_above_the_service() {
    let (survey, config) = look(&[
        (
            "compose.yaml",
            "services:\n  backend:\n    build: {context: ./backend}\n    command: [\"fastapi\", \"run\", \"--workers\", \"4\", \"app/main.py\"]\n  frontend:\n    build: ./frontend\n    command: npm run dev\n",
        ),
        (
            "backend/app/main.py",
            "from fastapi import FastAPI\nfrom app.api import router\napp = FastAPI(openapi_url='/api/v1/openapi.json')\napp.include_router(router)\n",
        ),
        (
            "backend/app/api.py",
            "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/orders')\ndef orders(): return []\n",
        ),
        ("backend/scripts/start.sh", "#!/bin/sh\nuvicorn app.main:app\n"),
        ("frontend/package.json", "{}"),
        ("backend/.venv/pyvenv.cfg", ""),
        ("backend/.venv/bin/fastapi", ""),
    ]);
    assert_eq!(
        config.memory.command,
        [".venv/bin/fastapi", "run", "--workers", "4", "app/main.py", "--host", "127.0.0.1", "--port", "8000"]
    );
    assert_eq!(config.memory.cwd.as_deref(), Some("backend"));
    assert_eq!(found(&survey, "command").1, "compose.yaml:4");
    assert_eq!(found(&survey, "contract").0, "served by the application at /api/v1/openapi.json");
}

#[test]
fn platforms_have_the_command_under_a_key() {
    let (survey, config) = look(&[
        (
            "src/orders/api.py",
            "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    @app.get('/a')\n    def a(): return ''\n    return app\n",
        ),
        ("src/orders/__init__.py", ""),
        (
            "render.yaml",
            "services:\n  - type: web\n    startCommand: gunicorn 'orders.api:create_app()' --chdir src -b 0.0.0.0:$PORT\n",
        ),
        ("poetry.lock", ""),
    ]);
    assert_eq!(
        config.memory.command,
        ["poetry", "run", "gunicorn", "orders.api:create_app()", "--chdir", "src", "--bind", "127.0.0.1:8000"]
    );
    assert_eq!(found(&survey, "command").1, "render.yaml:3");
}

#[test]
fn what_no_variable_can_be_called_is_not_written_down_as_one() {
    let read = |name: &str| format!("import os\n{APP}os.environ['{name}']\n");
    let (survey, _) = look(&[("main.py", &read("ORDERS_TABLE"))]);
    assert!(unknown(&survey, "what the application finds in ORDERS_TABLE"), "{survey:#?}");
    for name in ["a\u{8}b", "A=B", "", "9A"] {
        let (survey, _) = look(&[("main.py", &read(name))]);
        assert!(!unknown(&survey, "what the application finds in"), "{survey:#?}");
    }
}

/// Pieces of the files that are looked through, in any order.
const PIECES: &[&str] = &[
    "web: ",
    "uvicorn",
    "gunicorn ",
    " main:app",
    " --port",
    "=",
    " $PORT",
    "${PORT:-80}",
    "${",
    " -b",
    " 0.0.0.0:",
    "99999",
    "\n",
    "\t",
    "  ",
    "\\\n",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    "&a ",
    "*a",
    "services:\n",
    "  x:\n",
    "    command: ",
    "    image: dynamodb-local\n",
    "FROM x\n",
    "CMD ",
    "ENTRYPOINT ",
    "python -m ",
    "manage.py runserver ",
    "sh -c ",
    "&&",
    ";",
    "FLASK_APP=",
    "flask run",
    "fastapi dev ",
    "é",
    "\u{0}",
    "\r",
    "[tool.x]\n",
    "a = \"",
    "from fastapi import FastAPI\n",
    "app = FastAPI(",
    ")\n",
    "def create_app(",
    "):\n",
    "    return app\n",
    "import boto3, os\n",
    "boto3.client('dynamodb', endpoint_url=",
    "os.environ['",
    "']",
    "app.mount('/', app)\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_in_the_files_a_configuration_comes_out(which in prop::collection::vec(prop::collection::vec(0..PIECES.len(), 0..24), 8)) {
        let text = |n: usize| which[n].iter().map(|piece| PIECES[*piece]).collect::<String>();
        let main = format!("{APP}{}", text(0));
        let texts: Vec<String> = (1..8).map(text).collect();
        let names = ["Procfile", "docker-compose.yml", "Dockerfile", "pyproject.toml", "Makefile", "start.sh", "openapi.yaml"];
        let mut files: Vec<(&str, &str)> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
        files.push(("main.py", &main));
        let (survey, config) = look(&files);
        prop_assert!(survey.found.iter().all(|fact| !fact.what.contains(['\n', '\r', '\0'])));
        prop_assert!(survey.unknown.iter().all(|text| !text.contains(['\n', '\r', '\0'])));
        prop_assert!(config.memory.command.iter().all(|word| !word.contains('$')));
    }
}
