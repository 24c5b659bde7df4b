//! CISA's catalogue of vulnerabilities that are known to be exploited.

use serde::{Deserialize, Serialize};

use super::{ImportError, Imported, json};
use crate::limits;
use crate::scan::is_cve;
use crate::shown::{block, line};
use crate::time::Moment;

/// That a vulnerability is exploited, and what CISA asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kev {
    pub added: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Moment>,
    pub ransomware: Ransomware,
    pub vendor: String,
    pub product: String,
    pub title: String,
    pub action: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ransomware {
    Known,
    Unknown,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "dateReleased", default)]
    released: String,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    id: String,
    date_added: String,
    #[serde(default)]
    due_date: String,
    #[serde(default)]
    vendor_project: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    vulnerability_name: String,
    #[serde(default)]
    required_action: String,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

/// Reads `known_exploited_vulnerabilities.json`: CVE ids with what is known.
pub fn import(bytes: &[u8]) -> Result<Imported<(String, Kev)>, ImportError> {
    let file: File = json(
        bytes,
        limits::CATALOGUE_BYTES,
        "CISA's KEV catalogue as JSON",
    )?;
    let total = file.vulnerabilities.len();
    let items: Vec<_> = file
        .vulnerabilities
        .into_iter()
        .take(limits::ADVISORIES)
        .filter_map(entry)
        .collect();
    Ok(Imported {
        skipped: (total - items.len()) as u64,
        items,
        as_of: Moment::parse(&file.released),
    })
}

fn entry(entry: Entry) -> Option<(String, Kev)> {
    let added = Moment::parse(&entry.date_added)?;
    is_cve(&entry.id).then(|| {
        let kev = Kev {
            added,
            due: Moment::parse(&entry.due_date),
            ransomware: match entry.known_ransomware_campaign_use.as_str() {
                "Known" => Ransomware::Known,
                _ => Ransomware::Unknown,
            },
            vendor: line(&entry.vendor_project, limits::WORD_CHARS),
            product: line(&entry.product, limits::WORD_CHARS),
            title: line(&entry.vulnerability_name, limits::LINE_CHARS),
            action: block(&entry.required_action, limits::SUMMARY_CHARS),
        };
        (entry.id, kev)
    })
}
