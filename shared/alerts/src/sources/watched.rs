//! Files that devices watch.

use protocol::alert::Alert;
use protocol::id::Digest;
use protocol::text::Path;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [FILE_CHANGED];

const FILE_CHANGED: Known = Known {
    name: "file_changed",
    title: "A watched file changed",
    severity: Severity::High,
    attack: Some("T1565.001"),
    stops: "The file stays as it is from here on: one alert is raised for each change. Take the path out of `watch` in node.toml if it may change.",
};

pub(super) fn changed(
    alert: &Alert,
    path: &Path,
    before: Option<&Digest>,
    after: Option<&Digest>,
) -> Sighting {
    let says = match (before, after) {
        (None, Some(_)) => format!("{path} is there and was not before"),
        (Some(_), None) => format!("{path} is gone, or can no longer be read"),
        _ => format!("{path} is another than before"),
    };
    let words = |digest: Option<&Digest>| {
        digest.map_or_else(|| "not there".to_owned(), ToString::to_string)
    };
    FILE_CHANGED
        .sighting(Some(alert.alarm.subject), alert.time, &says)
        .value("file", None, path.as_str())
        .value("content", Some(&words(before)), &words(after))
}
