//! The language server: what `plimsoll code` finds, while the code is written.
//!
//! It keeps one session for the opened folder and judges anew what a change can reach. It never writes a file: what it offers are edits that the editor
//! makes.

mod actions;
mod convert;
mod hover;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{CodeActionRequest, HoverRequest, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    HoverParams, HoverProviderCapability, InitializeParams, MessageType, PublishDiagnosticsParams, ServerCapabilities,
    ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind,
};
use plimsoll_model::Finding;
use plimsoll_run::code::{self, Options, Session};
use plimsoll_run::config::Config;
use serde::de::DeserializeOwned;

use crate::environment;

/// Lines within which fixes that need the whole project are tried.
const NEAR: u32 = 3;

/// What the server can do.
pub fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

/// Why the server ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client does not speak the protocol.
    #[error("the client broke the protocol: {0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// A message could not be written or read.
    #[error("a message is not understood: {0}")]
    Message(#[from] serde_json::Error),
    /// The client went away.
    #[error("the client went away")]
    Gone,
}

/// Serves a client until it asks to end.
///
/// # Errors
/// [`ServeError`] when the client breaks the protocol or goes away.
pub fn serve(connection: &Connection) -> Result<(), ServeError> {
    let (id, params) = connection.initialize_start()?;
    let params: InitializeParams = serde_json::from_value(params)?;
    let info = serde_json::json!({
        "capabilities": capabilities(),
        "serverInfo": { "name": "plimsoll", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, info)?;
    let mut server = Server {
        connection,
        folder: folder(&params),
        session: None,
        open: BTreeMap::new(),
        told: BTreeSet::new(),
        findings: Vec::new(),
    };
    if let Some(folder) = server.folder.clone() {
        server.start(&folder)?;
        server.publish()?;
    }
    for message in &connection.receiver {
        let dirty = match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                server.answer(request)?;
                false
            }
            Message::Notification(notification) => server.hear(notification)?,
            Message::Response(_) => false,
        };
        // A person types faster than anybody reads diagnostics.
        if dirty && connection.receiver.is_empty() {
            server.publish()?;
        } else if dirty {
            server.findings.clear();
        }
    }
    Err(ServeError::Gone)
}

#[expect(deprecated, reason = "clients that know no workspace folders send the root")]
fn folder(params: &InitializeParams) -> Option<PathBuf> {
    let first = params.workspace_folders.iter().flatten().next().map(|folder| &folder.uri);
    convert::path(first.or(params.root_uri.as_ref())?)
}

struct Server<'a> {
    connection: &'a Connection,
    folder: Option<PathBuf>,
    session: Option<Session>,
    /// Texts of open documents.
    open: BTreeMap<PathBuf, String>,
    /// Files that the client shows diagnostics of.
    told: BTreeSet<PathBuf>,
    findings: Vec<Finding>,
}

impl Server<'_> {
    fn start(&mut self, folder: &Path) -> Result<(), ServeError> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let path = folder.join("plimsoll.toml");
        let settings =
            if path.is_file() { Config::read(&path).map(|config| config.code) } else { Ok(code::Code::default()) };
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) => {
                self.say(&error.to_string())?;
                code::Code::default()
            }
        };
        let select = match settings.select(&[], &[], &[]) {
            Ok(select) => select,
            Err(why) => {
                self.say(&format!("{}: {why}", path.display()))?;
                code::Select::default()
            }
        };
        let paths: Vec<PathBuf> = match settings.paths.as_slice() {
            [] => vec![folder.clone()],
            paths => paths.iter().map(|path| folder.join(path)).collect(),
        };
        let options = Options { base: folder.clone(), select, today: Some(environment::today()), ..Options::default() };
        match Session::open(paths, options) {
            Ok(session) => self.session = Some(session),
            Err(error) => self.say(&error.to_string())?,
        }
        self.folder = Some(folder);
        Ok(())
    }

    fn say(&self, message: &str) -> Result<(), ServeError> {
        let params = ShowMessageParams { typ: MessageType::WARNING, message: message.to_owned() };
        self.send(Message::Notification(Notification::new(ShowMessage::METHOD.to_owned(), params)))
    }

    fn send(&self, message: Message) -> Result<(), ServeError> {
        self.connection.sender.send(message).map_err(|_| ServeError::Gone)
    }

    /// Hears of a change; says whether findings may have changed with it.
    fn hear(&mut self, notification: Notification) -> Result<bool, ServeError> {
        let method = notification.method.clone();
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let params: DidOpenTextDocumentParams = read(notification)?;
                self.edited(&params.text_document.uri, params.text_document.text)
            }
            DidChangeTextDocument::METHOD => {
                let params: DidChangeTextDocumentParams = read(notification)?;
                match params.content_changes.into_iter().next_back() {
                    Some(change) => self.edited(&params.text_document.uri, change.text),
                    None => Ok(false),
                }
            }
            DidSaveTextDocument::METHOD => {
                let params: DidSaveTextDocumentParams = read(notification)?;
                self.saved(&params.text_document.uri)
            }
            DidCloseTextDocument::METHOD => {
                let params: DidCloseTextDocumentParams = read(notification)?;
                if let Some(path) = convert::path(&params.text_document.uri) {
                    self.open.remove(&path);
                }
                self.saved(&params.text_document.uri)
            }
            DidChangeWatchedFiles::METHOD => {
                let params: DidChangeWatchedFilesParams = read(notification)?;
                let mut dirty = false;
                for change in params.changes {
                    dirty |= self.saved(&change.uri)?;
                }
                Ok(dirty)
            }
            _ => Ok(false),
        }
    }

    fn edited(&mut self, uri: &lsp_types::Uri, text: String) -> Result<bool, ServeError> {
        let Some(path) = convert::path(uri) else { return Ok(false) };
        if self.session.is_none() {
            // A single file was opened: the folder that it belongs to is the project.
            let folder = code::surroundings(&path, Path::new("/")).into_iter().next();
            if let Some(folder) = folder {
                self.start(&folder)?;
            }
        }
        self.open.insert(path.clone(), text.clone());
        match self.session.as_mut().map(|session| session.edited(&path, text)) {
            Some(Err(error)) => self.say(&error.to_string()).map(|()| false),
            Some(Ok(())) => Ok(true),
            None => Ok(false),
        }
    }

    fn saved(&mut self, uri: &lsp_types::Uri) -> Result<bool, ServeError> {
        let Some(path) = convert::path(uri).filter(|path| code::is_python(path) && !self.open.contains_key(path))
        else {
            return Ok(false);
        };
        match self.session.as_mut().map(|session| session.saved(&path)) {
            Some(Err(error)) => self.say(&error.to_string()).map(|()| false),
            Some(Ok(())) => Ok(true),
            None => Ok(false),
        }
    }

    fn whole(&self, file: &str) -> PathBuf {
        self.folder.clone().unwrap_or_default().join(file)
    }

    /// The text of a file as the editor has it.
    fn text(&self, path: &Path) -> Option<String> {
        self.open.get(path).cloned().or_else(|| std::fs::read_to_string(path).ok())
    }

    /// Sends what was found, and takes back what is found no more.
    fn publish(&mut self) -> Result<(), ServeError> {
        let Some(session) = &self.session else { return Ok(()) };
        self.findings = session.analysis().findings;
        let mut by_file: BTreeMap<PathBuf, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            if let Some(source) = &finding.source {
                by_file.entry(self.whole(&source.file)).or_default().push(finding);
            }
        }
        let gone: Vec<PathBuf> = self.told.iter().filter(|path| !by_file.contains_key(*path)).cloned().collect();
        for path in &gone {
            self.tell(path, Vec::new())?;
        }
        for (path, findings) in &by_file {
            let text = self.text(path).unwrap_or_default();
            let diagnostics =
                findings.iter().map(|finding| convert::diagnostic(finding, &text, &|file| self.whole(file))).collect();
            self.tell(path, diagnostics)?;
        }
        self.told = by_file.into_keys().collect();
        Ok(())
    }

    fn tell(&self, path: &Path, diagnostics: Vec<lsp_types::Diagnostic>) -> Result<(), ServeError> {
        let Some(uri) = convert::uri(path) else { return Ok(()) };
        let params = PublishDiagnosticsParams { uri, diagnostics, version: None };
        self.send(Message::Notification(Notification::new(PublishDiagnostics::METHOD.to_owned(), params)))
    }

    fn answer(&mut self, request: Request) -> Result<(), ServeError> {
        if self.findings.is_empty() {
            self.publish()?;
        }
        let id = request.id.clone();
        let response = match request.method.as_str() {
            HoverRequest::METHOD => {
                let params: HoverParams = serde_json::from_value(request.params)?;
                let at = params.text_document_position_params;
                let found = self.at(&at.text_document.uri, at.position.line, at.position.line);
                Response::new_ok(id, hover::hover(&found))
            }
            CodeActionRequest::METHOD => {
                let params: CodeActionParams = serde_json::from_value(request.params)?;
                let (first, last) = (params.range.start.line, params.range.end.line);
                // Who asks for something else than quick fixes, as editors do when they save, gets none.
                let covers =
                    |kind: &CodeActionKind| *kind == CodeActionKind::EMPTY || *kind == CodeActionKind::QUICKFIX;
                let wanted = params.context.only.as_ref().is_none_or(|only| only.iter().any(covers));
                let here = || self.at(&params.text_document.uri, first, last).into_iter().cloned().collect();
                let found: Vec<Finding> = if wanted { here() } else { Vec::new() };
                let text =
                    convert::path(&params.text_document.uri).and_then(|path| self.text(&path)).unwrap_or_default();
                // What needs the whole project is tried for the lines that somebody looks at, not for all of a document.
                let session = self.session.as_mut().filter(|_| last.saturating_sub(first) <= NEAR);
                Response::new_ok(id, actions::actions(&params.text_document.uri, &found, &text, session))
            }
            method => Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("{method} is not offered")),
        };
        self.send(Message::Response(response))
    }

    /// The findings on some lines of a document, from 0.
    fn at(&self, uri: &lsp_types::Uri, first: u32, last: u32) -> Vec<&Finding> {
        let Some(path) = convert::path(uri) else { return Vec::new() };
        let here = |finding: &&Finding| {
            finding
                .source
                .as_ref()
                .is_some_and(|source| (first + 1..=last + 1).contains(&source.line) && self.whole(&source.file) == path)
        };
        self.findings.iter().filter(here).collect()
    }
}

fn read<T: DeserializeOwned>(notification: Notification) -> Result<T, ServeError> {
    Ok(serde_json::from_value(notification.params)?)
}
