//! The page of compliance.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Standards", "Référentiels"),
    (
        "{part} of {whole} controls of {standard} show evidence.",
        "{part} mesures sur {whole} de {standard} sont étayées par des preuves.",
    ),
    (
        "It is evidence for whoever audits, and no certificate.",
        "Ce sont des preuves pour qui audite, et non un certificat.",
    ),
    ("Control", "Mesure"),
    ("Title", "Intitulé"),
    (
        "Evidence, or what would meet it",
        "Preuve, ou ce qui y répondrait",
    ),
    ("control|met", "satisfaite"),
    ("Evidence", "Preuves"),
    ("control|not met", "non satisfaite"),
    ("What would meet it", "Ce qui y répondrait"),
];
