//! The rules that come with the coordinator.

use crate::sigma::{Rule, RuleError};

/// Name and text of each.
pub const FILES: [(&str, &str); 6] = [
    ("failed_logins", include_str!("../rules/failed_logins.yml")),
    ("new_user", include_str!("../rules/new_user.yml")),
    ("sudo_failures", include_str!("../rules/sudo_failures.yml")),
    (
        "kernel_trouble",
        include_str!("../rules/kernel_trouble.yml"),
    ),
    ("kernel_module", include_str!("../rules/kernel_module.yml")),
    (
        "firmware_messages",
        include_str!("../rules/firmware_messages.yml"),
    ),
];

/// All of them, read.
pub fn rules() -> Result<Vec<Rule>, RuleError> {
    FILES
        .iter()
        .map(|(name, text)| Rule::parse(name, text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::try_out;

    #[test]
    fn every_rule_reads_and_does_what_its_own_tests_say() {
        let rules = rules().expect("they read");
        assert_eq!(rules.len(), FILES.len());
        for rule in rules {
            assert!(rule.tests.len() > 1, "{} has no tests", rule.name);
            assert!(rule.tests.iter().any(|case| case.hits > 0), "{}", rule.name);
            assert!(
                rule.tests.iter().any(|case| case.hits == 0),
                "{}",
                rule.name
            );
            assert!(
                rule.stops.is_some(),
                "{} says not what makes it stop",
                rule.name
            );
            assert_eq!(try_out(&rule), Ok(()), "{}", rule.name);
        }
    }
}
