//! What a run is judged by: checks whose names say when they must hold.

/// One check: `anytime_` holds after every step, `eventually_` within a bound, `finally_` at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Held,
    Broken { why: String },
}

impl Check {
    /// Judges by a count of violations.
    pub fn none(name: &'static str, violations: u64, of: &str) -> Self {
        let verdict = match violations {
            0 => Verdict::Held,
            count => Verdict::Broken {
                why: format!("{count} {of}"),
            },
        };
        Self { name, verdict }
    }

    /// Judges by a condition that is explained only where it fails.
    pub fn that(name: &'static str, holds: bool, why: impl FnOnce() -> String) -> Self {
        let verdict = if holds {
            Verdict::Held
        } else {
            Verdict::Broken { why: why() }
        };
        Self { name, verdict }
    }

    pub fn held(&self) -> bool {
        self.verdict == Verdict::Held
    }
}
