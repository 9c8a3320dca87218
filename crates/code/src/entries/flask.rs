//! Flask and Quart: rules of applications and blueprints, nested blueprints, class-based views. Also AWS Chalice and the resolvers of Powertools, which declare
//! their routes in the same way.

use std::rc::Rc;

use plimsoll_model::Method;

use super::found::{Found, endpoint_methods};
use super::template;
use super::wiring::{Deed, Object, Val, Wiring};
use super::{Framework, Verb};

/// Blueprints within blueprints.
const DEEPEST: u8 = 16;
/// More routes than any application has.
const MOST: usize = 50_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    App,
    Blueprint,
    Lambda,
}

/// The routes of every application, and of blueprints that nothing registers.
pub(super) fn routes(wiring: &mut Wiring<'_>) -> Vec<Found> {
    let objects: Vec<Rc<Object>> =
        wiring.objects().iter().filter(|object| part(wiring, object).is_some()).cloned().collect();
    let mut rules = Rules { wiring, found: Vec::new(), registered: Vec::new() };
    for object in &objects {
        let kind = part(rules.wiring, object);
        if kind != Some(Part::Blueprint) && !object.assumed.get() {
            rules.object(object, "", false, object.conditional, DEEPEST);
        }
    }
    for object in &objects {
        let alone = part(rules.wiring, object) == Some(Part::Blueprint) || object.assumed.get();
        if alone && !rules.registered.contains(&object.id) {
            let prefix = rules.own_prefix(object);
            rules.object(object, &prefix, true, object.conditional, DEEPEST);
        }
    }
    rules.found
}

fn part(wiring: &Wiring<'_>, object: &Object) -> Option<Part> {
    wiring.library_classes(&object.class).iter().find_map(|class| {
        let (root, last) = (class.split('.').next().unwrap_or_default(), class.rsplit('.').next().unwrap_or_default());
        match (root, last) {
            ("flask" | "quart", "Flask" | "Quart") | ("flask_openapi3", "OpenAPI") | ("apiflask", "APIFlask") => {
                Some(Part::App)
            }
            ("chalice", "Chalice") => Some(Part::Lambda),
            ("aws_lambda_powertools", last) if last.ends_with("Resolver") => Some(Part::Lambda),
            (_, last) if last.ends_with("Blueprint") => Some(Part::Blueprint),
            (_, last) if last.ends_with("Flask") => Some(Part::App),
            ("chalice", "Blueprint") | ("aws_lambda_powertools", "Router") => Some(Part::Blueprint),
            _ => None,
        }
    })
}

struct Rules<'w, 'p> {
    wiring: &'w mut Wiring<'p>,
    found: Vec<Found>,
    registered: Vec<u32>,
}

impl Rules<'_, '_> {
    fn own_prefix(&self, object: &Object) -> String {
        let args = object.args.borrow();
        args.keyword(|name| self.wiring.is(name, "url_prefix"))
            .and_then(Val::as_text)
            .map_or_else(String::new, |text| text.to_string())
    }

    fn object(&mut self, object: &Rc<Object>, prefix: &str, detached: bool, conditional: bool, left: u8) {
        let Some(left) = left.checked_sub(1) else { return };
        let deeds = object.deeds.borrow().clone();
        for deed in deeds.iter().filter(|deed| matches!(deed.receiver, Val::Object(_))) {
            let conditional = conditional || deed.conditional;
            match self.wiring.text(deed.name) {
                // The views of `flask_restful`'s and `flask_smorest`'s API objects are found below.
                "register_blueprint" | "register_api" | "include_router" => {
                    let blueprint =
                        deed.args.take(0, |name| matches!(self.wiring.text(name), "blueprint" | "router")).cloned();
                    if let Some(Val::Object(blueprint)) = blueprint {
                        self.registered.push(blueprint.id);
                        let given = deed
                            .args
                            .keyword(|name| matches!(self.wiring.text(name), "url_prefix" | "prefix"))
                            .and_then(Val::as_text);
                        let own = given.map_or_else(|| self.own_prefix(&blueprint), |text| text.to_string());
                        let whole = joined(prefix, &own);
                        self.object(&blueprint, &whole, detached, conditional, left);
                    }
                }
                name => self.rule(name, deed, prefix, detached, conditional),
            }
        }
    }

    fn rule(&mut self, name: &str, deed: &Deed, prefix: &str, detached: bool, conditional: bool) {
        if self.found.len() >= MOST {
            return;
        }
        let rule = deed.args.take(0, |name| matches!(self.wiring.text(name), "rule" | "path")).and_then(Val::as_text);
        let applied = deed.applied.borrow().clone();
        let named = deed.args.keyword(|name| matches!(self.wiring.text(name), "methods" | "method"));
        let named: Option<Vec<Method>> = named.and_then(|value| match value {
            Val::Text(text) => Some(text.text.parse().into_iter().collect()),
            other => other.items().map(|items| items.iter().filter_map(|item| item.as_text()?.parse().ok()).collect()),
        });
        let lower = name.starts_with(|c: char| c.is_ascii_lowercase());
        let (views, methods): (Vec<Val>, Option<Vec<Method>>) = match name {
            "route" | "websocket" => (applied, named),
            "add_url_rule" => {
                let view = deed.args.take(2, |name| self.wiring.is(name, "view_func")).cloned();
                (view.into_iter().collect(), named)
            }
            _ => match name.parse::<Method>() {
                Ok(method) if lower => (applied, Some(vec![method])),
                _ => return,
            },
        };
        let Some(rule) = rule else { return };
        let template = template::rooted(template::from_angles(&joined(prefix, &rule)));
        for view in views {
            self.view(&view, methods.as_deref(), &template, deed, detached, conditional);
        }
    }

    fn view(
        &mut self,
        view: &Val,
        methods: Option<&[Method]>,
        template: &str,
        deed: &Deed,
        detached: bool,
        conditional: bool,
    ) {
        // `ThingApi.as_view("thing")`: the class answers the methods that it defines, or those that its `methods` names.
        let class = match view {
            Val::Deed(made) if self.wiring.is(made.name, "as_view") => match &made.receiver {
                Val::Class(class) => Some(Rc::clone(class)),
                _ => None,
            },
            Val::Class(class) => Some(Rc::clone(class)),
            _ => None,
        };
        let mut routes: Vec<(Method, Option<crate::names::Sym>)> = Vec::new();
        if let Some(class) = &class {
            let program = self.wiring.program;
            let own = endpoint_methods(self.wiring, class.id);
            let of_class = program
                .names
                .find("methods")
                .and_then(|name| self.wiring.class_attribute(class, name))
                .and_then(|value| value.items());
            let dispatch =
                program.names.find("dispatch_request").filter(|name| program.method(class.id, *name).is_some());
            let wanted: Vec<Method> = match (methods, of_class) {
                (Some(methods), _) => methods.to_vec(),
                (None, Some(names)) => names.iter().filter_map(|name| name.as_text()?.parse().ok()).collect(),
                (None, None) if own.is_empty() => vec![Method::Get],
                (None, None) => own.clone(),
            };
            for method in wanted {
                let action =
                    if own.contains(&method) { program.names.find(&method.as_str().to_lowercase()) } else { dispatch };
                routes.push((method, action));
            }
        } else {
            let methods = methods.filter(|methods| !methods.is_empty()).unwrap_or(&[Method::Get]);
            routes.extend(methods.iter().map(|method| (*method, None)));
        }
        let is_lambda =
            matches!(&deed.receiver, Val::Object(object) if part(self.wiring, object) == Some(Part::Lambda));
        for (method, action) in routes {
            self.found.push(Found {
                verb: Verb::Http(method),
                template: template.to_owned(),
                view: class.as_ref().map_or_else(|| view.clone(), |class| Val::Class(Rc::clone(class))),
                action,
                framework: if is_lambda { Framework::Lambda } else { Framework::Flask },
                site: deed.site,
                dependencies: Vec::new(),
                in_schema: false,
                conditional,
                detached,
                any_method: false,
            });
        }
    }
}

/// A prefix and a rule, as blueprints put them together.
fn joined(prefix: &str, rule: &str) -> String {
    if prefix.is_empty() || rule.is_empty() {
        return format!("{prefix}{rule}");
    }
    format!("{}/{}", prefix.trim_end_matches('/'), rule.trim_start_matches('/'))
}
