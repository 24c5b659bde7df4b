//! How much an alert matters: always a mark, a word and a colour together.

use language::say;
use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
    ];

    pub const fn slug(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Info => say!("Info"),
            Self::Low => say!("Low"),
            Self::Medium => say!("Medium"),
            Self::High => say!("High"),
            Self::Critical => say!("Critical"),
        }
    }

    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.slug() == slug)
    }

    /// Bars that are filled, of four.
    const fn bars(self) -> u8 {
        match self {
            Self::Info => 0,
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
            Self::Critical => 4,
        }
    }
}

pub fn badge(severity: Severity) -> Markup {
    html! {
        span.status.severity.(severity.slug()) { (bars(severity)) (severity.word()) }
    }
}

fn bars(severity: Severity) -> Markup {
    html! {
        svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" {
            @for bar in 0..4_u8 {
                rect.(if bar < severity.bars() { "full" } else { "hollow" })
                    x=(1 + bar * 4) y=(11 - bar * 3) width="3" height=(4 + bar * 3) rx="0.5" {}
            }
        }
    }
}
