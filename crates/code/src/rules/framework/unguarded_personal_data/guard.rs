//! Whether anything on the way to an answer may ask who wants to know it. Anything that only looks like it counts: a rule that cries over a door with a lock
//! is worse than one that misses an open one.

use crate::entries::Route;
use crate::program::{ExprAt, FunctionId, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{call_name, is_aside, kinds, spans, texts};
use crate::syntax::{Const, ExprId, ExprKind, StmtId, StmtKind, Sym, Tree, Visit};
use crate::values::Kind;

/// Words, in names and texts, of what asks who somebody is.
const ASKS: &[&str] = &[
    "auth",
    "authn",
    "authz",
    "authenticate",
    "authenticated",
    "authentication",
    "authenticator",
    "authorization",
    "authorize",
    "authorized",
    "authorizer",
    "login",
    "logged",
    "signin",
    "signed",
    "sign",
    "signature",
    "signing",
    "token",
    "tokens",
    "jwt",
    "oauth",
    "oauth2",
    "oidc",
    "openid",
    "saml",
    "sso",
    "session",
    "sessions",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "permission",
    "permissions",
    "principal",
    "identity",
    "apikey",
    "secret",
    "bearer",
    "hmac",
    "verify",
    "verified",
    "caller",
    "owner",
    "current",
    "claims",
    "scopes",
    "security",
    "guard",
    "guarded",
    "protect",
    "protected",
    "private",
    "internal",
    "admin",
    "staff",
    "superuser",
    "role",
    "roles",
    "acl",
    "allowed",
    "allow",
    "forbidden",
    "unauthorized",
    "password",
    "firewall",
    "headers",
    "header",
    "meta",
    "gateway",
    "iam",
    "keycloak",
    "cognito",
    "auth0",
    "okta",
    "firebase",
];

/// Calls that put applications together.
const WIRING: &[&str] = &[
    "FastAPI",
    "Starlette",
    "APIRouter",
    "Router",
    "Flask",
    "Quart",
    "Blueprint",
    "NinjaAPI",
    "include_router",
    "include",
    "add_middleware",
    "Middleware",
    "mount",
    "Mount",
    "register_blueprint",
    "before_request",
    "add_router",
];

/// Of these, what joins parts whose names say nothing of the others.
const JOINS: &[&str] = &["include_router", "include", "register_blueprint", "add_router", "mount"];

/// Keywords that name a part.
const LABELS: &[&str] = &["router", "prefix", "tags", "name", "namespace", "url_prefix"];

/// Django's own middleware that knows who somebody is, and keeps nobody out.
const ONLY_KNOWS: &[&str] = &[
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
];

/// The words of a name or text, in lower case: `getCurrentUser`, `current_user` and `Current-User` have the same.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && lower) {
            found.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    found.extend((!word.is_empty()).then_some(word));
    found
}

/// Whether a name or text speaks of who somebody is. The tokens of pages do not.
fn asks(text: &str) -> bool {
    let words = words(text);
    let has = |word: &str| words.iter().any(|found| found == word);
    let pages = ["next", "page", "continuation", "starting", "request"].into_iter().any(has);
    let key = has("key") && (has("api") || has("access"));
    key || words.iter().any(|word| ASKS.contains(&word.as_str()) && !(pages && word == "token"))
}

/// Whether anything from the route to its answer, or around all routes, may ask who somebody is.
pub(super) fn is_guarded(cx: &Cx<'_>, route: &Route) -> bool {
    let program = cx.program;
    asks(&route.template)
        || says(program, route.declared)
        || route.class.is_some_and(|class| {
            program.lookup_order(class).iter().any(|&class| of_class(program, class))
                || program.external_bases(class).any(asks)
        })
        || route.library.is_some()
        || reached(cx, route).into_iter().any(|function| of_function(program, function))
        || wired(cx, route)
        || settings(program)
}

/// Every function that runs for the route, those around all routes included.
fn reached(cx: &Cx<'_>, route: &Route) -> Vec<FunctionId> {
    let runs = |function: &FunctionId| cx.entries.routes_reaching(*function).any(|other| std::ptr::eq(other, route));
    cx.program.functions().map(|(id, _)| id).filter(runs).collect()
}

fn of_function(program: &Program, function: FunctionId) -> bool {
    let tree = program.tree(function.module);
    let at = |expr: ExprId| function.module.expr(expr);
    let mut find = Find { program, found: false };
    tree.walk(program.function(function).body, &mut find);
    find.found
        || asks(program.text(program.function(function).name))
        || program.decorators_of(function).any(|decorator| says(program, decorator))
        || program.params(function).iter().any(|param| {
            asks(program.text(param.name))
                || [param.annotation, param.default].into_iter().flatten().any(|expr| says(program, at(expr)))
        })
}

/// What a class says besides its methods: `permission_classes = […]`, decorators, bases.
fn of_class(program: &Program, class: crate::program::ClassId) -> bool {
    let tree = program.tree(class.module);
    let mut find = Find { program, found: false };
    for &stmt in &tree[program.class(class).body] {
        if !matches!(tree[stmt].kind, StmtKind::Function(_)) {
            tree.exprs_of(stmt, &mut |expr| tree.walk_expr(expr, &mut find));
        }
    }
    find.found || asks(program.text(program.class(class).name))
}

/// Whether an expression has a name or text that speaks of who somebody is.
fn says(program: &Program, at: ExprAt) -> bool {
    let mut find = Find { program, found: false };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    find.found
}

struct Find<'p> {
    program: &'p Program,
    found: bool,
}

impl Visit for Find<'_> {
    fn stmt(&mut self, _: &Tree, _: StmtId) -> bool {
        !self.found
    }

    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        self.found |= match tree[expr].kind {
            ExprKind::Name(name) | ExprKind::Const(Const::Str(name)) => asks(self.program.text(name)),
            ExprKind::Attribute { base, name } => {
                // `request.user`
                let of_request = matches!(tree[base].kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if self.program.text(name) == "request");
                asks(self.program.text(name)) || of_request && self.program.text(name) == "user"
            }
            _ => false,
        };
        !self.found
    }
}

/// Whether what puts the application together speaks of it: `FastAPI(dependencies=[…])`, `app.add_middleware(…)`, `AuthMiddleware(app)`.
fn wired(cx: &Cx<'_>, route: &Route) -> bool {
    let program = cx.program;
    let others: Vec<ExprAt> =
        cx.entries.routes.iter().map(|other| other.declared).filter(|at| *at != route.declared).collect();
    let of_others = |at: ExprAt| {
        others.iter().any(|other| other.module == at.module && spans(program.expr(*other).span, program.expr(at).span))
    };
    program.modules.iter().filter(|module| !is_aside(module.role)).any(|module| {
        let scopes = std::iter::once(Scope::Module(module.id))
            .chain(module.tree.functions().map(|(ix, _)| Scope::Function(module.id.function(ix))));
        scopes.flat_map(|scope| program.calls_in(scope)).any(|site| {
            // What stands before a function, or in its parameters, is that function's.
            let of_function = matches!(module.tree[site.stmt].kind, StmtKind::Function(_));
            !of_function && is_wiring(cx, site.at) && !of_others(site.at) && wires_a_guard(program, site.at)
        })
    })
}

/// Whether a call that puts the application together speaks of it. That a router for signing in is included guards nothing else: of what is included only
/// what is said beside its name counts.
fn wires_a_guard(program: &Program, call: ExprAt) -> bool {
    let name = call_name(program, call).unwrap_or_default();
    if !JOINS.contains(&name) {
        return says(program, call);
    }
    let Some((_, args)) = program.call(call) else { return false };
    let is_name = |keyword: Sym| LABELS.contains(&program.text(keyword));
    args.iter()
        .skip_while(|arg| arg.keyword.is_none())
        .filter(|arg| !arg.keyword.is_some_and(is_name))
        .any(|arg| says(program, call.beside(arg.value)))
}

fn is_wiring(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let named = call_name(program, call).is_some_and(|name| WIRING.contains(&name) || name.contains("include"));
    let is_app =
        |at: ExprAt| kinds::objects(cx, at).any(|object| matches!(object.kind, Kind::App(_) | Kind::Router(_)));
    named || program.call(call).is_some_and(|(_, args)| args.iter().any(|arg| is_app(call.beside(arg.value))))
}

/// Whether Django's settings keep people out of every view, or give REST framework a rule for all.
fn settings(program: &Program) -> bool {
    let keeps_out = |name: &str, value: ExprAt| match name {
        "MIDDLEWARE" | "MIDDLEWARE_CLASSES" => texts(program, value)
            .into_iter()
            .any(|text| !ONLY_KNOWS.contains(&text) && !is_of_django(text) && asks(text)),
        "REST_FRAMEWORK" => texts(program, value)
            .into_iter()
            .any(|text| matches!(text, "DEFAULT_PERMISSION_CLASSES" | "DEFAULT_AUTHENTICATION_CLASSES")),
        _ => false,
    };
    program.modules.iter().any(|module| {
        let tree = &module.tree;
        let assigned = tree[tree.body].iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } => tree[targets].iter().any(|&target| {
                matches!(tree[target].kind, ExprKind::Name(name) if keeps_out(program.text(name), module.id.expr(value)))
            }),
            StmtKind::AugAssign { target, value, .. } => {
                matches!(tree[target].kind, ExprKind::Name(name) if keeps_out(program.text(name), module.id.expr(value)))
            }
            _ => false,
        });
        assigned
            || program.calls_in(Scope::Module(module.id)).iter().any(|site| {
                call_name(program, site.at) == Some("configure")
                    && program.call(site.at).is_some_and(|(_, args)| {
                        args.iter().any(|arg| {
                            arg.keyword.is_some_and(|name| keeps_out(program.text(name), site.at.beside(arg.value)))
                        })
                    })
            })
    })
}

/// Django's middleware that has nothing to do with who somebody is, whatever words its name has.
fn is_of_django(text: &str) -> bool {
    matches!(
        text,
        "django.middleware.security.SecurityMiddleware"
            | "django.contrib.messages.middleware.MessageMiddleware"
            | "django.middleware.csrf.CsrfViewMiddleware"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_however_they_are_written() {
        assert_eq!(words("getCurrentUser"), ["get", "current", "user"]);
        assert_eq!(words("/users/{user_id}"), ["users", "user", "id"]);
        assert_eq!(words("X-API-Key"), ["x", "api", "key"]);
        assert_eq!(words("OAuth2PasswordBearer"), ["oauth2", "password", "bearer"]);
    }

    #[test]
    fn tokens_of_pages_are_no_credentials() {
        for text in ["NextToken", "next_token", "ContinuationToken", "item"] {
            assert!(!asks(text), "{text}");
        }
        for text in ["token", "Authorization", "require_login", "X-API-Key", "current_user", "accessToken"] {
            assert!(asks(text), "{text}");
        }
    }
}
