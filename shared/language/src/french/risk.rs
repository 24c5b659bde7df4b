//! What to do next about findings.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Look at the filters between the two nodes, and at whether the device answers for itself.",
        "Examiner les filtres entre les deux nœuds, et si l’appareil répond pour lui-même.",
    ),
    (
        "Update to {version} or later: it is without {id}.",
        "Mettre à jour vers {version} ou plus récent : sans {id}.",
    ),
    (
        "Ask the maker for a version without {id}, or shut the service off.",
        "Demander au fabricant une version sans {id}, ou couper le service.",
    ),
    (", until {day}", ", jusqu’au {day}"),
];
