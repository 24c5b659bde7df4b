//! What scans and advisories say, and what is to be fixed first: bytes and times in, values out.
#![forbid(unsafe_code)]

pub mod limits;
pub mod shown;
pub mod time;
mod xml;

pub mod cpe;
pub mod purl;
pub mod range;
pub mod version;

pub mod scan;

pub mod advisory;
pub mod banner;
pub mod sbom;
pub mod weakness;

pub mod finding;
pub mod score;

pub mod filter;

pub use xml::XmlError;
