//! The command line of `plimsoll memory`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Output, Permission};

const AFTER: &str = "\
Examples:
  plimsoll memory -- uvicorn shop:app --port 8000
  plimsoll memory --limit 512MiB --output report.html -- gunicorn shop.wsgi -w 2
  plimsoll memory --operation 'GET /search' --concurrency 1 -- python manage.py runserver
  plimsoll memory --pid 4711 --url http://127.0.0.1:8000
  plimsoll memory --url https://staging.example.com --metrics-url https://staging.example.com/metrics
  plimsoll memory --compare before.json --format json -- uvicorn shop:app

Run it in staging: it sends thousands of requests, and drives the application until memory grows if it can. What is started is ended with all
its children, however the run ends.";

/// Measure what each operation retains, with an interval, and what holds it.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
#[command(group(ArgGroup::new("subject").args(["command", "pid", "cgroup", "metrics_url"])))]
pub struct Memory {
    /// The command that starts the application, after `--`; `memory.command` of the configuration where none is given.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
    /// Measure a process that runs, and what descends from it. It is left running.
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub pid: Option<i32>,
    /// Measure the processes of a control group, as in /sys/fs/cgroup/system.slice/shop.service. Needs --url.
    #[arg(long, value_name = "FOLDER", requires = "url")]
    pub cgroup: Option<PathBuf>,
    /// Measure by a metrics page in the format of Prometheus (process_resident_memory_bytes). Needs --url.
    #[arg(long, value_name = "URL", requires = "url")]
    pub metrics_url: Option<String>,
    /// Where the API answers; found by looking for a command or a process.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The port that the application serves, where it listens on several.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// The folder that the command starts in.
    #[arg(long, value_name = "FOLDER")]
    pub cwd: Option<PathBuf>,
    /// A variable for the command's environment. May be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// How long the application may take to answer, as in 30s [default: 60s]
    #[arg(long, value_name = "TIME")]
    pub ready_within: Option<String>,
    /// Do not bring the agent into Python processes: measure from outside only.
    #[arg(long)]
    pub no_agent: bool,
    /// The contract: an OpenAPI document on disk. Without it the usual places of the target are tried.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// A header of every request, `$NAME` is filled in from the environment. May be given several times.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// Measure this operation only, as in 'GET /orders'. May be given several times.
    #[arg(long, value_name = "METHOD /path")]
    pub operation: Vec<String>,
    /// Take requests from recorded traffic (HTTP Archive).
    #[arg(long, value_name = "FILE")]
    pub har: Option<PathBuf>,
    /// The configuration; `plimsoll.toml` of this folder where it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Compare with an earlier report in JSON: fixed, smaller, same or worse.
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub effort: Effort,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub permission: Permission,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
}

/// How much is measured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Effort")]
pub struct Effort {
    /// Memory that the service will have: requests until it is reached are extrapolated [default: 512MiB]
    #[arg(long, value_name = "SIZE")]
    pub limit: Option<String>,
    /// Memory that the application may use while it is measured; above it the run is ended.
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Requests in flight: one at a time, and this many [default: 1,16]
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=256))]
    pub concurrency: Vec<u32>,
    /// Time for everything, as in 90s or 10m [default: 22 seconds for each operation, and at most 10m]
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// Requests of one series, at most [default: 5000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    pub requests: Option<u64>,
    /// The smallest leak to look for, per request, as in 256 [default: what the signal can show]
    #[arg(long, value_name = "SIZE")]
    pub smallest: Option<String>,
}
