//! The port through which a session looks at the target: live, or simulated in tests.

use std::future::Future;

use crate::agent::client::Agents;
use crate::sample::{Gauge, Reading, SampleError};

/// Looks at the target.
pub trait Sense: Send {
    /// Takes a reading; with `collect`, agents collect garbage first.
    ///
    /// # Errors
    /// There is no reading; see [`SampleError`].
    fn read(&mut self, collect: bool) -> impl Future<Output = Result<Reading, SampleError>> + Send;

    /// The agents in the target, where there are any.
    fn agents(&mut self) -> Option<&mut Agents>;
}

impl Sense for Gauge {
    async fn read(&mut self, collect: bool) -> Result<Reading, SampleError> {
        Self::read(self, collect).await
    }

    fn agents(&mut self) -> Option<&mut Agents> {
        Self::agents(self)
    }
}
