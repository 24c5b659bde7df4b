//! The page of the coordinator's own health.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("judgement|Fine", "Bien"),
    ("judgement|Look at it", "À examiner"),
    ("judgement|Act", "Agir"),
    ("System", "Système"),
    ("Look again", "Actualiser"),
    ("Says", "Observation"),
    ("What to do", "Que faire"),
    (
        "Everything that is kept is checked once a night, and after an unclean stop; a check that finds something raises an alert.",
        "Tout ce qui est conservé est vérifié une fois par nuit, et après un arrêt brutal ; une vérification qui trouve quelque chose lève une alerte.",
    ),
    (
        "The coordinator is well: nothing is to be done.",
        "Le coordinateur va bien : il n’y a rien à faire.",
    ),
    (
        "{acts} to act on, {looks} to look at, {fine} fine.",
        "{acts} à traiter, {looks} à examiner, {fine} en ordre.",
    ),
];
