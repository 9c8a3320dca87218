//! What a caller may choose: where a document comes from, what may be fetched, and how much is read.

use std::path::PathBuf;

use url::Url;

/// Where a document comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file. Only a regular file is read.
    File(PathBuf),
    /// Bytes that came on standard input.
    Stdin(Vec<u8>),
    /// Bytes that someone else fetched.
    Bytes {
        /// An absolute URL, or a path on the target such as `/openapi.json`. Relative servers are joined to it.
        name: String,
        /// What came.
        bytes: Vec<u8>,
    },
}

impl Source {
    /// The name that diagnostics use.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin(_) => "<stdin>".to_owned(),
            Self::Bytes { name, .. } => name.clone(),
        }
    }
}

/// Fetches a referenced document; the text of the error goes into a diagnostic.
pub type Fetch<'a> = dyn Fn(&Url) -> Result<Vec<u8>, String> + 'a;

/// How a document is read.
#[derive(Default)]
pub struct Options<'a> {
    /// Fetches documents that `$ref` names by URL. None, the default, leaves them out with a diagnostic.
    pub fetch: Option<&'a Fetch<'a>>,
    /// The folder that referenced files must lie in; the folder of the document where none is given.
    pub root: Option<PathBuf>,
    /// How much is read.
    pub limits: Limits,
}

/// Bounds on what a document may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Levels of nesting.
    pub depth: usize,
    /// Values in all files together, and schemas made of them.
    pub nodes: usize,
    /// Values that YAML aliases may add.
    pub aliases: usize,
    /// Operations.
    pub operations: usize,
    /// Files that references may bring in.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 256, nodes: 2_500_000, aliases: 500_000, operations: 50_000, files: 512 }
    }
}
