//! Who calls whom.

use super::{files, program};
use crate::program::Scope;
use crate::values::Values;

/// The callees of a function, by their qualified names.
fn callees(text: &str, of: &str) -> Vec<String> {
    let files = files(text);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let program = program(&files);
    let values = Values::new(&program);
    let (function, _) = program.functions().find(|(id, _)| program.qualified(*id) == of).expect("the function exists");
    values.callees(Scope::Function(function)).iter().map(|&callee| program.qualified(callee)).collect()
}

#[test]
fn calls_lead_to_functions_methods_and_constructors() {
    let text = "
# file: base.py
class Base:
    def __init__(self): pass
    def save(self): pass
    def run(self):
        self.save()
        self.step()
class Late(Base):
    def step(self): pass
    def save(self):
        super().save()
# file: app.py
import base
from base import Late as Newest
from functools import partial
def helper(): pass
def other(): pass
def handler(flag, base_thing: base.Base):
    thing = Newest()
    thing.run()
    base_thing.save()
    (helper if flag else other)()
    f = partial(helper)
    f()
    [x.late() for x in flag]
    unknown.step_by_step()
    sorted(flag, key=lambda row: other())
";
    assert_eq!(
        callees(text, "app.handler"),
        [
            "base.Base.__init__",
            "base.Base.run",
            "base.Base.save",
            "base.Late.save",
            "app.helper",
            "app.other",
            "app.handler.<lambda>"
        ]
    );
    assert_eq!(callees(text, "base.Base.run"), ["base.Base.save", "base.Late.save", "base.Late.step"]);
    assert_eq!(callees(text, "base.Late.save"), ["base.Base.save"]);
}

#[test]
fn functions_that_are_handed_over_are_called() {
    let text = "
import asyncio, atexit, threading
from concurrent.futures import ThreadPoolExecutor
from django.db import transaction
from starlette.concurrency import run_in_threadpool
pool = ThreadPoolExecutor()
def a(): pass
def b(x): pass
def c(): pass
def d(): pass
def e(): pass
def g(): pass
async def h(): pass
async def start(background, app, task):
    threading.Thread(target=a, daemon=True).start()
    pool.submit(b, 1)
    background.add_task(c)
    await asyncio.to_thread(d)
    await run_in_threadpool(e)
    transaction.on_commit(lambda: g())
    asyncio.create_task(h())
    atexit.register(a)
    task.delay(1)
";
    let found = callees(text, "app.start");
    assert_eq!(found, ["app.a", "app.b", "app.c", "app.d", "app.e", "app.start.<lambda>", "app.h"]);
}

#[test]
fn arguments_reach_functions_that_are_handed_over() {
    let wrong = super::wrong(
        "
import threading
from concurrent.futures import ThreadPoolExecutor
import boto3
from functools import partial
client = boto3.client('s3')
def a(x, y):
    probe(x)  # => client s3
def b(x, y=None):
    probe(x)  # => client s3
def c(x):
    probe(x)  # => client s3
def d(x, y):
    probe(x)  # => client s3
class Worker:
    def __init__(self, c):
        self.c = c
    def run(self, job):
        probe(job)  # => client s3
threading.Thread(target=a, args=(client, 1)).start()
ThreadPoolExecutor().submit(b, client)
ThreadPoolExecutor().map(c, [client])
partial(d, client)(3)
threading.Thread(target=Worker(1).run, args=(client,)).start()
",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_method_that_only_one_class_has_is_found_by_name() {
    let text = "
class Pricing:
    def price_of(self, x): pass
    def get(self): pass
def handler(service):
    service.price_of(1)
    service.get()
";
    assert_eq!(callees(text, "app.handler"), ["app.Pricing.price_of"]);
}

#[test]
fn tasks_are_called_by_delay() {
    let text = "
from celery import shared_task
@shared_task
def work(x): pass
def view(request):
    work.delay(1)
    work.apply_async(args=(2,))
    work.s(3)
";
    assert_eq!(callees(text, "app.view"), ["app.work"]);
}
