//! Settings of devices in words.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "a reading every {seconds} s",
        "une mesure toutes les {seconds} s",
    ),
    (
        "accounts every {seconds} s",
        "des décomptes toutes les {seconds} s",
    ),
    ("online commands: {kinds}", "commandes en ligne : {kinds}"),
    ("settings|as usual", "comme d’ordinaire"),
];
