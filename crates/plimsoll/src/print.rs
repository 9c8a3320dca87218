//! Prints the HTML report as PDF, with a Chromium that is installed. Nothing is fetched: the page is whole, and names are not resolved.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::environment;
use crate::fault::Fault;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often to look whether it is done.
const LOOK: Duration = Duration::from_millis(50);

/// The browser that would print.
///
/// # Errors
/// None is installed.
pub fn browser() -> Result<PathBuf, Fault> {
    environment::browser().ok_or_else(|| {
        Fault::say("a PDF is printed by Chromium, and none was found")
            .hint("install chromium, or name it in PLIMSOLL_CHROMIUM; --output report.html needs none")
    })
}

/// A page of HTML as PDF.
///
/// # Errors
/// There is no browser, or it did not print.
pub fn pdf(html: &str) -> Result<Vec<u8>, Fault> {
    let browser = browser()?;
    let cannot = |error: std::io::Error| Fault::say(format!("cannot print the PDF: {error}"));
    let folder = tempfile::Builder::new().prefix("plimsoll-print-").tempdir().map_err(cannot)?;
    let (page, printed) = (folder.path().join("page.html"), folder.path().join("report.pdf"));
    fs::write(&page, html).map_err(cannot)?;
    let mut child = command(&browser, folder.path(), &page, &printed).spawn().map_err(cannot)?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().map_err(cannot)? {
            Some(status) => break status,
            None if begun.elapsed() > PATIENCE => {
                // It is ended and collected; that it may be gone already is no error.
                drop(child.kill());
                drop(child.wait());
                return Err(Fault::say(format!("{} did not print within {} s", browser.display(), PATIENCE.as_secs())));
            }
            None => thread::sleep(LOOK),
        }
    };
    let bytes = fs::read(&printed).unwrap_or_default();
    if !bytes.starts_with(b"%PDF-") {
        return Err(Fault::say(format!("{} did not print ({status})", browser.display())));
    }
    Ok(bytes)
}

fn command(browser: &Path, folder: &Path, page: &Path, printed: &Path) -> Command {
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-dev-shm-usage", "--disable-crash-reporter"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", printed.display()));
    // Chromium refuses to run as root within its sandbox; the page is ours, has no script, and what came from a target is escaped in it.
    if environment::is_root() {
        command.arg("--no-sandbox");
    }
    command.arg(format!("file://{}", page.display())).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
