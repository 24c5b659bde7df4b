//! NVD's JSON 2.0: an answer of its interface, or a yearly file of the same form.

use serde::Deserialize;

use super::severity::Severity;
use super::{
    Advisory, Affected, Configuration, Criterion, ImportError, Imported, Node, Operator, Role,
    Source, json, link,
};
use crate::cpe::Cpe;
use crate::limits;
use crate::range::{Bound, CpeRange};
use crate::scan::is_cve;
use crate::shown::block;
use crate::time::Moment;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    timestamp: String,
    vulnerabilities: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    cve: Cve,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve {
    id: String,
    #[serde(default)]
    vuln_status: String,
    #[serde(default)]
    published: String,
    #[serde(default)]
    last_modified: String,
    #[serde(default)]
    descriptions: Vec<Description>,
    #[serde(default)]
    metrics: Metrics,
    #[serde(default)]
    configurations: Vec<RawConfiguration>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct Description {
    lang: String,
    value: String,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metrics {
    cvss_metric_v40: Vec<Metric>,
    cvss_metric_v31: Vec<Metric>,
    cvss_metric_v30: Vec<Metric>,
    cvss_metric_v2: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    cvss_data: CvssData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CvssData {
    #[serde(default)]
    vector_string: String,
}

#[derive(Deserialize)]
struct RawConfiguration {
    #[serde(default)]
    operator: String,
    #[serde(default)]
    nodes: Vec<RawNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawNode {
    #[serde(default)]
    operator: String,
    #[serde(default)]
    negate: bool,
    #[serde(default)]
    cpe_match: Vec<RawMatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMatch {
    vulnerable: bool,
    criteria: String,
    version_start_including: Option<String>,
    version_start_excluding: Option<String>,
    version_end_including: Option<String>,
    version_end_excluding: Option<String>,
}

/// Reads one file; entries without a CVE id are counted as skipped.
pub fn import(bytes: &[u8]) -> Result<Imported<Advisory>, ImportError> {
    let file: File = json(bytes, limits::ADVISORY_FILE_BYTES, "JSON 2.0 of NVD")?;
    let total = file.vulnerabilities.len();
    let cves = file.vulnerabilities.into_iter().map(|item| item.cve);
    let known = cves.filter(|cve| is_cve(&cve.id)).take(limits::ADVISORIES);
    let items: Vec<_> = known.map(advisory).collect();
    Ok(Imported {
        skipped: (total - items.len()) as u64,
        items,
        as_of: Moment::parse(&file.timestamp),
    })
}

fn advisory(cve: Cve) -> Advisory {
    let english = cve
        .descriptions
        .iter()
        .find(|description| description.lang == "en");
    let metrics = [
        cve.metrics.cvss_metric_v40,
        cve.metrics.cvss_metric_v31,
        cve.metrics.cvss_metric_v30,
        cve.metrics.cvss_metric_v2,
    ];
    let vectors = metrics
        .iter()
        .flatten()
        .map(|metric| &metric.cvss_data.vector_string);
    let modified = Moment::parse(&cve.last_modified);
    let mut advisory = Advisory {
        summary: block(
            english.map_or("", |description| &description.value),
            limits::SUMMARY_CHARS,
        ),
        published: Moment::parse(&cve.published),
        modified,
        withdrawn: modified.filter(|_| cve.vuln_status == "Rejected"),
        severities: vectors
            .filter_map(|vector| Severity::parse(vector))
            .collect(),
        affected: cve
            .configurations
            .into_iter()
            .flat_map(configurations)
            .map(Affected::Products)
            .collect(),
        references: cve
            .references
            .iter()
            .filter_map(|reference| link(&reference.url))
            .collect(),
        sources: [Source::Nvd].into(),
        id: cve.id,
        ..Advisory::default()
    };
    advisory.settle();
    advisory
}

/// Nodes joined by OR are configurations of their own.
fn configurations(raw: RawConfiguration) -> Vec<Configuration> {
    let nodes = raw
        .nodes
        .into_iter()
        .map(node)
        .filter(|node| !node.criteria.is_empty());
    match raw.operator.as_str() {
        "AND" => vec![Configuration {
            nodes: nodes.collect(),
        }],
        _ => nodes
            .map(|node| Configuration { nodes: vec![node] })
            .collect(),
    }
    .into_iter()
    .filter(|configuration: &Configuration| !configuration.nodes.is_empty())
    .collect()
}

fn node(raw: RawNode) -> Node {
    let criteria = raw
        .cpe_match
        .into_iter()
        .take(limits::CPE_MATCHES)
        .filter_map(criterion);
    Node {
        operator: match (raw.negate, raw.operator.as_str()) {
            (true, _) => Operator::NotAny,
            (_, "AND") => Operator::All,
            _ => Operator::Any,
        },
        criteria: criteria.collect(),
    }
}

fn criterion(raw: RawMatch) -> Option<Criterion> {
    let bound = |including: Option<String>, excluding: Option<String>| {
        let short = |version: &String| version.len() <= limits::VERSION_BYTES;
        let excluding = excluding.filter(short).map(Bound::Excluding);
        including.filter(short).map(Bound::Including).or(excluding)
    };
    Some(Criterion {
        range: CpeRange {
            criteria: Cpe::parse(&raw.criteria).ok()?,
            from: bound(raw.version_start_including, raw.version_start_excluding),
            to: bound(raw.version_end_including, raw.version_end_excluding),
        },
        role: match raw.vulnerable {
            true => Role::Vulnerable,
            false => Role::Platform,
        },
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::range::Fit;

    /// Written by hand in the form of NVD's interface.
    pub(crate) const FILE: &str = r#"{"resultsPerPage":2,"format":"NVD_CVE","version":"2.0","timestamp":"2026-11-01T00:00:00.000","vulnerabilities":[
{"cve":{"id":"CVE-2016-7406","vulnStatus":"Modified","published":"2017-03-03T16:59:00.173","lastModified":"2024-11-21T02:57:57.860",
"descriptions":[{"lang":"es","value":"x"},{"lang":"en","value":"Format string vulnerability in <b>Dropbear</b> SSH before 2016.74"}],
"metrics":{"cvssMetricV30":[{"source":"nvd@nist.gov","type":"Primary","cvssData":{"version":"3.0","vectorString":"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8}}],
"cvssMetricV2":[{"cvssData":{"vectorString":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}}]},
"configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:dropbear_ssh_project:dropbear_ssh:*:*:*:*:*:*:*:*","versionEndExcluding":"2016.74","matchCriteriaId":"X"}]}]}],
"references":[{"url":"https://matt.ucc.asn.au/dropbear/CHANGES"},{"url":"javascript:alert(1)"}]}},
{"cve":{"id":"CVE-2020-9999","vulnStatus":"Rejected","lastModified":"2024-11-21T02:57:57.860","configurations":[{"operator":"AND","nodes":[
{"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:o:acme:cam_firmware:1.0:*:*:*:*:*:*:*"}]},
{"operator":"OR","cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:h:acme:cam:-:*:*:*:*:*:*:*"}]}]}]}},
{"cve":{"id":"NOT-1"}}]}"#;

    #[test]
    fn an_answer_of_nvd_is_read() {
        let read = import(FILE.as_bytes()).unwrap();
        assert_eq!((read.items.len(), read.skipped), (2, 1));
        let dropbear = &read.items[0];
        assert_eq!(
            dropbear.summary,
            "Format string vulnerability in <b>Dropbear</b> SSH before 2016.74"
        );
        let scores: Vec<u8> = dropbear
            .severities
            .iter()
            .map(|severity| severity.tenths)
            .collect();
        assert_eq!(scores, [98, 100]);
        assert_eq!(dropbear.references.len(), 1);
        let Affected::Products(configuration) = &dropbear.affected[0] else {
            panic!("products")
        };
        let range = configuration.vulnerable().next().unwrap();
        assert_eq!(
            range.fit(
                &"cpe:/a:dropbear_ssh_project:dropbear_ssh:2013.59"
                    .parse()
                    .unwrap()
            ),
            Fit::Yes
        );
        assert_eq!(range.fixed_in(), Some("2016.74"));
    }

    #[test]
    fn rejected_is_withdrawn_and_and_keeps_its_platform() {
        let read = import(FILE.as_bytes()).unwrap();
        let rejected = &read.items[1];
        assert_eq!(rejected.withdrawn, rejected.modified);
        let Affected::Products(configuration) = &rejected.affected[0] else {
            panic!("products")
        };
        assert_eq!(configuration.nodes.len(), 2);
        assert_eq!(configuration.vulnerable().count(), 1);
    }

    #[test]
    fn another_file_is_refused_with_the_reason() {
        let error = import(b"{\"CVE_Items\":[]}").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("missing field `vulnerabilities`"),
            "{error}"
        );
    }
}
