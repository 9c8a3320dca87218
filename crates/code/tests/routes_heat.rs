//! When functions run, on the applications of `tests/routes` and on small programs for the ways in that are no routes.

use std::path::Path;

use plimsoll_code::entries::{self, Bounds, Declared, Entries, Location};
use plimsoll_code::program::{FunctionId, Program};
use plimsoll_code::project::{Entry, Origin, Project, walk};
use plimsoll_code::python::FileKind;
use plimsoll_code::values::Values;

fn load(project: &Project) -> Vec<Program> {
    let groups: Vec<_> = project.groups.iter().map(|group| project.load(group)).collect();
    groups.into_iter().map(|loaded| Program::build(loaded.names, loaded.modules)).collect()
}

fn folder(name: &str) -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes").join(name);
    load(&Project::of(walk::walk(std::slice::from_ref(&folder), &folder).expect("the folder can be read")))
}

fn files(files: &[(&str, &str)]) -> Vec<Program> {
    let entries = files.iter().map(|(path, text)| Entry {
        path: (*path).to_owned(),
        origin: Origin::Memory((*text).into()),
        kind: FileKind::Source,
    });
    load(&Project::open(entries.collect(), Vec::new()))
}

/// The heat of each function by its dotted name, as `request+startup`.
fn heats(programs: &[Program], names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| {
            for program in programs {
                let values = Values::new(program);
                let entries = entries::find(program, &values);
                if let Some(function) = named(program, name) {
                    return format!("{name} {:?}", entries.heat(function));
                }
            }
            panic!("no function {name}")
        })
        .collect()
}

fn named(program: &Program, name: &str) -> Option<FunctionId> {
    program.functions().map(|(id, _)| id).find(|id| program.qualified(*id) == name)
}

fn with<T>(programs: &[Program], look: impl Fn(&Program, &Entries) -> Option<T>) -> T {
    for program in programs {
        let values = Values::new(program);
        let entries = entries::find(program, &values);
        if let Some(found) = look(program, &entries) {
            return found;
        }
    }
    panic!("nothing found")
}

#[test]
fn fastapi() {
    let programs = folder("fastapi-package");
    let names = [
        "library.store.search",
        "library.store.member_of",
        "library.security.token",
        "library.security.verify_key",
        "library.routers.books.index_book",
        "library.middleware.note",
        "library.main.create_app",
        "library.main.bad_value",
        "library.store.open_store",
        "library.jobs.start",
        "library.jobs.stop",
        "library.jobs.work",
        "library.jobs.sweep",
        "library.store.Store.close",
        "library.main.lifespan",
        "library.store.Store.find",
    ];
    let expected = [
        "library.store.search request",
        "library.store.member_of request",
        "library.security.token request",
        "library.security.verify_key request",
        "library.routers.books.index_book request",
        "library.middleware.note request",
        "library.main.create_app import",
        "library.main.bad_value request",
        "library.store.open_store startup",
        "library.jobs.start startup",
        "library.jobs.stop shutdown",
        "library.jobs.work message",
        "library.jobs.sweep message",
        "library.store.Store.close shutdown",
        "library.main.lifespan startup+shutdown",
        "library.store.Store.find ",
    ];
    assert_eq!(heats(&programs, &names), expected);
}

#[test]
fn operations_reach_what_they_call() {
    let programs = folder("fastapi-package");
    let reached = |name: &str| {
        with(&programs, |program, entries| {
            let function = named(program, name)?;
            Some(entries.operations_reaching(function, 50).iter().map(ToString::to_string).collect::<Vec<_>>())
        })
    };
    assert_eq!(reached("library.routers.books.index_book"), ["POST /api/v2/books"]);
    assert_eq!(reached("library.store.report"), ["GET /reports/{year}/{month}"]);
    assert!(reached("library.middleware.note").len() >= 25, "a middleware is on the way of every operation");
    // A dependency of the router is on the way of its routes, and of no other's.
    let members = reached("library.store.member_of");
    assert!(members.contains(&"GET /api/v2/books/{book_id}/reviews/".to_owned()), "{members:?}");
    assert!(!members.contains(&"GET /api/v2/members".to_owned()), "{members:?}");
    assert!(reached("library.jobs.sweep").is_empty());
}

#[test]
fn django() {
    let names = [
        "site_app.middleware.remember",
        "site_app.middleware.simple.middleware",
        "blog.signals.index",
        "blog.signals.finished",
        "blog.signals.connect",
        "blog.views.visible",
        "blog.management.commands.reindex.Command.index",
        "accounts.views.Settings.body",
    ];
    let expected = [
        "site_app.middleware.remember request",
        "site_app.middleware.simple.middleware request",
        "blog.signals.index request",
        "blog.signals.finished request",
        "blog.signals.connect startup",
        "blog.views.visible request",
        "blog.management.commands.reindex.Command.index command",
        "accounts.views.Settings.body request",
    ];
    assert_eq!(heats(&folder("django-site"), &names), expected);
    let rest = ["catalogue.views.narrow", "catalogue.views.find", "loans.views.greet"];
    assert_eq!(
        heats(&folder("drf-library"), &rest),
        ["catalogue.views.narrow request", "catalogue.views.find request", "loans.views.greet request"]
    );
    let flask = [
        "storefront.catalogue.find",
        "storefront.catalogue.stamp",
        "storefront.commands.rebuild",
        "storefront.create_app.close",
    ];
    let expected = [
        "storefront.catalogue.find request",
        "storefront.catalogue.stamp request",
        "storefront.commands.rebuild command",
        "storefront.create_app.close request",
    ];
    assert_eq!(heats(&folder("flask-shop"), &flask), expected);
}

#[test]
fn ways_in_besides_routes() {
    let programs = files(&[
        ("app/__init__.py", ""),
        (
            "app/tasks.py",
            "import atexit\nimport boto3\nfrom celery import Celery, shared_task\nfrom celery.signals import worker_process_init\n\napp = Celery('x')\n\n\
             @app.task(bind=True)\ndef first(self, n):\n    helper(n)\n\n@shared_task\ndef second():\n    pass\n\n@worker_process_init.connect\ndef boot(**kwargs):\n    pass\n\n\
             def helper(n):\n    return n\n\ndef leave():\n    pass\n\natexit.register(leave)\n\nclass Slow(app.Task):\n    def run(self):\n        pass\n",
        ),
        (
            "app/function.py",
            "import boto3\n\ndef lambda_handler(event, context):\n    for record in event['Records']:\n        one(record)\n\ndef one(record):\n    return record\n",
        ),
        (
            "app/consumer.py",
            "import boto3\n\nsqs = boto3.client('sqs')\n\ndef consume():\n    while True:\n        for message in sqs.receive_message(QueueUrl='q').get('Messages', []):\n            handle(message)\n\n\
             def handle(message):\n    return message\n\ndef pages():\n    while True:\n        page = more()\n        if not page:\n            break\n\ndef more():\n    return None\n\n\
             def cached(function):\n    kept = {}\n    def wrapper(key):\n        return kept.setdefault(key, function(key))\n    return wrapper\n\n\
             @cached\ndef looked_up(key):\n    return key\n\ndef main():\n    looked_up('x')\n    consume()\n\nif __name__ == '__main__':\n    main()\n",
        ),
    ]);
    let names = [
        "app.tasks.helper",
        "app.tasks.second",
        "app.tasks.boot",
        "app.tasks.leave",
        "app.function.one",
        "app.consumer.handle",
        "app.consumer.more",
        "app.consumer.cached.wrapper",
    ];
    let expected = [
        "app.tasks.helper message",
        "app.tasks.second message",
        "app.tasks.boot startup",
        "app.tasks.leave shutdown",
        "app.function.one message",
        "app.consumer.handle message+command",
        // Nothing is known to page.
        "app.consumer.more ",
        "app.consumer.cached.wrapper command",
    ];
    assert_eq!(heats(&programs, &names), expected);
}

#[test]
fn parameters() {
    let programs = folder("fastapi-package");
    let params = |operation: &str| {
        with(&programs, |program, entries| {
            let route = entries
                .routes
                .iter()
                .find(|route| route.operation().is_some_and(|own| own.to_string() == operation))?;
            Some(
                (route.params.iter())
                    .map(|param| (program.text(param.name).to_owned(), param.location, param.declared, param.bounds))
                    .collect::<Vec<_>>(),
            )
        })
    };
    let none = Bounds::default();
    assert_eq!(
        params("GET /api/v2/books/{book_id}/reviews/"),
        [
            ("book_id".to_owned(), Location::Path, Declared::Int, none),
            ("limit".to_owned(), Location::Query, Declared::Int, Bounds { least: Some(1), most: Some(100), ..none }),
            ("page".to_owned(), Location::Query, Declared::Int, none),
        ]
        .into_iter()
        .chain([
            ("x_key".to_owned(), Location::Header, Declared::Text, none),
            ("authorization".to_owned(), Location::Header, Declared::Text, none)
        ])
        .collect::<Vec<_>>()
    );
    let books = params("GET /api/v2/books");
    let names: Vec<&str> = books.iter().map(|(name, ..)| name.as_str()).collect();
    assert!(names.contains(&"limit") && names.contains(&"offset") && names.contains(&"text"), "{names:?}");
    let text = books.iter().find(|(name, ..)| name == "text").unwrap();
    assert_eq!((text.1, text.3.longest), (Location::Query, Some(50)));
    let read = params("GET /api/v2/books/{book_id}");
    assert_eq!((read[0].1, read[0].3.least), (Location::Path, Some(1)));
}

#[test]
fn an_object_of_the_sdk_as_a_default_is_a_query_parameter() {
    let text = "import boto3\nfrom fastapi import Depends, FastAPI\n\napp = FastAPI()\n\n\
                @app.get('/items/{item_id}')\ndef read(item_id: str, db=boto3.resource('dynamodb'), flag: bool = False):\n    return item_id\n";
    let programs = files(&[("main.py", text)]);
    let found = with(&programs, |program, entries| {
        let route = entries.routes.first()?;
        Some(
            route
                .params
                .iter()
                .map(|param| (program.text(param.name).to_owned(), param.location, param.bounds.distinct()))
                .collect::<Vec<_>>(),
        )
    });
    assert_eq!(
        found,
        [
            ("item_id".to_owned(), Location::Path, None),
            ("db".to_owned(), Location::Query, None),
            ("flag".to_owned(), Location::Query, Some(2)),
        ]
    );
}

#[test]
fn what_a_route_reaches_and_who_reaches_a_function_agree() {
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes")).expect("it is there");
    let mut pairs = 0;
    for name in folders.filter_map(|folder| folder.ok()?.file_name().into_string().ok()) {
        for program in &folder(&name) {
            let values = Values::new(program);
            let entries = entries::find(program, &values);
            let around = entries.reached_by_all(program);
            for route in &entries.routes {
                let mut forward = entries.reached_by(program, route);
                forward.extend(&around);
                forward.sort_unstable();
                forward.dedup();
                let reaches = |id: &FunctionId| entries.routes_reaching(*id).any(|other| std::ptr::eq(other, route));
                let mut back: Vec<FunctionId> = program.functions().map(|(id, _)| id).filter(reaches).collect();
                back.sort_unstable();
                assert_eq!(forward, back, "{name}: {}", route.template);
                pairs += back.len();
            }
        }
    }
    assert!(pairs > 100, "{pairs}");
}
