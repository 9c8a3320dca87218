//! Starts the misbehaving target, asks it things, and looks at `/proc` afterwards.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_http::exchange::Exchange;
use plimsoll_http::{Engine, OpId, Planned, Probe, Request, Settings, Target, Transport};
use plimsoll_memory::supervise::{Launch, Supervised};

/// Python 3 of the machine.
pub const PYTHON: &str = "python3";

/// A file beside the tests.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets").join(name)
}

/// How to start the misbehaving target in this way. The tag finds its processes afterwards.
pub fn misbehaving(words: &[&str]) -> (Launch, Tag) {
    let mut command = vec![PYTHON.into(), file("misbehave.py").into()];
    command.extend(words.iter().map(Into::into));
    tagged(Launch::new(command))
}

/// The same launch with a tag in its environment.
pub fn tagged(mut launch: Launch) -> (Launch, Tag) {
    let tag = Tag::new();
    launch.env.push((Tag::NAME.into(), tag.0.clone().into()));
    launch.ready_within = Duration::from_secs(20);
    launch.stop_within = Duration::from_secs(2);
    (launch, tag)
}

/// A word in the environment of a target's processes, independent of what the supervision itself uses.
pub struct Tag(String);

impl Tag {
    const NAME: &str = "PLIMSOLL_TEST_TAG";

    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self(folder.path().file_name().unwrap().to_string_lossy().into_owned())
    }

    /// The processes that carry it, ended ones that nobody has waited for included.
    pub fn processes(&self) -> Vec<String> {
        let wanted = format!("{}={}", Self::NAME, self.0);
        let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let carriers = entries.filter(|entry| {
            std::fs::read(entry.path().join("environ"))
                .is_ok_and(|text| text.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
        });
        carriers.map(|entry| std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default()).collect()
    }

    /// Nothing is left, at once.
    pub fn assert_gone(&self) {
        let left = self.processes();
        assert!(left.is_empty(), "left running: {left:#?}");
        assert_eq!(zombies(), Vec::<String>::new(), "nobody waited for these");
    }

    /// Nothing is left soon.
    pub fn assert_gone_soon(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.processes().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(self.processes().is_empty(), "left running: {:#?}", self.processes());
    }
}

/// Ended children of this process.
fn zombies() -> Vec<String> {
    let ours = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let mut fields = stat[stat.rfind(')').unwrap_or(0)..].split(' ').skip(1);
            fields.next() == Some("Z") && fields.next() == Some(&ours)
        })
        .collect()
}

/// Asks a target for a path.
pub async fn ask(target: &Supervised, path: &str) -> Option<Exchange> {
    let mut settings = Settings::new(Target::parse(target.origin()).unwrap());
    settings.deadlines.total = Duration::from_secs(5);
    let mut engine = Engine::new(settings).await.unwrap();
    engine.send(&mut std::iter::once(Planned::new(0, Probe::of(OpId(0)), Request::get(path)))).await.pop()
}
