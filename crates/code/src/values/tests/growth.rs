//! What the evaluator's work grows with: programs that are four times as long take four times the work, however their parts depend on each other.

use std::fmt::Write;

use super::program;
use crate::program::Scope;
use crate::values::Values;

/// Asks all that can be asked of a program, and says how much work that was.
fn work(text: &str) -> u64 {
    let program = program(&[("app.py", text)]);
    let values = Values::new(&program);
    for site in program.modules.iter().flat_map(|module| &module.sites.calls) {
        values.eval(site.at);
    }
    for (function, declared) in program.functions() {
        values.callees(Scope::Function(function));
        values.returns(function);
        for n in 0..declared.params.len() {
            values.param(function, n);
        }
    }
    values.worked()
}

fn repeat(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut text, n| {
        let _ = write!(text, "{}", part(n));
        text
    })
}

/// A chain of functions that hand a parameter on, back to the first.
fn circle(n: usize) -> String {
    repeat(n, |at| format!("def f{at}(x, y):\n    f{}(y, x)\n    return f{}(x, y)\n", (at + 1) % n, (at * 7 + 3) % n))
        + "import boto3\nf0(boto3.client('s3'), 1)\n"
}

/// Everybody calls everybody by the same name.
fn same_name(n: usize) -> String {
    repeat(n, |at| {
        format!(
            "class C{at}:\n    def get(self, x):\n        self.x = x.get(self)\n        return self.x\nC{at}().get(C{}())\n",
            at / 2
        )
    })
}

/// One name, bound again and again, each time out of itself.
fn rebound(n: usize) -> String {
    "x = []\n".to_owned() + &repeat(n, |_| "x = x + [len(x)]\nx.append(x)\n".to_owned())
}

/// A family of classes that share an attribute.
fn family(n: usize) -> String {
    "class C:\n    def run(self):\n        return self.step(self.part)\n".to_owned()
        + &repeat(n, |at| {
            format!(
                "class D{at}(C):\n    def __init__(self):\n        self.part = D{}()\n    def step(self, x):\n        return x.run()\nD{at}().run()\n",
                at / 2
            )
        })
}

/// Calls within calls, decorators and partials of each other.
fn wrapped(n: usize) -> String {
    "from functools import partial\ndef keep(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n"
        .to_owned()
        + &repeat(n, |at| {
            format!(
                "@keep\ndef g{at}(x):\n    return partial(g{}, x)()\nh{at} = partial(g{at}, g{})\nh{at}()\n",
                at / 3,
                at / 2
            )
        })
}

#[test]
fn four_times_the_code_takes_four_times_the_work() {
    for (name, shape) in [
        ("circle", circle as fn(usize) -> String),
        ("same_name", same_name),
        ("rebound", rebound),
        ("family", family),
        ("wrapped", wrapped),
    ] {
        let (once, four) = (work(&shape(120)), work(&shape(480)));
        assert!(four * 10 <= once * 44, "{name}: {once} and {four}");
    }
}

#[test]
fn long_chains_end() {
    let chain = repeat(9_000, |at| format!("def f{at}(x):\n    return f{}(x)\n", at + 1)) + "f0([])\n";
    assert!(work(&chain) > 9_000);
    let aliases = "a0 = []\n".to_owned() + &repeat(9_000, |at| format!("a{} = a{at}\n", at + 1)) + "a9000.append(1)\n";
    assert!(work(&aliases) > 5_000);
}
