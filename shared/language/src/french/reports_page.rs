//! Reports that are kept, and schedules.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Reports", "Rapports"),
    ("Compliance", "Conformité"),
    ("Make one", "En établir un"),
    ("No reports", "Aucun rapport"),
    (
        "A report is a PDF or a CSV of what is known at one moment, signed by this coordinator.",
        "Un rapport est un PDF ou un CSV de ce qui est connu à un instant, signé par ce coordinateur.",
    ),
    ("How a report is verified", "Comment vérifier un rapport"),
    (
        "Its last line holds the SHA-256 of everything before it, and this coordinator's signature over that. `palisade-coordinator report verify FILE` checks both, on any machine with `--key`:",
        "Sa dernière ligne contient le SHA-256 de tout ce qui précède, et la signature de ce coordinateur sur celui-ci. `palisade-coordinator report verify FICHIER` vérifie les deux, sur toute machine avec `--key` :",
    ),
    ("report|About", "Sujet"),
    (
        "Device, of a device report",
        "Appareil, pour un rapport d’appareil",
    ),
    ("report|As", "Format"),
    ("Make the report", "Établir le rapport"),
    ("Made (UTC)", "Établi (UTC)"),
    ("Bytes", "Octets"),
    ("File", "Fichier"),
    ("Schedules", "Calendriers"),
    (
        "No report is made by itself.",
        "Aucun rapport n’est établi de lui-même.",
    ),
    (
        "{kind} as {format}, {often}, next {when}",
        "{kind} en {format}, {often}, prochain {when}",
    ),
    (
        "Remove schedule {number}",
        "Supprimer le calendrier {number}",
    ),
    ("How often", "À quelle fréquence"),
    ("Make it again and again", "L’établir régulièrement"),
    ("report|fleet", "parc"),
    ("report|device", "appareil"),
    ("report|scan", "analyse"),
    ("report|incident", "incident"),
    ("report|audit", "audit"),
    ("report|compliance", "conformité"),
    ("report|daily", "chaque jour"),
    ("report|weekly", "chaque semaine"),
    ("report|monthly", "chaque mois"),
];
