//! The page of data and how long it is kept.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Data", "Données"),
    ("What is kept", "Ce qui est conservé"),
    ("privacy|What", "Quoi"),
    ("privacy|Kept", "Conservé"),
    ("When somebody is erased", "En cas d’effacement"),
    (
        "Everything of a device or a person as one document: `palisade-coordinator data device ID` and `data person NAME`. A person is erased by removing the account.",
        "Tout ce qui concerne un appareil ou une personne en un seul document : `palisade-coordinator data device ID` et `data person NOM`. Une personne est effacée par la suppression de son compte.",
    ),
    ("Devices that were retired", "Appareils retirés"),
    (
        "None. Only a device that does not belong to the mesh any more can be erased.",
        "Aucun. Seul un appareil qui n’appartient plus au maillage peut être effacé.",
    ),
    ("What it said", "Ce qu’il a dit"),
    (
        "erased: nobody can open it",
        "effacé : personne ne peut l’ouvrir",
    ),
    ("kept until its time", "conservé jusqu’à son terme"),
    ("Id of the device", "Identifiant de l’appareil"),
    ("As the table shows it.", "Tel que le tableau le montre."),
    ("Its name, to be sure", "Son nom, par sûreté"),
    (
        "It stands in the audit log.",
        "Cela figure dans le journal d’audit.",
    ),
    ("Erase what it said", "Effacer ce qu’il a dit"),
    (
        "The key that opens its records is destroyed, and with it every copy of them; figures, lines and habits are removed. What it signed stays, so that the log still verifies. Backups from before hold the key.",
        "La clé qui ouvre ses enregistrements est détruite, et avec elle chacune de leurs copies ; chiffres, lignes et habitudes sont supprimés. Ce qu’il a signé reste, pour que le journal se vérifie encore. Les sauvegardes antérieures contiennent la clé.",
    ),
];
