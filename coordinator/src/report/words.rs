//! Words of closed lists as reports show them, in the language of the moment; a word that is in no list stays as it is.

use alerts::severity::Severity;
use language::say;

use crate::live::State;

pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Enrolled => say!("state|enrolled"),
        State::Online => say!("state|online"),
        State::Degraded => say!("state|degraded"),
        State::Stopped => say!("state|stopped"),
        State::Silent => say!("state|silent"),
        State::Retired => say!("state|retired"),
    }
}

/// Of a finding, or of an alert.
pub(super) fn level(word: &str) -> &str {
    match word {
        "none" => say!("level|none"),
        word => word
            .parse::<Severity>()
            .map_or(word, |severity| severity.shown()),
    }
}

/// Whether a finding is to be fixed.
pub(super) fn finding(word: &str) -> &str {
    match word {
        "open" => say!("finding|open"),
        "accepted" => say!("finding|accepted"),
        "not_affected" => say!("not affected"),
        "closed_by_vendor" => say!("closed by its maker"),
        other => other,
    }
}

/// What became of an alert.
pub(super) fn alert(word: &str) -> &str {
    match word {
        "open" => say!("report alert|open"),
        "acknowledged" => say!("report alert|acknowledged"),
        "assigned" => say!("report alert|assigned"),
        "snoozed" => say!("report alert|snoozed"),
        "closed" => say!("report alert|closed"),
        "false_positive" => say!("report alert|false positive"),
        other => other,
    }
}

/// How far a node is with a scan.
pub(super) fn stage(word: &str) -> &str {
    match word {
        "ordered" => say!("scan|ordered"),
        "running" => say!("scan|running"),
        "fetching" => say!("scan|fetching"),
        "finished" => say!("scan|finished"),
        "refused" => say!("scan|refused"),
        "failed" => say!("scan|failed"),
        "cancelling" => say!("scan|cancelling"),
        "cancelled" => say!("scan|cancelled"),
        "expired" => say!("scan|expired"),
        other => other,
    }
}

/// A part of a score.
pub(super) fn part(word: &str) -> &str {
    match word {
        "exploited" => say!("Exploited elsewhere"),
        "vulnerable" => say!("Other vulnerabilities"),
        "weak_services" => say!("Weak services"),
        "not_known" => say!("score|Not known"),
        other => other,
    }
}
