//! Whether something at an address speaks HTTP: any answer will do.
//!
//! The question goes through the engine, as one `HEAD /`. Servers that speak TLS are found by asking again over it.

use std::net::SocketAddr;
use std::time::Duration;

use plimsoll_http::exchange::Outcome;
use plimsoll_http::{Engine, OpId, Planned, Probe, Request, Settings, Target, Transport};
use plimsoll_model::Method;

/// The origin, as in `http://127.0.0.1:8000`, under which an address answers within this time. None where it does not.
pub async fn origin(address: SocketAddr, within: Duration) -> Option<String> {
    for scheme in ["http", "https"] {
        let origin = format!("{scheme}://{address}");
        if answers(&origin, within).await {
            return Some(origin);
        }
    }
    None
}

async fn answers(origin: &str, within: Duration) -> bool {
    let Ok(target) = Target::parse(origin) else { return false };
    let mut settings = Settings::new(target);
    settings.deadlines.connect = within;
    settings.deadlines.first_byte = within;
    settings.deadlines.total = within;
    settings.budgets.max_requests = 1;
    let Ok(mut engine) = Engine::new(settings).await else { return false };
    let mut request = Request::get("/");
    request.method = Method::Head;
    let exchanges = engine.send(&mut std::iter::once(Planned::new(0, Probe::of(OpId(0)), request))).await;
    exchanges.iter().any(|exchange| matches!(exchange.outcome, Outcome::Answer(_)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_millis(500);

    /// A server on a free port that says this to whatever it is asked.
    async fn says(words: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.read_u8().await.unwrap();
                stream.write_all(words.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn any_answer_will_do() {
        let address = says("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(origin(address, SOON).await, Some(format!("http://{address}")));
    }

    #[tokio::test]
    async fn what_is_no_http_is_none() {
        assert_eq!(origin(says("220 mail.example ESMTP\r\n").await, SOON).await, None);
        assert_eq!(origin(says("").await, SOON).await, None);
    }
}
