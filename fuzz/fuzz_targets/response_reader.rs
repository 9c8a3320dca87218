//! Any bytes for an answer, over a real socket on loopback: framing, decoding, tally and caps end in time with an exchange.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use plimsoll_http::{Engine, OpId, Outcome, Planned, Probe, Request, Settings, Target, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs no input");
    runtime.block_on(answer(bytes.to_vec()));
});

async fn answer(bytes: Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 2048];
            // What happens to the connection is the engine's business.
            drop(stream.read(&mut request).await);
            drop(stream.write_all(&bytes).await);
        }
    });
    let mut settings = Settings::new(Target::parse(&format!("http://{address}")).expect("an address is a target"));
    settings.deadlines.first_byte = Duration::from_millis(200);
    settings.deadlines.total = Duration::from_millis(300);
    settings.caps.max_decoded = 1 << 20;
    let mut engine = Engine::new(settings).await.expect("loopback is admitted");
    let mut batch = std::iter::once(Planned::new(0, Probe::of(OpId(0)), Request::get("/a")));
    for exchange in engine.send(&mut batch).await {
        match &exchange.outcome {
            Outcome::Failed(failure) => assert!(!failure.message.contains(char::is_control)),
            Outcome::Answer(response) => assert!(response.body.decoded_len >= response.body.kept.len() as u64),
        }
    }
}
