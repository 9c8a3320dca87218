//! `plimsoll verify` as its users meet it: what was mended by hand, what was not, what came back, and what nobody could look at.

use serde_json::Value;

use crate::fix::{APP, git, id, issue, project, read_only, report, run};
use crate::program::Program;

const BOUNDED: &str = "@lru_cache(maxsize=64)\ndef quote";

fn mended() -> String {
    APP.replace("@lru_cache(maxsize=None)\ndef quote", BOUNDED)
}

#[test]
fn fixed_regressed_and_not_verified() {
    let program = read_only(APP);
    let quote = id(&issue(&report(&program), "quote"));
    let stage = |program: &Program| issue(&report(program), "quote")["stage"].clone();
    let still = run(&program, &["verify", &quote]);
    assert_eq!((still.code, stage(&program)), (1, "located".into()), "{still:?}");
    assert!(still.out.contains("still there") && still.out.contains("still fires at app.py:9"), "{still:?}");
    // Further down in the file, and bounded.
    program.write("app.py", mended().replace("app = FastAPI", "# An application.\napp = FastAPI"));
    let score = report(&program)["score"].as_u64().unwrap();
    let fixed = run(&program, &["verify", &quote]);
    assert_eq!((fixed.code, stage(&program)), (0, "fixed".into()), "{fixed:?}");
    assert!(report(&program)["score"].as_u64().unwrap() >= score);
    assert!(program.read(".plimsoll/report.html").contains("fixed"));
    // The other issue is followed to its line.
    assert_eq!(issue(&report(&program), "rate")["source"]["line"], 15);
    // Nobody can read it: what was fixed stays so, and nothing is claimed.
    program.write("app.py", "def app(:\n");
    let broken = run(&program, &["verify", &quote]);
    assert_eq!((broken.code, stage(&program)), (3, "fixed".into()), "{broken:?}");
    assert!(broken.out.contains("not verified") && broken.out.contains("app.py does not parse"), "{broken:?}");
    program.write("app.py", APP);
    let back = run(&program, &["verify", &quote]);
    assert_eq!((back.code, stage(&program)), (1, "regressed".into()), "{back:?}");
    // A word that it is accepted mends nothing.
    let accepted =
        APP.replace("None)\ndef quote", "None)  # plimsoll: ignore[unbounded-lru-cache] reason=\"few\"\ndef quote");
    program.write("app.py", accepted);
    assert_eq!(run(&program, &["verify", &quote]).code, 1);
    // All of them at once: one is fixed, one is not.
    program.write("app.py", mended());
    let all = run(&program, &["verify"]);
    assert_eq!(all.code, 1, "{all:?}");
    assert!(all.out.contains(": fixed") && all.out.contains(": still there"), "{all:?}");
}

#[test]
fn what_cannot_be_done_ends_in_one_line() {
    let program = project(APP);
    let ran = run(&program, &["verify"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.diagnostic().contains("there is no report") && ran.diagnostic().ends_with("plimsoll check makes one"));
    let program = read_only(APP);
    let ran = run(&program, &["verify", "zzzzzzzz"]);
    assert_eq!((ran.code, ran.diagnostic().contains("has no issue \"zzzzzzzz\"")), (2, true), "{ran:?}");
}

/// An error page that shows the code, and a number that nobody looks at.
const RATIO: &str =
    "\n\n@app.get(\"/ratio\")\ndef read_ratio(by: int = 1) -> dict:\n    return {\"ratio\": 100 / by}\n";

#[test]
fn exchanges_are_repeated_on_the_changed_application() {
    let app = format!("{APP}{RATIO}");
    let program = project(&app);
    let ran = run(&program, &["check", "--no-memory", "--quiet", "--exit-zero"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found = |report: &Value| {
        let issues = report["issues"].as_array().unwrap().clone();
        let found = issues.into_iter().find(|issue| issue["weakness"] == "unhandled-input");
        found.unwrap_or_else(|| panic!("{ran:?}"))
    };
    let before = found(&report(&program));
    assert_eq!(before["vantages"], serde_json::json!(["wire"]), "{before}");
    let still = run(&program, &["verify", &id(&before), "--quiet"]);
    assert_eq!(still.code, 1, "{still:?}");
    assert!(
        still.out.contains("wire") && still.out.contains("requests repeated, and the answers say the same"),
        "{still:?}"
    );
    program.write("app.py", app.replace("100 / by", "100 / by if by else None"));
    let fixed = run(&program, &["verify", &id(&before), "--quiet"]);
    assert_eq!((fixed.code, &found(&report(&program))["stage"]), (0, &"fixed".into()), "{fixed:?}");
    // The application does not start: nobody looked.
    program.write("app.py", format!("{app}\nraise SystemExit(\"no table\")\n"));
    let unseen = run(&program, &["verify", &id(&before), "--quiet"]);
    assert_eq!(unseen.code, 3, "{unseen:?}");
    assert!(unseen.out.contains("no table"), "{unseen:?}");
}

#[test]
fn a_leak_is_measured_again_after_a_fix() {
    let program = project(APP);
    let ran = run(&program, &["check", "--only", "code,memory", "--quiet", "--exit-zero"]);
    let found = issue(&report(&program), "quote");
    assert_eq!(
        (&found["stage"], &found["vantages"]),
        (&"proven".into(), &serde_json::json!(["code", "memory"])),
        "{ran:?}"
    );
    let fixed = run(&program, &["fix", &id(&found), "--apply", "--verify", "--quiet"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert!(
        fixed.out.contains("GET /quotes/{item}: ")
            && fixed.out.contains(" a request [")
            && fixed.out.contains("none differs")
    );
    let now = issue(&report(&program), "quote");
    assert_eq!(now["stage"], "fixed", "{fixed:?}");
    let again = now["verification"]["again"].as_array().unwrap();
    assert!(again.iter().all(|again| again["ran"] == true && again["still"] == false), "{now}");
    let change = &again.iter().find(|again| again["vantage"] == "memory").unwrap()["memory"][0];
    assert_eq!(change["change"], "fixed");
    assert!(change["after"]["high"].as_f64() < change["before"]["low"].as_f64(), "{change}");
    // Somebody takes it out again.
    git(&program, &["checkout", "-q", "app.py"]);
    let back = run(&program, &["verify", &id(&found), "--quiet"]);
    assert_eq!((back.code, &issue(&report(&program), "quote")["stage"]), (1, &"regressed".into()), "{back:?}");
    assert!(back.out.contains("memory   there"), "{back:?}");
}
