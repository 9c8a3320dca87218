//! What others install and run Plimsoll by: one version everywhere, actions pinned by commit, no text of a workflow in a shell, an image that is nobody's
//! root, and scripts that refuse what they cannot check. Schemas of others are asked by `dev/validators`.

#![expect(clippy::unwrap_used, reason = "a test stops where its files are not there")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files that are recipes for others.
const RECIPES: &[&str] = &[
    "packaging/ci/github.yml",
    "packaging/ci/Jenkinsfile",
    "packaging/ci/azure-pipelines.yml",
    "packaging/ci/bitbucket-pipelines.yml",
    "packaging/ci/pre-commit-config.yaml",
    "packaging/gitlab/plimsoll.gitlab-ci.yml",
    "packaging/gitlab/templates/plimsoll.yml",
];

#[test]
fn everything_names_the_version_of_the_workspace() {
    let cargo = text("Cargo.toml");
    let version = cargo.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).unwrap();
    for (path, wanted) in [
        ("action.yml", format!("    default: {version}\n")),
        ("packaging/install.sh", format!("VERSION_DEFAULT={version}\n")),
        ("packaging/pypi/pyproject.toml", format!("version = \"{version}\"\n")),
        ("Dockerfile", format!("ARG VERSION={version}\n")),
        ("packaging/gitlab/plimsoll.gitlab-ci.yml", format!("PLIMSOLL_VERSION: \"{version}\"\n")),
        ("packaging/gitlab/templates/plimsoll.yml", format!("default: \"{version}\"\n")),
        ("packaging/ci/github.yml", format!("plimsoll-scan/plimsoll@v{version}\n")),
    ] {
        assert!(text(path).contains(&wanted), "{path} does not say {wanted:?}");
    }
    for path in RECIPES {
        for pinned in text(path).split("plimsoll-cli==").skip(1).filter(|pinned| !pinned.starts_with('$')) {
            assert!(pinned.starts_with(version), "{path}: {}", &pinned[..10.min(pinned.len())]);
        }
    }
}

#[test]
fn actions_of_others_are_pinned_by_commit() {
    let mut seen = 0;
    for path in ["action.yml", "packaging/ci/github.yml"] {
        for line in text(path).lines() {
            let Some(used) = line.trim().trim_start_matches("- ").strip_prefix("uses: ") else { continue };
            let (action, rest) = used.split_once('@').unwrap();
            if action == "plimsoll-scan/plimsoll" {
                continue;
            }
            seen += 1;
            let (commit, version) = rest.split_once(" # v").unwrap_or_else(|| panic!("{path}: {used}"));
            assert!(commit.len() == 40 && commit.chars().all(|char| char.is_ascii_hexdigit()), "{path}: {used}");
            assert!(version.starts_with(|char: char| char.is_ascii_digit()), "{path}: {used}");
        }
    }
    assert!(seen >= 2);
}

/// The texts that a shell runs in a workflow: what follows `run:`, with the lines that are indented below it.
fn shell_texts(workflow: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = workflow.lines().peekable();
    while let Some(line) = lines.next() {
        let depth = line.len() - line.trim_start().len();
        let Some(first) = line.trim().trim_start_matches("- ").strip_prefix("run:") else { continue };
        let mut whole = first.to_owned();
        while let Some(next) =
            lines.next_if(|next| next.trim().is_empty() || next.len() - next.trim_start().len() > depth)
        {
            whole.push_str(next);
            whole.push('\n');
        }
        found.push(whole);
    }
    found
}

#[test]
fn inputs_reach_the_shell_by_the_environment_only() {
    let action = text("action.yml");
    let shells = shell_texts(&action);
    assert_eq!(shells.len(), 3);
    for shell in shells.iter().chain(&shell_texts(&text("packaging/ci/github.yml"))) {
        assert!(!shell.contains("${{"), "{shell}");
    }
    let inputs = action.split("\ninputs:\n").nth(1).unwrap().split("\noutputs:\n").next().unwrap();
    let names = inputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.strip_suffix(':'));
    let script = text("packaging/action.sh");
    let mut count = 0;
    for name in names {
        count += 1;
        let used = format!("inputs.{name} ");
        assert!(action.contains(&used), "the input {name} is used nowhere");
        let variable = format!("INPUT_{}", name.to_uppercase().replace('-', "_"));
        if action.contains(&format!("{variable}: ")) && variable != "INPUT_VERSION" {
            assert!(script.contains(&variable), "{variable} is read nowhere");
        }
    }
    assert_eq!(count, 11);
}

#[test]
fn the_image_is_small_and_nobody() {
    let file = text("Dockerfile");
    let last = file.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"));
    assert!(last.contains("\nUSER 65532:65532\n") && last.contains("\nENTRYPOINT [\"/plimsoll\"]\n"));
    for label in ["title", "description", "source", "licenses", "version", "revision"] {
        assert!(last.contains(&format!("org.opencontainers.image.{label}=")), "{label}");
    }
    for line in file.lines().filter_map(|line| line.strip_prefix("FROM ")).filter(|line| *line != "scratch") {
        let image = line.split(' ').next().unwrap();
        let tag = image.split_once(':').map(|(_, tag)| tag).unwrap();
        assert!(tag.starts_with(|char: char| char.is_ascii_digit()), "{image} is not pinned");
    }
    assert!(!file.contains("\nADD ") && file.contains("--locked") && file.contains("rm -rf /var/lib/apt/lists/*"));
    // Rust is the one that the workspace asks for.
    let cargo = text("Cargo.toml");
    let rust = cargo.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"')).unwrap();
    assert!(file.contains(&format!("FROM rust:{rust}")));
    // What the build needs is let through, and nothing else.
    let ignored = text(".dockerignore");
    assert!(ignored.contains("\n*\n"));
    for needed in ["Cargo.toml", "Cargo.lock", "crates", "checks", "dev", "README.md", "LICENSE-MIT", "LICENSE-APACHE"]
    {
        assert!(ignored.contains(&format!("\n!{needed}\n")), "{needed}");
    }
}

#[test]
fn the_handbook_shows_the_very_files() {
    let page = text("docs/src/ci.md");
    let shown: Vec<&str> =
        page.split("{{#include ../../").skip(1).map(|rest| rest.split("}}").next().unwrap()).collect();
    assert_eq!(shown.len(), RECIPES.len());
    for recipe in RECIPES {
        assert!(shown.contains(recipe), "{recipe}");
    }
}

#[test]
fn findings_warn_and_everything_else_fails_on_gitlab() {
    for path in ["packaging/gitlab/plimsoll.gitlab-ci.yml", "packaging/gitlab/templates/plimsoll.yml"] {
        let file = text(path);
        assert!(file.contains("allow_failure:\n    exit_codes: [1]\n") && file.contains("when: always\n"), "{path}");
        for report in [
            "dast: gl-dast-report.json",
            "sast: gl-sast-report.json",
            "codequality: gl-code-quality-report.json",
            "junit: plimsoll.junit.xml",
        ] {
            let (_, name) = report.split_once(": ").unwrap();
            assert!(file.contains(report) && file.contains(&format!("--output {name}")), "{path}: {report}");
        }
    }
}

#[test]
fn hooks_are_the_ones_of_the_handbook() {
    let hooks = text(".pre-commit-hooks.yaml");
    let recipe = text("packaging/ci/pre-commit-config.yaml");
    for entry in ["entry: plimsoll code --quiet --diff HEAD\n", "entry: plimsoll audit --quiet\n", "types: [python]\n"]
    {
        assert!(hooks.contains(entry) && recipe.contains(entry), "{entry}");
    }
}

/// A program that says a version, keeps its arguments, writes what it is asked to write, and ends as `$FAKE_EXIT` says.
const FAKE: &str = "#!/usr/bin/env bash\nif [ \"${1:-}\" = --version ]; then echo \"plimsoll 0.1.0\"; exit; fi\nprintf '%s\\n' \"$@\" > \"$FAKE_ARGUMENTS\"\n\
                    for word in \"$@\"; do case $word in json=*) echo '{\"issues\": [{\"severity\": \"low\"}, {\"severity\": \"info\"}, {\"severity\": \"high\"}]}' > \"${word#json=}\" ;; sarif=*) echo '{}' > \"${word#sarif=}\" ;; github=*) echo '::error file=a.py::x' > \"${word#github=}\" ;; esac; done\nexit \"${FAKE_EXIT:-0}\"\n";

fn program(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, FAKE).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn script(name: &str) -> Command {
    let mut command = Command::new("bash");
    command.arg(root().join("packaging").join(name));
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_release_is_packed_checked_and_installed() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |path: &str| scratch.path().join(path);
    program(&at("built/plimsoll"));
    let machine = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x86_64" };
    let target = format!("{machine}-unknown-linux-musl");
    let pack = || {
        let packed =
            script("pack.sh").arg(at("built/plimsoll")).arg(&target).arg(at("releases/v0.1.0")).output().unwrap();
        assert!(packed.status.success(), "{}", said(&packed));
        fs::read(at(&format!("releases/v0.1.0/plimsoll-0.1.0-{target}.tar.gz"))).unwrap()
    };
    let first = pack();
    assert!(first == pack(), "the same program makes another archive");
    let sums = fs::read_to_string(at("releases/v0.1.0/SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 1, "{sums}");

    let releases = format!("file://{}", at("releases").display());
    let install = |folder: &str, version: &str, variables: &[(&str, &str)]| {
        let mut command = script("install.sh");
        command.arg(at(folder)).arg(version).env_remove("PLIMSOLL_SHA256").env("PLIMSOLL_RELEASES", &releases);
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let done = install("bin", "v0.1.0", &[]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&install("bin", "0.1.0", &[])).contains("is there already"));
    let sum = sums.split(' ').next().unwrap();
    assert!(install("pinned", "0.1.0", &[("PLIMSOLL_SHA256", sum)]).status.success());
    for (version, variables, wanted) in [
        ("0.1.0", [("PLIMSOLL_SHA256", "00")], "it is not what was released"),
        ("9.9.9", [("X", "")], "cannot fetch"),
        ("latest", [("X", "")], "is no version"),
        ("0.1.0; id", [("X", "")], "is no version"),
        ("0.1.0", [("PLIMSOLL_RELEASES", "http://127.0.0.1:9")], "by https only"),
    ] {
        let refused = install("refused", version, &variables);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(said(&refused).contains(wanted), "{}", said(&refused));
        assert!(!at("refused/plimsoll").exists());
    }
    let archive = at(&format!("releases/v0.1.0/plimsoll-0.1.0-{target}.tar.gz"));
    let mut bytes = fs::read(&archive).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    fs::write(&archive, bytes).unwrap();
    assert!(said(&install("refused", "0.1.0", &[])).contains("it is not what was released"));
}

#[test]
fn every_input_is_one_word_and_every_exit_code_has_its_name() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |path: &str| scratch.path().join(path);
    program(&at("bin/plimsoll"));
    let path = format!("{}:{}", at("bin").display(), option_env!("PATH").unwrap_or("/usr/bin:/bin"));
    let run = |variables: &[(&str, &str)]| {
        fs::write(at("output"), "").unwrap();
        let mut command = script("action.sh");
        command.current_dir(scratch.path()).env("PATH", &path).env("RUNNER_TEMP", scratch.path());
        command
            .env("GITHUB_OUTPUT", at("output"))
            .env("FAKE_ARGUMENTS", at("arguments"))
            .env_remove("GITHUB_STEP_SUMMARY");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let arguments = fs::read_to_string(at("arguments")).unwrap_or_default();
        let outputs = fs::read_to_string(at("output")).unwrap();
        (output, arguments.lines().map(str::to_owned).collect::<Vec<_>>(), outputs)
    };
    let evil = "$(touch owned) `touch owned`; touch owned #";
    let (output, arguments, outputs) = run(&[
        ("INPUT_MODE", "scan"),
        ("INPUT_TARGET", evil),
        ("INPUT_FAIL_ON", "high"),
        ("INPUT_BASELINE", "a b.json"),
        ("INPUT_ARGS", "--header\nAuthorization: Bearer $TOKEN\n\n--max-time\n90s"),
        ("INPUT_SARIF_FILE", "out.sarif"),
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let wanted = [
        "scan",
        evil,
        "--fail-on",
        "high",
        "--baseline",
        "a b.json",
        "--new-only",
        "--header",
        "Authorization: Bearer $TOKEN",
        "--max-time",
        "90s",
    ];
    assert_eq!(arguments[..wanted.len()], wanted);
    assert!(!at("owned").exists());
    assert_eq!(outputs, "gate=passed\nfindings=2\nsarif=out.sarif\n");
    assert!(said(&output).contains("\n::error file=a.py::x\n") || said(&output).starts_with("::error file=a.py::x\n"));
    for (code, gate) in [(1, "failed"), (2, "usage"), (3, "incomplete"), (4, "refused"), (101, "bug")] {
        let (output, _, outputs) = run(&[("FAKE_EXIT", &code.to_string())]);
        assert_eq!(output.status.code(), Some(code));
        assert!(outputs.starts_with(&format!("gate={gate}\n")), "{outputs}");
    }
    assert_eq!(run(&[("INPUT_MODE", "destroy")]).0.status.code(), Some(2));
}

#[test]
fn a_pull_request_gets_one_comment() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |path: &str| scratch.path().join(path);
    // A command line of GitHub that keeps its arguments, and knows the comment that `known` names.
    let gh = "#!/usr/bin/env bash\nprintf '%s\\n' \"$*\" >> \"$CALLS\"\nif [[ $* == *--paginate* ]]; then cat \"$KNOWN\"; fi\n";
    fs::create_dir(at("bin")).unwrap();
    fs::write(at("bin/gh"), gh).unwrap();
    fs::set_permissions(at("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", at("bin").display(), option_env!("PATH").unwrap_or("/usr/bin:/bin"));
    let run = |body: &str, number: &str, known: &str| {
        fs::write(at("body.md"), body).unwrap();
        fs::write(at("known"), known).unwrap();
        fs::write(at("calls"), "").unwrap();
        let mut command = script("comment.sh");
        command.arg(at("body.md")).arg(number).env("PATH", &path).env("GITHUB_REPOSITORY", "shop/shop");
        let output = command.env("CALLS", at("calls")).env("KNOWN", at("known")).output().unwrap();
        (output.status.code(), fs::read_to_string(at("calls")).unwrap())
    };
    let body = "<!-- plimsoll:shop -->\n### Plimsoll\n";
    let (code, calls) = run(body, "7", "");
    assert!(code == Some(0) && calls.contains("-X POST repos/shop/shop/issues/7/comments "), "{calls}");
    let (code, calls) = run(body, "7", "41\n42\n");
    assert!(
        code == Some(0) && calls.contains("-X PATCH repos/shop/shop/issues/comments/41 ") && !calls.contains("POST"),
        "{calls}"
    );
    for (body, number) in [(body, "7; id"), ("", "7"), ("no mark\n", "7")] {
        assert_eq!(run(body, number, ""), (Some(2), String::new()));
    }
}
