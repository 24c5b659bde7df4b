//! The interface for programs.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Interface for programs", "Interface pour les programmes"),
    ("Try it", "Essayer"),
    (
        "JSON over this same address. Send `Authorization: Bearer plsd_pat_…`; a token is made by `palisade-coordinator token api NAME`.",
        "JSON à cette même adresse. Envoyer `Authorization: Bearer plsd_pat_…` ; un jeton s’obtient par `palisade-coordinator token api NOM`.",
    ),
    ("Operation", "Opération"),
    ("What it does", "Ce qu’elle fait"),
    ("Needs", "Demande"),
    ("Try the interface", "Essayer l’interface"),
    ("All operations", "Toutes les opérations"),
    (
        "What you try here is done, with your rights.",
        "Ce que vous essayez ici est exécuté, avec vos droits.",
    ),
    (
        "This page needs scripts. The {list} does not.",
        "Cette page a besoin de scripts. La {list} s’en passe.",
    ),
    ("list of operations", "liste des opérations"),
];
