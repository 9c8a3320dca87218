//! Signals to end: the first asks a run to end and to report what it has, the second ends this process.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::fault::Fault;

/// Becomes true with the first signal to end. With the second this process ends at once; its watchdog ends what it started.
///
/// # Errors
/// Signals cannot be listened for.
pub fn watch() -> Result<watch::Receiver<bool>, Fault> {
    let (sender, receiver) = watch::channel(false);
    let listen = |kind| signal(kind).map_err(|error| Fault::say(format!("cannot listen for signals: {error}")));
    let (mut interrupt, mut terminate, mut hangup) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?);
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            sender.send_replace(true);
            if !first {
                std::process::exit(i32::from(plimsoll_model::exit::INCOMPLETE));
            }
        }
    });
    Ok(receiver)
}
