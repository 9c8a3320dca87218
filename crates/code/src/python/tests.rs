//! What reading a file yields, and that nothing makes it fail.

use super::*;
use crate::names::Sym;
use crate::syntax::{Const, ExprId, ExprKind, Parent, StmtId, StmtKind, Visit};

fn tree(names: &Names, text: &str) -> Tree {
    let parsed = read(names, text, FileKind::Source);
    assert_eq!(parsed.errors, []);
    parsed.tree
}

fn only(tree: &Tree) -> StmtKind {
    let [stmt] = tree[tree.body] else { panic!("one statement") };
    tree[stmt].kind
}

struct Deepest {
    now: usize,
    most: usize,
    calls: Vec<Sym>,
}

fn deepest(tree: &Tree, expr: ExprId) -> usize {
    let mut most = 0;
    tree.children(expr, &mut |child| most = most.max(deepest(tree, child)));
    most + 1
}

impl Visit for Deepest {
    fn stmt(&mut self, tree: &Tree, stmt: StmtId) -> bool {
        let mut most = 0;
        tree.exprs_of(stmt, &mut |expr| most = most.max(deepest(tree, expr)));
        self.most = self.most.max(self.now + most);
        true
    }

    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        if let ExprKind::Call { callee, .. } = tree[expr].kind
            && let ExprKind::Name(name) = tree[callee].kind
        {
            self.calls.push(name);
        }
        true
    }
}

fn look(tree: &Tree) -> Deepest {
    let mut seen = Deepest { now: 0, most: 0, calls: Vec::new() };
    tree.walk(tree.body, &mut seen);
    seen
}

#[test]
fn imports_know_what_they_stand_under() {
    let names = Names::default();
    let text = "import a.b as c\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import x\nelse:\n    from ..p import *\nif not typing.TYPE_CHECKING:\n    pass\nelse:\n    import y\n";
    let tree = tree(&names, text);
    let mut found = Vec::new();
    struct Imports<'a>(&'a Names, &'a mut Vec<String>);
    impl Visit for Imports<'_> {
        fn stmt(&mut self, tree: &Tree, stmt: StmtId) -> bool {
            if let StmtKind::Import(many) = tree[stmt].kind {
                for import in &tree[many] {
                    let text = |sym: Option<Sym>| sym.map_or("-", |sym| self.0.text(sym));
                    self.1.push(format!(
                        "{}{} {} {} {}",
                        ".".repeat(import.level.into()),
                        self.0.text(import.module),
                        text(import.name),
                        text(import.alias),
                        import.type_checking
                    ));
                }
            }
            true
        }
    }
    tree.walk(tree.body, &mut Imports(&names, &mut found));
    assert_eq!(found, ["a.b - c false", "typing TYPE_CHECKING - false", ". x - true", "..p * - false", "y - - true"]);
}

#[test]
fn functions_stand_in_order_with_their_parents() {
    let names = Names::default();
    let text = "class A:\n    def f(self, *, key: int = 1):\n        def g():\n            yield 1\n        return lambda x: x\nasync def h(): ...\n";
    let tree = tree(&names, text);
    let seen: Vec<_> =
        tree.functions().map(|(_, f)| (names.text(f.name), f.parent, f.is_generator, f.is_async)).collect();
    let [(_, class)] = tree.classes().collect::<Vec<_>>()[..] else { panic!("one class") };
    assert_eq!(names.text(class.name), "A");
    assert_eq!(seen[0], ("f", Parent::Class(crate::syntax::ClassIx(0)), false, false));
    assert_eq!(seen[1], ("g", Parent::Function(crate::syntax::FunctionIx(0)), true, false));
    assert_eq!(seen[2], ("<lambda>", Parent::Function(crate::syntax::FunctionIx(0)), false, false));
    assert_eq!(seen[3], ("h", Parent::Module, false, true));
}

#[test]
fn docstrings_are_dropped_and_texts_are_cut_at_a_character() {
    let names = Names::default();
    assert!(matches!(only(&tree(&names, "'''a docstring'''\n")), StmtKind::Pass));
    let tree = tree(&names, &format!("x = 'a' '{}'\n", "é".repeat(600)));
    let StmtKind::Assign { value: Some(value), .. } = only(&tree) else { panic!("an assignment") };
    let ExprKind::Const(Const::Str(text)) = tree[value].kind else { panic!("a text") };
    assert_eq!(names.text(text).len(), 1_023);
}

#[test]
fn quoted_annotations_are_expressions() {
    let names = Names::default();
    let tree = tree(&names, "def f(a: 'b.Table', c: Optional['D'], e: Literal['x'], f: Annotated['G', 'doc']): ...\n");
    let mut texts = Vec::new();
    let (_, function) = tree.functions().next().unwrap();
    for param in &tree[function.params] {
        let mut leaves = Vec::new();
        struct Leaves<'a>(&'a Names, &'a mut Vec<String>);
        impl Visit for Leaves<'_> {
            fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
                match tree[expr].kind {
                    ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                        self.1.push(self.0.text(name).to_owned());
                    }
                    ExprKind::Const(Const::Str(text)) => self.1.push(format!("'{}'", self.0.text(text))),
                    _ => {}
                }
                true
            }
        }
        tree.walk_expr(param.annotation.unwrap(), &mut Leaves(&names, &mut leaves));
        texts.push(leaves.join(" "));
    }
    assert_eq!(texts, ["Table b", "Optional D", "Literal 'x'", "Annotated G 'doc'"]);
}

#[test]
fn damage_costs_only_what_is_damaged() {
    let names = Names::default();
    let text = "import a\ndef f(:\n    g()\nclass B\n    def m(self): h()\nprint 'python 2', x\nk(1\ndef last(): z()\n";
    let parsed = read(&names, text, FileKind::Source);
    assert!(!parsed.errors.is_empty() && parsed.errors.len() <= ERRORS);
    let functions: Vec<_> = parsed.tree.functions().map(|(_, f)| names.text(f.name)).collect();
    assert_eq!(functions, ["f", "m", "last"]);
    assert!(parsed.errors.iter().all(|error| error.message.starts_with(|c: char| !c.is_uppercase())));
}

#[test]
fn odd_files_are_read() {
    let names = Names::default();
    let newer = "type X = int\ndef f[T](x: T) -> T: return x\nmatch p:\n    case {'a': b, **rest} if b: c()\n    case [A(x=d), *e] | (f as g): pass\nx = t'{y}'\n";
    let odd = [
        "",
        "\u{feff}",
        "\0",
        "x\0y = 1\n",
        "\t x = 1\n        y = 2\n",
        "print 'a'\nexec 'b' in c\n",
        "é = 1\n",
        "\r\r\nx=1\r",
        "f'{",
        "'''",
        "\\",
        newer,
    ];
    for text in odd {
        read(&names, text, FileKind::Source);
    }
    let parsed = read(&names, newer, FileKind::Source);
    assert_eq!(parsed.errors, []);
    let StmtKind::Match { cases, .. } = parsed.tree[parsed.tree[parsed.tree.body][2]].kind else { panic!("a match") };
    let bound: Vec<Vec<_>> = parsed.tree[cases]
        .iter()
        .map(|case| parsed.tree[case.names].iter().map(|name| names.text(*name)).collect())
        .collect();
    assert_eq!(bound, [vec!["b", "rest"], vec!["d", "e", "f", "g"]]);
}

#[test]
fn notebooks_may_hold_commands() {
    let names = Names::default();
    let parsed = read(&names, "%matplotlib inline\n!ls\nx = %time f()\nget?\ny = g()\n", FileKind::Notebook);
    assert_eq!(parsed.errors, []);
    assert_eq!(look(&parsed.tree).calls, [names.intern("g")]);
}

#[test]
fn deep_files_end_in_a_note() {
    let names = Names::default();
    let deep = [
        format!("{}x{}\n", "(".repeat(5_000), ")".repeat(5_000)),
        format!("y = {}x{}\n", "[".repeat(5_000), "]".repeat(5_000)),
        format!("y = {}x\n", "a.b(".repeat(5_000)),
        format!("y = x{}\n", " + 1".repeat(5_000)),
        format!("y = x{}\n", ".f()".repeat(5_000)),
        format!("y = {}x\n", "not ".repeat(5_000)),
        format!("y = {}x\n", "lambda: ".repeat(2_000)),
        format!("y = {}x\n", "1 if a else ".repeat(2_000)),
        format!("y = {}x{}\n", "f'{".repeat(2_000), "}'".repeat(2_000)),
        (0..300).map(|n| format!("{}if x:\n", " ".repeat(n))).chain(["pass\n".to_owned()]).collect(),
        format!("match x:\n case {}y{}: pass\n", "[".repeat(3_000), "]".repeat(3_000)),
    ];
    for text in &deep {
        let parsed = read(&names, text, FileKind::Source);
        assert!(look(&parsed.tree).most <= lower::DEPTH as usize, "{}", &text[..30]);
        assert!(text.starts_with("((") || !parsed.errors.is_empty(), "{}", &text[..30]);
    }
}

#[test]
fn huge_files_that_nest_without_end_are_refused() {
    let names = Names::default();
    let huge = [
        format!("x = {}", "(".repeat(2_000_000)),
        format!("x = 1{}\n", "+1".repeat(2_000_000)),
        format!("x = {}1\n", "-".repeat(2_000_000)),
        format!("x = a{}\n", ".b".repeat(2_000_000)),
        format!("x = {}1\n", "lambda a, b: ".repeat(200_000)),
        format!("if x:\n{}y\n", " ".repeat(200_000)),
    ];
    for text in &huge {
        let parsed = read(&names, text, FileKind::Source);
        assert_eq!(parsed.errors.len(), 1, "{}", &text[..20]);
        assert!(parsed.errors[0].message.contains("nested too deeply"));
    }
}

#[test]
fn long_files_are_read_whole() {
    let names = Names::default();
    let line = format!("x = [{}]\n", "{'a': f(1, b), 'c': \"#(\"}, ".repeat(350_000));
    assert!(line.len() > 9_000_000);
    let tree = tree(&names, &line);
    assert_eq!(look(&tree).calls.len(), 350_000);
    let functions: String =
        (0..100_000).fold(String::new(), |text, n| text + &format!("def f{n}(a, b=1):\n    return g(a)\n"));
    assert_eq!(read(&names, &functions, FileKind::Source).tree.functions().len(), 100_000);
    let elifs: String =
        std::iter::once("if a: f()\n".to_owned()).chain((0..5_000).map(|n| format!("elif a == {n}: f()\n"))).collect();
    assert_eq!(look(&read(&names, &(elifs + "else: g()\n"), FileKind::Source).tree).calls.len(), 5_002);
}
