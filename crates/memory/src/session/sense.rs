//! The port through which a session looks at the target: live, or simulated in tests.

use std::future::Future;

use crate::agent::client::Agents;
use crate::sample::{Collect, Gauge, Reading, SampleError};

/// Looks at the target.
pub trait Sense: Send {
    /// Takes a reading, after the agents have collected garbage.
    ///
    /// # Errors
    /// There is no reading; see [`SampleError`].
    fn read(&mut self, collect: Collect) -> impl Future<Output = Result<Reading, SampleError>> + Send;

    /// The agents in the target, where there are any.
    fn agents(&mut self) -> Option<&mut Agents>;
}

impl Sense for Gauge {
    async fn read(&mut self, collect: Collect) -> Result<Reading, SampleError> {
        Self::read(self, collect).await
    }

    fn agents(&mut self) -> Option<&mut Agents> {
        Self::agents(self)
    }
}
