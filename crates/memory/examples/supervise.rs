//! Starts a command, waits until it answers, prints where, and waits until the command ends. For the test that kills a supervisor, and for trying out.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use plimsoll_memory::supervise::{Launch, Supervised};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = Supervised::spawn(Launch::new(std::env::args_os().skip(1).collect())).await?;
    println!("{}", target.origin());
    println!("{}", target.watched().ended().await);
    Ok(())
}
