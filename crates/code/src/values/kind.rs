//! What an expression may be, as far as it matters for what a program holds on to, reads or leaves open. Ordinary data (numbers, models, text) has
//! no kind here: it is unknown, and unknown is nothing to report.

use crate::program::{ClassId, ExprAt, FunctionId, ModuleId, Scope};
use crate::syntax::Sym;

/// One thing that an expression may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A module of the program.
    Module(ModuleId),
    /// A function, class or module outside of the program by its dotted path: `boto3.client`, `builtins.open`.
    External(Sym),
    /// A class of the program.
    Class(ClassId),
    /// A function of the program, or a method taken from its class.
    Function(FunctionId),
    /// A method taken from an instance or from a class, with the class that it was taken from.
    Bound(FunctionId, ClassId),
    /// An attribute that a class of the program has from a base outside of it: `scan` of a PynamoDB model.
    Inherited(ClassId, Sym),
    /// A method of an object that is not a class of the program: `append` of a list, `scan` of a table.
    Method(ObjectId, Sym),
    /// An instance of the class or of one derived from it, born who knows where: `self`, or what an annotation says.
    Instance(ClassId),
    /// An object whose place of birth is known.
    Object(ObjectId),
    /// A literal.
    Const(Literal),
}

/// A literal. Floats and bytes are only known to be such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text.
    Str(Sym),
    /// A float or complex number.
    Float,
    /// Bytes.
    Bytes,
}

/// An object of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(super) u32);

/// Something that the program makes, or is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// The expression that makes it. What a function makes and only returns is born at the call of the function.
    pub born: ExprAt,
    /// The scope that the expression is executed in: a module's scope means once per process.
    pub scope: Scope,
    /// The literal or the constructor's call itself, also where `born` is a call of the function around it.
    pub made: ExprAt,
    /// How it is known.
    pub how: How,
}

/// How an object is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// It is made where it is born.
    Made,
    /// An annotation says so; `born` is the annotation.
    Declared,
    /// It is made for each instance of a class: `field(default_factory=dict)`.
    Field,
    /// A framework makes it for each call: `Depends(Repository)`.
    Injected,
    /// It is part of, or read from, another object: a page of an iterator, the items of an answer.
    Derived,
    /// A library has it, as long as the process runs: `django.core.signals.request_started`; `born` is where it is named.
    Library,
}

/// Which Amazon SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sdk {
    /// boto3.
    Boto3,
    /// botocore without boto3.
    Botocore,
    /// aioboto3.
    Aioboto3,
    /// aiobotocore without aioboto3.
    Aiobotocore,
}

impl Sdk {
    /// Whether its calls are awaited.
    pub fn is_async(self) -> bool {
        matches!(self, Self::Aioboto3 | Self::Aiobotocore)
    }
}

/// Which HTTP client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HttpLib {
    /// httpx.
    Httpx,
    /// requests.
    Requests,
    /// aiohttp.
    Aiohttp,
    /// urllib3.
    Urllib3,
}

/// Which web framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framework {
    /// FastAPI.
    FastApi,
    /// Starlette.
    Starlette,
    /// Flask.
    Flask,
    /// Django.
    Django,
    /// aiohttp's server.
    Aiohttp,
}

/// How many elements a container may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// As many as come.
    Unbounded,
    /// At most so many.
    AtMost(u64),
    /// As many as a value says that is not known here.
    Given,
}

impl Bound {
    /// Whether nothing limits it.
    pub fn is_unbounded(self) -> bool {
        self == Self::Unbounded
    }
}

/// Which container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// A list.
    List,
    /// A tuple or frozenset: it does not grow.
    Tuple,
    /// A dict; an ordered or default dict.
    Dict,
    /// A set.
    Set,
    /// A deque.
    Deque,
    /// A counter.
    Counter,
    /// A `WeakValueDictionary`, `WeakKeyDictionary` or `WeakSet`.
    Weak,
    /// A cache of cachetools or the like, which evicts.
    Cache,
    /// An iterator over elements that exist only while they are asked for: a generator expression, `map`, `filter`, `zip`.
    Lazy,
}

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Between threads.
    Thread,
    /// Between tasks.
    Async,
    /// Between processes.
    Process,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `boto3.Session()` and the like.
    Session(Sdk),
    /// A client of a service: `boto3.client("dynamodb")`.
    Client {
        /// Whose.
        sdk: Sdk,
        /// The service, where it is a constant.
        service: Option<Sym>,
    },
    /// What `session.client(…)` and `session.resource(…)` of an asynchronous SDK return: it becomes the client when it is entered.
    ClientContext {
        /// Whose.
        sdk: Sdk,
        /// The service, where it is a constant.
        service: Option<Sym>,
        /// Whether a resource comes of it, not a client.
        resource: bool,
    },
    /// `boto3.resource("dynamodb")`.
    Resource {
        /// Whose.
        sdk: Sdk,
        /// The service, where it is a constant.
        service: Option<Sym>,
    },
    /// `resource.Table(name)`.
    Table(Sdk),
    /// What other things a resource makes: buckets, queues, objects.
    ResourceItem(Sdk),
    /// `table.batch_writer()`.
    BatchWriter(Sdk),
    /// `client.get_paginator(operation)`.
    Paginator {
        /// Whose.
        sdk: Sdk,
        /// The operation, where it is a constant: `scan`.
        operation: Option<Sym>,
    },
    /// `paginator.paginate(…)`.
    PageIterator {
        /// Whose.
        sdk: Sdk,
        /// The paginator's operation.
        operation: Option<Sym>,
    },
    /// `client.get_waiter(name)`.
    Waiter,
    /// The dict that an operation of an SDK answers with.
    Response {
        /// The client's method: `scan`, `get_item`.
        operation: Option<Sym>,
        /// Whether it is one page of a page iterator.
        page: bool,
        /// Whether it joins all pages: `build_full_result()`.
        full: bool,
    },
    /// The list of rows in an answer: `response["Items"]`.
    Items {
        /// The client's method.
        operation: Option<Sym>,
        /// Whether it holds the rows of all pages.
        full: bool,
    },
    /// One row: `response["Item"]`, an element of the items.
    Item {
        /// The client's method.
        operation: Option<Sym>,
    },
    /// The `LastEvaluatedKey` of an answer.
    Cursor,
    /// Records of a stream: `get_records(…)["Records"]`.
    Records,
    /// One of them.
    Record,
    /// A body that streams: `get_object(…)["Body"]`.
    Body,
    /// `client.meta`.
    ClientMeta(Sdk),
    /// `client.meta.events`: handlers stay registered.
    Emitter,
    /// `client.exceptions`.
    ClientExceptions,
    /// What a PynamoDB query, scan or batch read returns: an iterator that pages.
    PynamoResults {
        /// The model.
        model: ClassId,
        /// `scan`, `query`, `batch_get` ….
        operation: Sym,
    },
    /// An HTTP client with a connection pool.
    HttpClient {
        /// Whose.
        lib: HttpLib,
        /// Whether its calls are awaited.
        is_async: bool,
    },
    /// An HTTP client's answer.
    HttpResponse {
        /// Whose.
        lib: HttpLib,
        /// Whether its body is still open.
        stream: bool,
    },
    /// A pool of threads or processes.
    Executor {
        /// Whether it starts processes.
        process: bool,
    },
    /// A thread, timer or process.
    Thread,
    /// A task of an event loop.
    Task,
    /// A group of tasks that waits for all.
    TaskGroup,
    /// A future of an executor or event loop.
    Future,
    /// An event loop.
    EventLoop,
    /// A lock, semaphore, event or condition.
    Lock,
    /// A queue.
    Queue {
        /// Between whom.
        flavour: Flavour,
        /// How many elements it takes.
        bound: Bound,
    },
    /// A container.
    Container {
        /// Which.
        kind: Container,
        /// How many elements it may hold by its own means.
        bound: Bound,
    },
    /// `threading.local()`.
    ThreadLocal,
    /// A context variable.
    ContextVar,
    /// `contextlib.ExitStack()`.
    ExitStack {
        /// Whether it is an `AsyncExitStack`.
        is_async: bool,
    },
    /// A signal of Django or blinker.
    Signal,
    /// A logger.
    Logger,
    /// A logging handler.
    LogHandler,
    /// An open file.
    File,
    /// A buffer in memory: `io.StringIO()`, `io.BytesIO()`.
    Buffer,
    /// A caught exception; it holds its traceback.
    Exception,
    /// A cache of the framework: `django.core.cache.cache`.
    Cache,
    /// A client of Redis.
    Redis,
    /// An engine of SQLAlchemy.
    SqlEngine,
    /// A session or connection to a database.
    SqlSession,
    /// What calling the generator function gives.
    Generator(FunctionId),
    /// What calling the `async def` function gives before it is awaited.
    Coroutine(FunctionId),
    /// What calling a function decorated with `@contextmanager` gives before it is entered.
    ContextManager(FunctionId),
    /// `functools.partial(f, …)`; `made` is its call.
    Partial,
    /// An instance of a class of the program.
    Instance(ClassId),
    /// An application of a framework.
    App(Framework),
    /// A router or blueprint.
    Router(Framework),
    /// A request.
    Request,
    /// `request.state`, Flask's `g`: gone with the request.
    RequestState,
    /// `request.session`.
    RequestSession,
    /// `app.state`: as long as the process.
    AppState,
    /// Flask's `app.config`, `app.extensions`.
    AppConfig,
    /// Django's settings.
    Settings,
    /// FastAPI's `BackgroundTasks`.
    BackgroundTasks,
    /// A Celery application.
    Celery,
    /// What calling this path outside of the program gives.
    Made(Sym),
}
