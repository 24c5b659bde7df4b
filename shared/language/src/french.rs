//! The French of every text, one file for each area of the product.

mod account;
mod alerts;
mod answers;
mod api;
mod appeal;
mod appeal_words;
mod audit;
mod audit_words;
mod chronicle;
mod classes;
mod commands;
mod common;
mod compliance;
mod compliance_page;
mod delivery;
mod delivery_page;
mod device;
mod devices;
mod en303645;
mod entrance;
mod evidence;
mod findings;
mod firmware;
mod gdpr;
mod happenings;
mod hipaa;
mod iec62443;
mod iso27001;
mod keyed;
mod letters;
mod mesh;
mod neighbours;
mod overview;
mod parts;
mod passkeys;
mod people;
mod privacy;
mod privacy_page;
mod profile;
mod reports;
mod reports_page;
mod risk;
mod rollout_words;
mod rollouts;
mod rotation;
mod said;
mod scan_words;
mod scans;
mod settings;
mod settings_words;
mod shell;
mod silence;
mod system;
mod system_page;
mod verdict;

type Area = &'static [(&'static str, &'static str)];

pub(crate) const AREAS: &[Area] = &[
    account::WORDS,
    alerts::WORDS,
    answers::WORDS,
    api::WORDS,
    appeal::WORDS,
    appeal_words::WORDS,
    audit::WORDS,
    audit_words::WORDS,
    chronicle::WORDS,
    classes::WORDS,
    commands::WORDS,
    common::WORDS,
    compliance::WORDS,
    compliance_page::WORDS,
    delivery::WORDS,
    delivery_page::WORDS,
    device::WORDS,
    devices::WORDS,
    en303645::WORDS,
    entrance::WORDS,
    evidence::WORDS,
    findings::WORDS,
    firmware::WORDS,
    gdpr::WORDS,
    happenings::WORDS,
    hipaa::WORDS,
    iec62443::WORDS,
    iso27001::WORDS,
    keyed::WORDS,
    letters::WORDS,
    mesh::WORDS,
    neighbours::WORDS,
    overview::WORDS,
    parts::WORDS,
    passkeys::WORDS,
    people::WORDS,
    privacy::WORDS,
    privacy_page::WORDS,
    profile::WORDS,
    reports::WORDS,
    reports_page::WORDS,
    risk::WORDS,
    rollout_words::WORDS,
    rollouts::WORDS,
    rotation::WORDS,
    said::WORDS,
    scan_words::WORDS,
    scans::WORDS,
    settings::WORDS,
    settings_words::WORDS,
    shell::WORDS,
    silence::WORDS,
    system::WORDS,
    system_page::WORDS,
    verdict::WORDS,
];

#[cfg(test)]
mod tests {
    use crate::catalogue::ENTRIES;

    const THIN: char = '\u{202f}';

    /// What stands between backticks is typed into a shell, and what is between braces is a name.
    fn prose(text: &str) -> String {
        text.split('`').step_by(2).collect::<Vec<_>>().join("·")
    }

    #[test]
    fn high_punctuation_follows_a_narrow_space() {
        for (english, french) in ENTRIES {
            let text: Vec<char> = prose(french).chars().collect();
            for pair in text.windows(2) {
                if matches!(pair[1], ';' | ':' | '!' | '?' | '»' | '%') {
                    let fits = pair[0] == THIN
                        || (pair[1] == ':'
                            && pair[0].is_ascii_lowercase()
                            && french.contains("://"));
                    assert!(
                        fits,
                        "{english}: a narrow no-break space belongs before {} in {french}",
                        pair[1]
                    );
                }
                if pair[0] == '«' {
                    assert_eq!(pair[1], THIN, "{english}: {french}");
                }
            }
        }
    }

    #[test]
    fn apostrophes_and_quotation_marks_are_french() {
        for (english, french) in ENTRIES {
            let text = prose(french);
            assert!(!text.contains('\''), "{english}: write ’ in {french}");
            assert!(
                !text.contains(['"', '“', '”']),
                "{english}: write « » in {french}"
            );
            assert!(!text.contains("..."), "{english}: write … in {french}");
        }
    }

    #[test]
    fn a_text_begins_and_ends_with_space_where_its_translation_does() {
        for (english, french) in ENTRIES {
            let english_text = english.split_once('|').map_or(*english, |(_, text)| text);
            assert!(!french.is_empty(), "{english}");
            assert_eq!(
                english_text.starts_with(' '),
                french.starts_with(' '),
                "{english:?} and {french:?}"
            );
            assert_eq!(
                english_text.ends_with(' '),
                french.ends_with(' '),
                "{english:?} and {french:?}"
            );
        }
    }
}
