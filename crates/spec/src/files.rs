//! All files of a description: the document and what its references bring in, read before anything is interpreted.
//!
//! Refuses files outside the root folder, and URLs unless the caller gave a way to fetch them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use url::Url;

use crate::error::{Failure, LoadError, one_line};
use crate::options::{Limits, Options};
use crate::tree::{Kind, Node, Remark};
use crate::{json, source, text, yaml};

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// What stands before `#` in pointers into it; empty for the main document.
    pub name: String,
    pub root: Node,
    pub base: Base,
    pub remarks: Vec<Remark>,
}

/// What relative references are relative to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Base {
    Path(PathBuf),
    Url(Url),
    Nothing,
}

/// Every file that was read, the main document first.
#[derive(Debug)]
pub(crate) struct Files {
    pub files: Vec<File>,
    /// Which file the part of a reference before `#` leads to, by file that it stands in.
    links: HashMap<(u32, Box<str>), Result<u32, String>>,
}

/// What may still be read.
struct Allowance<'o> {
    bytes: u64,
    nodes: usize,
    options: &'o Options<'o>,
    root: Option<PathBuf>,
}

impl Files {
    /// Reads the main document of these bytes and everything that it refers to.
    pub(crate) fn read(bytes: &[u8], name: &str, base: Base, options: &Options<'_>) -> Result<Self, LoadError> {
        let limits = &options.limits;
        source::check_size(name, bytes.len() as u64, limits.bytes)?;
        let mut nodes = limits.nodes;
        let (root, remarks) = parse(bytes, name, limits, &mut nodes)?;
        let folder = match &base {
            Base::Path(path) => options.root.clone().or_else(|| path.parent().map(Path::to_path_buf)),
            _ => options.root.clone(),
        };
        let mut allowance = Allowance {
            bytes: limits.bytes - bytes.len() as u64,
            nodes,
            options,
            root: folder.and_then(|folder| folder.canonicalize().ok()),
        };
        let mut all = Self { files: vec![File { name: String::new(), root, base, remarks }], links: HashMap::new() };
        let mut next = 0;
        while next < all.files.len() {
            let mut uris = Vec::new();
            collect_foreign(&all.files[next].root, &mut uris);
            for uri in uris {
                let key = (next as u32, uri.into_boxed_str());
                if !all.links.contains_key(&key) {
                    let target = all.open(next, &key.1, &mut allowance);
                    all.links.insert(key, target);
                }
            }
            next += 1;
        }
        Ok(all)
    }

    /// The file that the part of a reference before `#` leads to.
    pub(crate) fn linked(&self, from: u32, uri: &str) -> Result<u32, String> {
        if uri.is_empty() {
            return Ok(from);
        }
        self.links.get(&(from, uri.into())).cloned().unwrap_or_else(|| Err("it was not read".to_owned()))
    }

    fn open(&mut self, from: usize, uri: &str, allowance: &mut Allowance<'_>) -> Result<u32, String> {
        let base = locate(&self.files[from].base, uri)?;
        if let Some(known) = self.files.iter().position(|file| file.base == base) {
            return Ok(known as u32);
        }
        let limits = allowance.options.limits;
        if self.files.len() >= limits.files {
            return Err(format!("more than {} files", limits.files));
        }
        let (base, name, bytes) = match base {
            Base::Path(path) => {
                let real =
                    path.canonicalize().map_err(|_| "there is no such file, or it may not be read".to_owned())?;
                let root = allowance.root.as_deref().ok_or("a document without a folder cannot name files")?;
                let Ok(name) = real.strip_prefix(root) else {
                    return Err("it lies outside the folder of the document".to_owned());
                };
                let name = name.display().to_string();
                let base = Base::Path(real.clone());
                if let Some(known) = self.files.iter().position(|file| file.base == base) {
                    return Ok(known as u32);
                }
                let bytes = source::read_file(&real, &name, allowance.bytes).map_err(|error| error.what)?;
                (base, name, bytes)
            }
            Base::Url(url) => {
                let fetch = allowance.options.fetch.ok_or("remote references are not fetched unless asked for")?;
                let bytes = fetch(&url)?;
                source::check_size(url.as_str(), bytes.len() as u64, allowance.bytes).map_err(|error| error.what)?;
                let name = url.to_string();
                (Base::Url(url), name, bytes)
            }
            Base::Nothing => return Err("a document without a place of its own cannot name others".to_owned()),
        };
        allowance.bytes -= bytes.len() as u64;
        let (root, remarks) = parse(&bytes, &name, &limits, &mut allowance.nodes).map_err(|error| error.to_string())?;
        self.files.push(File { name, root, base, remarks });
        Ok(self.files.len() as u32 - 1)
    }
}

/// Where a relative reference leads.
fn locate(base: &Base, uri: &str) -> Result<Base, String> {
    match Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => return Ok(Base::Url(url)),
        // A single letter is a drive (`C:\specs`), not a scheme.
        Ok(url) if url.scheme().len() > 1 => return Err(format!("{}: references are not followed", url.scheme())),
        _ => {}
    }
    match base {
        Base::Path(path) => {
            let relative = percent_encoding::percent_decode_str(uri).decode_utf8_lossy().replace('\\', "/");
            let folder = path.parent().unwrap_or(Path::new(""));
            Ok(Base::Path(folder.join(relative)))
        }
        Base::Url(url) => Ok(Base::Url(url.join(uri).map_err(|error| error.to_string())?)),
        Base::Nothing => Ok(Base::Nothing),
    }
}

/// Text to tree: JSON where it begins as JSON does, else YAML.
pub(crate) fn parse(
    bytes: &[u8],
    name: &str,
    limits: &Limits,
    nodes: &mut usize,
) -> Result<(Node, Vec<Remark>), LoadError> {
    let (text, remark) = text::decode(bytes).map_err(|stop| stop.into_error(name))?;
    let mut remarks: Vec<Remark> = remark.into_iter().collect();
    let start = text.trim_start();
    if start.is_empty() {
        return Err(
            LoadError::new(Failure::NotOpenApi, name, "the document is empty", "give an OpenAPI document").at(1, None)
        );
    }
    if start.starts_with(['{', '[', '/']) {
        let (kept, before) = (remarks.len(), *nodes);
        match json::parse(&text, limits, nodes, &mut remarks) {
            Ok(root) => return Ok((root, remarks)),
            // YAML in flow style looks like JSON, and only the name tells.
            Err(stop) if stop.failure == Failure::Syntax && is_yaml_name(name) => {
                remarks.truncate(kept);
                *nodes = before;
            }
            Err(stop) => return Err(stop.into_error(name)),
        }
    }
    if let Some(what) = crate::recognise::foreign_text(start) {
        return Err(
            LoadError::new(Failure::NotOpenApi, name, what, "give an OpenAPI document in JSON or YAML").at(1, None)
        );
    }
    let root = yaml::parse(&text, limits, nodes, &mut remarks).map_err(|stop| stop.into_error(name))?;
    Ok((root, remarks))
}

fn is_yaml_name(name: &str) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
}

/// The parts before `#` of all references that lead out of their file.
fn collect_foreign(node: &Node, out: &mut Vec<String>) {
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| collect_foreign(node, out)),
        Kind::Map(map) => {
            for (key, node) in map.iter() {
                if key == "$ref"
                    && let Some(reference) = node.text()
                {
                    let uri = reference.split('#').next().unwrap_or("");
                    if !uri.is_empty() {
                        out.push(uri.to_owned());
                    }
                }
                collect_foreign(node, out);
            }
        }
        _ => {}
    }
}

/// A reference for a message.
pub(crate) fn quoted(reference: &str) -> String {
    one_line(reference, 120)
}
