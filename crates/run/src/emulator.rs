//! The DynamoDB that an application stands on while it is looked at: started on a free port, filled, and ended with everything else.
//!
//! Whatever talks to it gets made-up credentials, so that a program that misses the emulator is refused by AWS instead of changing something there.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_memory::supervise::{Launch, SuperviseError, Supervised};

use crate::config::emulator::Emulator as Config;

/// Emulators by the names of their programs, with the arguments for a free port; the first that is found is taken.
const KNOWN: &[(&str, &[&str])] = &[
    ("dynoxide", &["--host", "127.0.0.1", "--port", "0", "--log", "quiet"]),
    ("dynamodb-local", &["-inMemory", "-sharedDb", "-port", "{port}"]),
    ("moto_server", &["-H", "127.0.0.1", "-p", "0"]),
];
/// How long an emulator may take to answer: some are started by a Java virtual machine.
const READY: Duration = Duration::from_mins(1);
/// How long filling may take.
const FILLED: Duration = Duration::from_mins(3);
/// Where the SDKs of AWS look for the addresses of a store and its streams (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
const SDK: [&str; 2] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"];
/// What goes to loopback goes through no proxy.
const LOOPBACK: &str = "127.0.0.1,localhost";

/// Why there is no emulator.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// None is installed.
    #[error("emulator.dynamodb is set, and no emulator is on PATH (looked for {})", names())]
    Missing,
    /// No port is free.
    #[error("the emulator gets no free port: {0}")]
    Port(std::io::Error),
    /// It does not start.
    #[error("the emulator does not start: {0}")]
    Start(SuperviseError),
    /// It cannot be filled.
    #[error("the emulator was not filled: {0}")]
    Seed(SuperviseError),
}

fn names() -> String {
    KNOWN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// How an emulator is started.
#[derive(Clone, Debug)]
pub struct Plan {
    command: Vec<String>,
    seed: Vec<String>,
    variables: Vec<String>,
    fixed: Vec<(String, String)>,
    folder: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl Plan {
    /// The emulator that a project asks for; none where it asks for none. Paths are relative to `folder`, `variable` looks into the environment, and `env`
    /// is what the application's own environment adds.
    ///
    /// # Errors
    /// [`EmulatorError::Missing`] where none is named and none is installed.
    pub fn read(
        config: &Config,
        folder: &Path,
        env: &[(OsString, OsString)],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, EmulatorError> {
        if !config.dynamodb {
            return Ok(None);
        }
        let command = if config.command.is_empty() {
            installed(variable("PATH").unwrap_or_default().as_str()).ok_or(EmulatorError::Missing)?
        } else {
            config.command.clone()
        };
        let named = config.endpoint_variable.clone();
        let variables = named.into_iter().chain(SDK.map(str::to_owned)).collect();
        let proxies = ["NO_PROXY", "no_proxy"].map(|name| {
            let known = variable(name).filter(|known| !known.is_empty()).map(|known| format!("{known},"));
            (name.to_owned(), format!("{}{LOOPBACK}", known.unwrap_or_default()))
        });
        // Temporary credentials of the environment have no place beside made-up ones.
        let made_up = [
            ("AWS_ACCESS_KEY_ID", "emulator"),
            ("AWS_SECRET_ACCESS_KEY", "emulator"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let made_up = made_up.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let regions = ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (name.to_owned(), region.clone()));
        let fixed = made_up.into_iter().chain(regions).chain(proxies).collect();
        let (folder, env, seed) = (folder.to_owned(), env.to_vec(), config.seed.clone());
        Ok(Some(Self { command, seed, variables, fixed, folder, env }))
    }

    /// The command, for people.
    pub fn line(&self) -> String {
        Launch::new(self.command.iter().map(OsString::from).collect()).line()
    }

    /// Starts it, waits until it answers, and fills it.
    ///
    /// # Errors
    /// It does not start or cannot be filled. Nothing of it is left running then.
    pub async fn start(&self) -> Result<Emulator, EmulatorError> {
        let asks = self.command.iter().any(|word| word.contains("{port}"));
        let port = asks.then(free_port).transpose().map_err(EmulatorError::Port)?;
        let shown = port.map(|port| port.to_string()).unwrap_or_default();
        let command = self.command.iter().map(|word| word.replace("{port}", &shown).into()).collect();
        let launch = Launch { port, ready_within: READY, cwd: Some(self.folder.clone()), ..Launch::new(command) };
        let supervised = Supervised::spawn(launch).await.map_err(EmulatorError::Start)?;
        let emulator = Emulator { env: self.environment(supervised.origin()), supervised };
        if !self.seed.is_empty() {
            let mut launch = Launch::new(self.seed.iter().map(OsString::from).collect());
            launch.cwd = Some(self.folder.clone());
            // What the project says of its environment outranks what is said here.
            launch.env = emulator.env.iter().chain(&self.env).cloned().collect();
            Supervised::run(&launch, FILLED).await.map_err(EmulatorError::Seed)?;
        }
        Ok(emulator)
    }

    fn environment(&self, origin: &str) -> Vec<(OsString, OsString)> {
        let addresses = self.variables.iter().map(|name| (OsString::from(name), OsString::from(origin)));
        let fixed = self.fixed.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        fixed.chain(addresses).collect()
    }
}

/// An emulator that runs. Dropped, it is killed.
pub struct Emulator {
    supervised: Supervised,
    env: Vec<(OsString, OsString)>,
}

impl Emulator {
    /// What an application needs in its environment to find it.
    pub fn environment(&self) -> &[(OsString, OsString)] {
        &self.env
    }

    /// Where it answers.
    pub fn origin(&self) -> &str {
        self.supervised.origin()
    }

    /// How it ended, if it did so by itself.
    pub fn ending(&self) -> Option<String> {
        self.supervised.watched().look_for_ending().map(|ending| ending.to_string())
    }

    /// Ends it.
    pub async fn stop(self) {
        self.supervised.stop().await;
    }
}

/// The first known emulator on this search path.
fn installed(path: &str) -> Option<Vec<String>> {
    let folders: Vec<&Path> = path.split(':').filter(|folder| !folder.is_empty()).map(Path::new).collect();
    KNOWN.iter().find_map(|(name, arguments)| {
        let program = folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path))?;
        let words = arguments.iter().map(|word| (*word).to_owned());
        Some(std::iter::once(program.display().to_string()).chain(words).collect())
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// A port that was free a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn wanted(command: &[&str]) -> Config {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        Config { dynamodb: true, command, endpoint_variable: Some("STORE".to_owned()), ..Config::default() }
    }

    #[test]
    fn the_first_known_program_on_the_path_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let variable = |name: &str| (name == "PATH").then(|| format!("/nowhere:{path}"));
        let config = wanted(&[]);
        let missing = Plan::read(&config, Path::new("."), &[], &variable).unwrap_err().to_string();
        assert!(missing.contains("dynoxide, dynamodb-local, moto_server"), "{missing}");
        for (name, mode) in [("moto_server", 0o755), ("dynoxide", 0o644)] {
            let program = folder.path().join(name);
            fs::write(&program, "").unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        }
        let plan = Plan::read(&config, Path::new("."), &[], &variable).unwrap().unwrap();
        assert!(plan.line().contains("moto_server -H 127.0.0.1 -p 0"), "{}", plan.line());
        assert!(Plan::read(&Config::default(), Path::new("."), &[], &variable).unwrap().is_none());
    }

    #[test]
    fn credentials_of_the_environment_do_not_reach_an_application_on_an_emulator() {
        let variable = |name: &str| match name {
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            "NO_PROXY" => Some("internal".to_owned()),
            _ => None,
        };
        let plan = Plan::read(&wanted(&["x"]), Path::new("."), &[], &variable).unwrap().unwrap();
        let env = plan.environment("http://127.0.0.1:9");
        let value = |wanted: &str| {
            env.iter().find(|(name, _)| name == wanted).map_or("-", |(_, value)| value.to_str().unwrap())
        };
        for (name, expected) in [
            ("STORE", "http://127.0.0.1:9"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9"),
            ("AWS_ACCESS_KEY_ID", "emulator"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_REGION", "eu-west-1"),
            ("NO_PROXY", "internal,127.0.0.1,localhost"),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn what_fills_it_and_fails_is_told_with_its_last_words() {
        let mut config = wanted(&["python3", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]);
        config.seed = ["sh", "-c", "echo no table >&2; exit 3"].map(str::to_owned).to_vec();
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::read(&config, folder.path(), &[], &|_| None).unwrap().unwrap();
        let error = plan.start().await.err().unwrap().to_string();
        assert!(error.contains("exit code 3") && error.contains("no table"), "{error}");
        config.seed = ["sh", "-c", "test -n \"$STORE\""].map(str::to_owned).to_vec();
        let plan = Plan::read(&config, folder.path(), &[], &|_| None).unwrap().unwrap();
        let emulator = plan.start().await.unwrap();
        assert!(emulator.origin().starts_with("http://127.0.0.1:"));
        assert_eq!(emulator.ending(), None);
        emulator.stop().await;
    }
}
