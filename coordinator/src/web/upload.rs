//! Files that come with a form, piece by piece onto the disk: none is held in memory, and no two forms come at once.

use std::io::ErrorKind;
use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task;

use super::Web;
use super::error::WebError;
use crate::releases::blobs::{Blob, BlobError, Blobs, Incoming};

/// Forms with files that are read at once.
pub const AT_ONCE: usize = 1;

/// Bytes that are written at once.
const PIECE: usize = 1024 * 1024;
/// Bytes of a field that somebody typed.
const TYPED: usize = 4096;

/// A form with files (RFC 7578).
#[derive(Debug)]
pub struct FileForm {
    parts: Multipart,
    _turn: OwnedSemaphorePermit,
}

/// One field of it.
#[derive(Debug)]
pub struct Part<'a>(Field<'a>);

impl FromRequest<Web> for FileForm {
    type Rejection = WebError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, WebError> {
        let parts = Multipart::from_request(request, web).await;
        let parts = parts.map_err(|_| WebError::WrongMediaType("multipart/form-data"))?;
        let turn = Arc::clone(&web.guards.uploads).try_acquire_owned();
        let _turn = turn.map_err(|_| WebError::Busy)?;
        Ok(Self { parts, _turn })
    }
}

impl FileForm {
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, WebError> {
        let field = self
            .parts
            .next_field()
            .await
            .map_err(|error| unreadable(&error))?;
        Ok(field.map(Part))
    }
}

impl Part<'_> {
    pub fn name(&self) -> String {
        self.0.name().unwrap_or_default().to_owned()
    }

    pub async fn text(mut self) -> Result<String, WebError> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.0.chunk().await.map_err(|error| unreadable(&error))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > TYPED {
                return Err(WebError::TooLarge);
            }
        }
        String::from_utf8(bytes)
            .map_err(|_| WebError::Unreadable("a field is not UTF-8".to_owned()))
    }

    /// Keeps a file of at most `bound` bytes; `None` where no file was chosen. The inner error is about the file: it was
    /// read to its end nevertheless, so that whoever sends it hears of it.
    pub async fn file(
        mut self,
        blobs: &Blobs,
        bound: u64,
    ) -> Result<Result<Option<Blob>, BlobError>, WebError> {
        let mut incoming = None;
        let mut piece = Vec::new();
        let mut refused = None;
        while let Some(bytes) = self.0.chunk().await.map_err(|error| unreadable(&error))? {
            if refused.is_some() {
                continue;
            }
            piece.extend_from_slice(&bytes);
            if piece.len() >= PIECE {
                match written(incoming.take(), blobs, bound, std::mem::take(&mut piece)).await {
                    Ok(taken) => incoming = Some(taken),
                    Err(error) => refused = Some(about_the_file(error)?),
                }
            }
        }
        if let Some(error) = refused {
            return Ok(Err(error));
        }
        if incoming.is_none() && piece.is_empty() {
            return Ok(Ok(None));
        }
        let kept = match written(incoming, blobs, bound, piece).await {
            Ok(incoming) => aside(move || incoming.keep()).await,
            Err(error) => Err(error),
        };
        match kept {
            Ok(blob) => Ok(Ok(Some(blob))),
            Err(error) => Ok(Err(about_the_file(error)?)),
        }
    }
}

async fn written(
    incoming: Option<Incoming>,
    blobs: &Blobs,
    bound: u64,
    piece: Vec<u8>,
) -> Result<Incoming, BlobError> {
    let blobs = blobs.clone();
    aside(move || {
        let mut incoming = match incoming {
            Some(incoming) => incoming,
            None => blobs.incoming(bound)?,
        };
        incoming.write(&piece)?;
        Ok(incoming)
    })
    .await
}

/// Beside the threads that answer.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let done = task::spawn_blocking(work).await;
    done.map_err(std::io::Error::from)?
}

/// What is not the fault of whoever sent it is an error of the whole request.
fn about_the_file(error: BlobError) -> Result<BlobError, WebError> {
    match error {
        BlobError::TooLarge(_) | BlobError::Empty => Ok(error),
        BlobError::Io(error) if error.kind() == ErrorKind::StorageFull => Err(WebError::DiskFull),
        error => {
            tracing::error!(%error, "a file that came with a form cannot be kept");
            Err(WebError::Broken)
        }
    }
}

fn unreadable(error: &MultipartError) -> WebError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => WebError::TooLarge,
        _ => WebError::Unreadable(error.body_text()),
    }
}
