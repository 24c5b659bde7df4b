//! A file, or the part of it that a device still lacks (RFC 9110 §14: one range, `If-Range`).

use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use crate::store::ddi::Artifact;

/// Which part of a file is answered with.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Of(Range<u64>),
    /// It begins behind the end.
    Beyond,
}

pub(super) async fn serve(
    path: &Path,
    artifact: &Artifact,
    headers: &HeaderMap,
) -> io::Result<Response> {
    let (length, tag) = (artifact.length, tag(artifact));
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // A part of another file must not be put to what the device has.
    let same = text(IF_RANGE).is_none_or(|condition| condition == tag);
    let part = match text(RANGE).filter(|_| same) {
        Some(range) => part(range, length),
        None => Part::Whole,
    };
    let fixed = [
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, tag),
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
    ];
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, 0..length),
        Part::Of(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Beyond => {
            let every = [(CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, fixed, every).into_response());
        }
    };
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(range.start)).await?;
    let size = range.end - range.start;
    let body = Body::from_stream(ReaderStream::new(file.take(size)));
    let mut response = (status, fixed, [(CONTENT_LENGTH, size.to_string())], body).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let said = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        let said = said.parse().expect("digits are a header's value");
        response.headers_mut().insert(CONTENT_RANGE, said);
    }
    Ok(response)
}

fn tag(artifact: &Artifact) -> String {
    format!("\"{}\"", HEXLOWER.encode(&artifact.sha256))
}

/// What is not understood, and more than one range, is answered with the whole file.
fn part(range: &str, length: u64) -> Part {
    let bounds = range.trim().strip_prefix("bytes=");
    let Some((first, last)) = bounds.and_then(|bounds| bounds.trim().split_once('-')) else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let found = match (first.trim(), last.trim()) {
        ("", last) => number(last).map(|last| length.saturating_sub(last)..length),
        (first, "") => number(first).map(|first| first..length),
        (first, last) => number(first)
            .zip(number(last))
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| first..last.saturating_add(1).min(length)),
    };
    match found {
        None => Part::Whole,
        Some(range) if range.start >= length => Part::Beyond,
        Some(range) => Part::Of(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rfc_9110_says() {
        for (text, expected) in [
            ("bytes=0-", Part::Of(0..100)),
            ("bytes=40-", Part::Of(40..100)),
            ("bytes=0-0", Part::Of(0..1)),
            ("bytes=10-19", Part::Of(10..20)),
            ("bytes=90-1000", Part::Of(90..100)),
            ("bytes=-30", Part::Of(70..100)),
            ("bytes=-1000", Part::Of(0..100)),
            ("bytes=99-18446744073709551615", Part::Of(99..100)),
            ("bytes=100-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=20-10", Part::Whole),
            ("bytes=1-2,4-5", Part::Whole),
            ("bytes=x-", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(text, 100), expected, "{text}");
        }
    }
}
