//! The state of a device: always an icon, a word and a colour together.

use language::say;
use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Online,
    /// There, and late again and again.
    Degraded,
    Silent,
    /// Asks to join and waits for a person.
    Pending,
    /// Enrolled, but no witness has heard it yet.
    NeverHeard,
    Retired,
}

impl Status {
    pub const ALL: [Self; 6] = [
        Self::Online,
        Self::Degraded,
        Self::Silent,
        Self::Pending,
        Self::NeverHeard,
        Self::Retired,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Online => say!("Online"),
            Self::Degraded => say!("Degraded"),
            Self::Silent => say!("Silent"),
            Self::Pending => say!("Pending"),
            Self::NeverHeard => say!("Not yet heard"),
            Self::Retired => say!("Retired"),
        }
    }

    /// The name in URLs and class names.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Degraded => "degraded",
            Self::Silent => "silent",
            Self::Pending => "pending",
            Self::NeverHeard => "unheard",
            Self::Retired => "retired",
        }
    }

    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.slug() == slug)
    }

    /// What the state means, for people who meet it first.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Online => say!("Its witnesses hear it."),
            Self::Degraded => say!("It is there, and comes late again and again."),
            Self::Silent => say!("Its witnesses have stopped hearing it."),
            Self::Pending => say!("It asks to join and waits for your decision."),
            Self::NeverHeard => say!("Enrolled; no witness has heard it yet."),
            Self::Retired => say!("Its membership is revoked; every node refuses it."),
        }
    }
}

/// Icon and word, in the colour of the state.
pub fn badge(status: Status) -> Markup {
    html! {
        span.status.(status.slug()) { (icon(status)) (status.word()) }
    }
}

/// The icon alone, for places where the word stands beside it already.
pub fn icon(status: Status) -> Markup {
    html! {
        svg.icon.(status.slug()) viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" { (glyph(status)) }
    }
}

/// The shapes of the icon in a box of 16 by 16, to be placed in a drawing.
pub fn glyph(status: Status) -> Markup {
    match status {
        Status::Online => html! {
            circle.fill cx="8" cy="8" r="7" {}
            path.mark d="M4.8 8.2l2.2 2.2 4.2-4.6" {}
        },
        Status::Degraded => html! {
            circle.fill cx="8" cy="8" r="7" {}
            path.mark d="M8 4.2V8.2l2.6 1.8" {}
        },
        Status::Silent => html! {
            path.fill d="M8 .8 15.6 14.6H.4z" {}
            path.mark d="M8 5.6v4M8 11.9v.1" {}
        },
        Status::Pending => html! {
            circle.line cx="8" cy="8" r="6.2" {}
            path.line d="M8 4.4V8l2.4 1.6" {}
        },
        Status::NeverHeard => html! {
            circle.line.dashed cx="8" cy="8" r="6.2" {}
        },
        Status::Retired => html! {
            circle.line cx="8" cy="8" r="6.2" {}
            path.line d="M5 8h6" {}
        },
    }
}
