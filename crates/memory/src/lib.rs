//! The memory vantage: what a running application retains per request, with an interval, and what holds it.
//!
//! The lane starts an application in staging (or watches one that runs), drives its operations in interleaved blocks, reads the memory of the
//! whole process tree after each block, and estimates the bytes that a request leaves behind. It knows nothing of checks or code.

pub mod agent;
pub mod attribute;
pub mod drive;
pub mod estimate;
pub mod sample;
pub mod session;
pub mod supervise;
