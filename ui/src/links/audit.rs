//! What the audit page seeks, kept in its URL, and where the same entries are downloaded.

use super::{query, route, with_query};

/// What an entry has to be like; what is empty fits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor: String,
    pub action: String,
    pub object: String,
    /// `2026-11-27`, or an instant.
    pub from: String,
    pub until: String,
}

impl AuditFilter {
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            (query::ACTOR, &self.actor),
            (query::ACTION, &self.action),
            (query::OBJECT, &self.object),
            (query::FROM, &self.from),
            (query::UNTIL, &self.until),
        ];
        let said = all.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| (name, value.clone())).collect()
    }
}

pub fn audit(filter: &AuditFilter, after: Option<&str>) -> String {
    let after = after.map(|after| (query::AFTER, after.to_owned()));
    with_query(route::AUDIT, filter.pairs().into_iter().chain(after))
}

/// The same entries as a file: `csv` or `jsonl`.
pub fn audit_export(filter: &AuditFilter, format: &str) -> String {
    let format = (query::FORMAT, format.to_owned());
    with_query(
        route::AUDIT_EXPORT,
        filter.pairs().into_iter().chain([format]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_stays_in_the_url() {
        let filter = AuditFilter {
            actor: "amina & co".to_owned(),
            until: "2026-11-27".to_owned(),
            ..AuditFilter::default()
        };
        assert_eq!(
            audit(&filter, Some("7")),
            "/audit?actor=amina%20%26%20co&until=2026-11-27&after=7"
        );
        assert_eq!(audit(&AuditFilter::default(), None), "/audit");
        assert_eq!(
            audit_export(&AuditFilter::default(), "csv"),
            "/audit/export?format=csv"
        );
    }
}
