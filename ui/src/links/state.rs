//! What a page keeps in its query: filters, orders, ranges and modes, read and written in one place.

use super::query;

/// The state of the device list, all of it kept in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Slug of a [`crate::parts::status::Status`].
    pub status: Option<String>,
    pub class: Option<String>,
    /// [`super::STALE`].
    pub metadata: Option<String>,
    pub search: Option<String>,
    /// In the filter language.
    pub filter: Option<String>,
    pub sort: Sort,
    /// Opaque cursor of the page after which this one starts.
    pub after: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    #[default]
    Name,
    Status,
    LastSeen,
    Cpu,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub direction: Direction,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Range {
    Hour,
    #[default]
    Day,
    Month,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MeshMode {
    #[default]
    Map,
    Table,
}

impl Sort {
    /// Reads `name` or `-last_seen`; anything else is the default order.
    pub fn parse(text: &str) -> Self {
        let (direction, key) = match text.strip_prefix('-') {
            Some(rest) => (Direction::Descending, rest),
            None => (Direction::Ascending, text),
        };
        let key = [
            SortKey::Name,
            SortKey::Status,
            SortKey::LastSeen,
            SortKey::Cpu,
        ]
        .into_iter()
        .find(|candidate| candidate.slug() == key);
        key.map_or_else(Self::default, |key| Self { key, direction })
    }

    pub fn slug(self) -> String {
        let sign = if self.direction == Direction::Descending {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.key.slug())
    }

    /// The order a click on the heading of `key` asks for.
    pub fn toggled(self, key: SortKey) -> Self {
        let direction = match self.direction {
            Direction::Ascending if self.key == key => Direction::Descending,
            _ => Direction::Ascending,
        };
        Self { key, direction }
    }
}

impl SortKey {
    pub fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::LastSeen => "last_seen",
            Self::Cpu => "cpu",
        }
    }
}

impl Range {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    pub fn parse(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|range| range.slug() == text)
            .unwrap_or_default()
    }

    pub fn slug(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Month => "30d",
        }
    }

    pub fn span_ms(self) -> u64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Month => 30 * 86_400_000,
        }
    }
}

impl MeshMode {
    pub fn parse(text: &str) -> Self {
        if text == "table" {
            Self::Table
        } else {
            Self::Map
        }
    }

    pub fn slug(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Table => "table",
        }
    }
}

impl DeviceFilter {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let texts = [
            (query::STATUS, &self.status),
            (query::CLASS, &self.class),
            (query::METADATA, &self.metadata),
            (query::SEARCH, &self.search),
            (query::FILTER, &self.filter),
            (query::AFTER, &self.after),
        ];
        for (name, value) in texts {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                pairs.push((name, value.clone()));
            }
        }
        if self.sort != Sort::default() {
            pairs.push((query::SORT, self.sort.slug()));
        }
        pairs
    }

    /// The same list, narrowed to one status (or to none), from its first page.
    pub fn with_status(&self, status: Option<&str>) -> Self {
        Self {
            status: status.map(str::to_owned),
            after: None,
            ..self.clone()
        }
    }

    /// What a form of the list does not ask for itself, but for the field that it does ask for.
    pub fn kept(&self, asked: &[&str]) -> Vec<(&'static str, String)> {
        let mut pairs = self.with_after(None).pairs();
        pairs.retain(|(name, _)| !asked.contains(name));
        pairs
    }

    /// The same list, narrowed to devices whose metadata has ended, or not.
    pub fn with_metadata(&self, metadata: Option<&str>) -> Self {
        Self {
            metadata: metadata.map(str::to_owned),
            after: None,
            ..self.clone()
        }
    }

    pub fn with_sort(&self, sort: Sort) -> Self {
        Self {
            sort,
            after: None,
            ..self.clone()
        }
    }

    pub fn with_after(&self, after: Option<&str>) -> Self {
        Self {
            after: after.map(str::to_owned),
            ..self.clone()
        }
    }

    /// Whether anything but the order narrows the list.
    pub fn narrows(&self) -> bool {
        let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let narrowed = [
            &self.status,
            &self.class,
            &self.metadata,
            &self.search,
            &self.filter,
        ];
        narrowed.into_iter().any(set)
    }
}

/// The state of the list of alerts, all of it kept in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// A state's word, `current` or `all`.
    pub state: Option<String>,
    /// At least so grave.
    pub severity: Option<String>,
    pub device: Option<String>,
    pub rule: Option<String>,
    pub incident: Option<String>,
    /// Opaque cursor of the page after which this one starts.
    pub after: Option<String>,
}

impl AlertFilter {
    /// Those that are open and at least so grave.
    pub fn open(severity: &str) -> Self {
        Self {
            state: Some("open".to_owned()),
            severity: Some(severity.to_owned()),
            ..Self::default()
        }
    }

    pub fn all() -> Self {
        Self {
            state: Some("all".to_owned()),
            ..Self::default()
        }
    }

    /// Everything of one incident.
    pub fn incident(number: u64) -> Self {
        Self {
            incident: Some(number.to_string()),
            ..Self::all()
        }
    }

    pub fn with_after(&self, after: Option<&str>) -> Self {
        Self {
            after: after.map(str::to_owned),
            ..self.clone()
        }
    }

    /// Whether anything narrows the list.
    pub fn narrows(&self) -> bool {
        self.with_after(None) != Self::default()
    }

    /// What the filter's form does not ask for itself.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let texts = [
            (query::DEVICE, &self.device),
            (query::RULE, &self.rule),
            (query::INCIDENT, &self.incident),
        ];
        set(&texts)
    }

    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let texts = [
            (query::STATE, &self.state),
            (query::SEVERITY, &self.severity),
        ];
        let mut pairs = set(&texts);
        pairs.extend(self.kept());
        pairs.extend(set(&[(query::AFTER, &self.after)]));
        pairs
    }
}

fn set(texts: &[(&'static str, &Option<String>)]) -> Vec<(&'static str, String)> {
    let set = texts.iter().filter_map(|(name, value)| {
        let value = value.as_ref().filter(|value| !value.is_empty())?;
        Some((*name, value.clone()))
    });
    set.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_on_a_heading_turns_the_order_around() {
        let once = Sort::default().toggled(SortKey::Cpu);
        assert_eq!(
            (once.slug(), once.toggled(SortKey::Cpu).slug()),
            ("cpu".into(), "-cpu".into())
        );
        assert_eq!(
            Sort::parse(&once.toggled(SortKey::Cpu).slug()),
            once.toggled(SortKey::Cpu)
        );
        assert_eq!(Sort::parse("-nonsense"), Sort::default());
    }
}
