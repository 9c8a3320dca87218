//! Bad arguments, configurations, files and surroundings: one line that says what is wrong, the documented exit code, at once.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Program, Ran, binary, finish, wait};
use crate::server::Server;

/// Long enough for a busy machine, and far below what a scan takes.
const AT_ONCE: Duration = Duration::from_secs(2);
/// Nothing listens here, and nothing may get that far.
const NOBODY: &str = "http://127.0.0.1:1";

fn refused(ran: &Ran, part: &str) {
    assert_eq!(ran.code, 2, "{part}: {ran:?}");
    assert!(ran.diagnostic().contains(part), "expected {part:?}: {}", ran.err);
    assert!(ran.out.is_empty() && ran.took < AT_ONCE, "{ran:?}");
}

#[test]
fn configurations() {
    let program = Program::new();
    for (text, part) in [
        ("[budget]\nreqests = 5\n", "2:1: unknown field `reqests`, expected"),
        ("[budget]\nreqests = 5\n", "did you mean `requests`?"),
        ("[budgets]\n", "did you mean `budget`?"),
        ("[budget]\nrequests = \"many\"\n", "2:12: invalid type"),
        ("[budget]\nrequests = 1\nrequests = 2\n", "3:1: duplicate key"),
        ("[budget]\nrequests = -1\n", "2:12: "),
        ("[budget]\nrequests = 0\n", "0 requests"),
        ("[budget]\nrequests = 1e30\n", "2:12: "),
        ("[budget]\nrate = 0\n", "rate"),
        ("[budget]\nrate = nan\n", "rate"),
        ("[budget]\nconcurrency = 0\n", "concurrency"),
        ("[budget]\nconcurrency = 99999\n", "concurrency"),
        ("[budget]\ntime = \"soon\"\n", "duration"),
        ("[budget]\nbytes_per_operation = \"10 parsecs\"\n", "size"),
        ("[gate]\nfail_on = \"hihg\"\n", "did you mean `high`?"),
        ("[scan]\nignore = [\"limit-ignord\"]\n", "did you mean `limit-ignored`?"),
        ("[scan]\nallow_writes = [\"POTS /search\"]\n", "POTS /search"),
        ("[target]\nheaders = \"X: 1\"\n", "2:11: "),
        ("[target]\ncontract = \"absent.yaml\"\n", "absent.yaml"),
        ("[target\n", "1:"),
        ("\u{0}", "plimsoll.toml:1:"),
    ] {
        program.write("plimsoll.toml", text);
        let ran = program.scan(NOBODY, &[]);
        refused(&ran, part);
    }
    program.write("plimsoll.toml", b"[target]\nurl = \"\xff\"\n");
    refused(&program.scan(NOBODY, &[]), "plimsoll.toml");
    for odd in ["absent.toml", "."] {
        refused(&program.scan(NOBODY, &["--config", odd]), odd);
    }
}

#[test]
fn arguments() {
    let program = Program::new();
    for (arguments, part) in [
        (&["--fail-on", "hihg"][..], "did you mean `high`?"),
        (&["--fail-on", "xyzzy"], "one of critical, high, medium, low, info, never"),
        (&["--ignore", "limit-ignord"], "did you mean `limit-ignored`?"),
        (&["--allow-writes", "/search"], "/search"),
        (&["--max-time", "0"], "duration"),
        (&["--max-time=-5s"], "duration"),
        (&["--max-time", "1e30"], "duration"),
        (&["--max-time", "5 fortnights"], "duration"),
        (&["--max-bytes", "0"], "size"),
        (&["--max-bytes", "1e30"], "size"),
        (&["--max-bytes", "10MBB"], "size"),
        (&["--rate", "0"], "rate"),
        (&["--rate", "NaN"], "rate"),
        (&["--rate", "1e30"], "rate"),
        (&["--header", "nonsense"], "of the form"),
        (&["--header", "a b: c"], "no header name"),
        (&["--header", "X: $PLIMSOLL_NOT_SET"], "PLIMSOLL_NOT_SET"),
        (&["--header", "X: a\r\nY: b"], "control character"),
        (&["--output", "."], "is a folder"),
        (&["--output", "absent/report.json"], "there is no folder"),
        (&["--record", "absent/run"], "there is no folder"),
        (&["--spec", "."], "."),
        (&["--spec", "/dev/zero"], "/dev/zero"),
    ] {
        refused(&program.scan(NOBODY, arguments), part);
    }
    let mut command = program.command(["scan", NOBODY, "--quiet", "--header", "X: $LINES"]);
    refused(&finish(command.env("LINES", "a\nb")), "control character");
}

#[test]
fn arguments_that_the_command_line_itself_refuses() {
    let program = Program::new();
    for arguments in [
        &["scan", NOBODY, "--max-requests", "0"][..],
        &["scan", NOBODY, "--max-requests=-1"],
        &["scan", NOBODY, "--max-requests", "1e30"],
        &["scan", NOBODY, "--concurrency", "0"],
        &["scan", NOBODY, "--format", "pdf"],
        &["scan", NOBODY, "--budget", "5"],
        &["scna", NOBODY],
        &["replay", "run", "--url", NOBODY],
        &["completions", "tcl"],
        &[],
    ] {
        let ran = program.run(arguments);
        assert!(ran.code == 2 && ran.out.is_empty() && ran.took < AT_ONCE, "{arguments:?}: {ran:?}");
        assert!(!ran.err.is_empty() && !ran.err.contains("panicked"), "{}", ran.err);
    }
    refused(&program.run(["scan"]), "no target");
    refused(&program.run(["explain", "unbounded-raed"]), "did you mean `unbounded-read`?");
    refused(&program.run(["checks", "limit-ignord"]), "did you mean `limit-ignored`?");
}

#[test]
fn targets() {
    let program = Program::new();
    for url in [
        "",
        "http://",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript://127.0.0.1/%0aalert(1)",
        "http://user:pw@127.0.0.1:1/",
        "http://@127.0.0.1:1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:http/",
        "http://127.0.0.1 /",
        "http://127.0.0.1\\@evil.example/",
        "http://[fe80::1%25lo]/",
        "http://[::1/",
        "http://%zz/",
        "http://256.256.256.256/",
        "http://xn--/",
        "http://a\u{202e}b/",
        "http://127.0.0.1:1/\u{1b}[31m",
    ] {
        let ran = program.scan(url, &[]);
        assert!(ran.code == 2 && ran.took < AT_ONCE, "{url:?}: {ran:?}");
        let harmless = ran.diagnostic().chars().all(|c| !c.is_control() && c != '\u{202e}');
        assert!(harmless, "{url:?}: {:?}", ran.err);
    }
    // A name that nobody has is an unreachable target, an international one is its own ASCII form.
    for url in ["http://plimsoll-nobody.invalid/", "http://bücher.invalid/"] {
        let ran = program.scan(url, &[]);
        assert_eq!(ran.code, 3, "{url}: {ran:?}");
        ran.diagnostic();
    }
}

#[test]
fn urls_that_are_tidied_up() {
    let server = Server::sound(2);
    let address = server.url().replace("http://", "");
    for url in
        [address.clone(), format!("http://{address}/#part"), format!("http://{address}//"), format!(" {address} ")]
    {
        let ran = Program::new().scan(&url, &["--max-requests", "40", "--format", "json"]);
        assert!([0, 3].contains(&ran.code), "{url}: {ran:?}");
        assert!(ran.out.contains("GET /things0"), "{url}: {}", ran.out);
    }
}

#[test]
fn outputs_that_cannot_be_written() {
    let server = Server::sound(2);
    let program = Program::new();
    let scan = |more: &[&str]| program.scan(&server.url(), &[&["--max-requests", "15"], more].concat());
    for arguments in [["--record", "/dev/full"], ["--output", "/dev/full"]] {
        let ran = scan(&arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.diagnostic().contains("/dev/full"), "{}", ran.err);
    }
    let mut full = program.command(["checks"]);
    let status =
        full.stdout(File::options().write(true).open("/dev/full").unwrap()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(status.status.code(), Some(2), "{status:?}");
    assert!(String::from_utf8_lossy(&status.stderr).starts_with("error: cannot write to standard output"));
    // A reader that has gone away is nobody's fault.
    let mut child = program.command(["checks"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = wait(child, Instant::now());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    // Standard output closed from the start.
    let shell = format!("exec {} checks >&-", binary().display());
    let closed = finish(Command::new("sh").args(["-c", &shell]));
    assert!([0, 2].contains(&closed.code) && !closed.err.contains("panicked"), "{closed:?}");
    // What stood in a file stays when the new content cannot be written.
    program.write("old.json", "old");
    fs::create_dir(program.path("old.json.part")).unwrap();
    assert_eq!(scan(&["--output", "old.json"]).code, 2);
    assert_eq!(program.read("old.json"), "old");
}

#[test]
fn odd_surroundings() {
    let server = Server::sound(2);
    let program = Program::new();
    let readable = program.path("readable");
    fs::create_dir(&readable).unwrap();
    fs::set_permissions(&readable, Permissions::from_mode(0o555)).unwrap();
    let variables: &[(&str, &str)] = &[
        ("COLUMNS", "0"),
        ("COLUMNS", "99999999999999999999"),
        ("NO_COLOR", "1"),
        ("TERM", "no-such-terminal"),
        ("LC_ALL", "C"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TZ", "No/Such_Zone"),
        ("HOME", "/nowhere"),
        ("http_proxy", "not a url"),
        ("ALL_PROXY", "socks9://[::"),
        ("RUST_LOG", "trace,,=="),
        ("SSL_CERT_FILE", "/nowhere"),
    ];
    for (name, value) in variables {
        let mut command = program.command(["checks", "limit-ignored"]);
        let ran = finish(command.env(name, value).current_dir(&readable));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}={value}");
        assert!(!ran.out.contains('\u{1b}'));
    }
    let mut scan = program.command(["scan", &server.url(), "--quiet", "--max-requests", "30", "--exit-zero"]);
    let ran = finish(scan.envs(variables.iter().copied()).current_dir(&readable));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("INCOMPLETE") && ran.err.is_empty(), "{ran:?}");
    // The folder of the process is gone.
    let shell = format!("mkdir gone && cd gone && rmdir ../gone && exec {} checks", binary().display());
    let ran = finish(Command::new("sh").args(["-c", &shell]).current_dir(program.folder.path()));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn colours_are_for_terminals() {
    let program = Program::new();
    let colours = |arguments: &[&str]| program.run(arguments).out.contains('\u{1b}');
    assert!(!colours(&["checks"]) && !colours(&["checks", "--color", "never"]));
    assert!(colours(&["checks", "--color", "always"]));
}

#[test]
fn few_file_descriptors_are_enough() {
    let server = Server::sound(4);
    let program = Program::new();
    let shell = format!(
        "ulimit -n 16 && exec {} scan {} --quiet --max-requests 60 --exit-zero",
        binary().display(),
        server.url()
    );
    let ran = finish(Command::new("sh").args(["-c", &shell]).current_dir(program.folder.path()).env_clear());
    assert!([0, 3].contains(&ran.code) && !ran.err.contains("panicked"), "{ran:?}");
    assert!(ran.out.contains("4 operations at") || ran.out.contains("at 4 operations"), "{}", ran.out);
}

#[test]
fn help_and_version_are_no_errors() {
    let program = Program::new();
    for arguments in
        [&["--help"][..], &["--version"], &["scan", "--help"], &["completions", "bash"], &["explain", "unbounded-read"]]
    {
        let ran = program.run(arguments);
        assert!(ran.code == 0 && ran.err.is_empty() && !ran.out.is_empty(), "{arguments:?}: {ran:?}");
    }
}
