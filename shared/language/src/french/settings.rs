//! Settings of devices.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Other settings", "Autres réglages"),
    ("Settings of devices", "Réglages des appareils"),
    ("settings|Wanted", "Voulu"),
    (
        "Nothing is set: every device does what is usual, a reading every 10 s and accounts every hour.",
        "Rien n’est réglé : chaque appareil fait comme d’ordinaire, une mesure toutes les 10 s et des décomptes toutes les heures.",
    ),
    ("settings|For", "Pour"),
    (
        "Administrators have signed this elsewhere. The most particular line decides, setting by setting.",
        "Des administrateurs ont signé ceci ailleurs. La ligne la plus particulière l’emporte, réglage par réglage.",
    ),
    (
        "{part} of {whole} devices say that they do what is wanted.",
        "{part} appareils sur {whole} disent faire ce qui est voulu.",
    ),
    ("Not there yet", "Pas encore à jour"),
    ("settings|Does", "Fait"),
    (
        "A device that is away hears of it from its neighbours when it comes back.",
        "Un appareil absent l’apprend de ses voisins à son retour.",
    ),
    ("Settings", "Réglages"),
    (
        "`fleet`, `class:camera`, `cell:NAME` or `device:ID`, with the id as the device page shows it.",
        "`fleet`, `class:camera`, `cell:NOM` ou `device:ID`, avec l’identifiant que montre la page de l’appareil.",
    ),
    (
        "Seconds between two readings",
        "Secondes entre deux mesures",
    ),
    (
        "10 to 3600; as usual where it is left empty. Signs of life go on every five seconds.",
        "De 10 à 3600 ; comme d’ordinaire si le champ reste vide. Les signes de vie continuent toutes les cinq secondes.",
    ),
    (
        "Seconds between two accounts",
        "Secondes entre deux décomptes",
    ),
    (
        "600 to 86400; as usual where it is left empty.",
        "De 600 à 86400 ; comme d’ordinaire si le champ reste vide.",
    ),
    (
        "Commands that the coordinator may sign",
        "Commandes que le coordinateur peut signer",
    ),
    (
        "`restart`, `logs`, `scan` or `none`; `restart` and `logs` where it is left empty. Wiping always needs administrators.",
        "`restart`, `logs`, `scan` ou `none` ; `restart` et `logs` si le champ reste vide. L’effacement demande toujours des administrateurs.",
    ),
    ("Prepare it", "Préparer"),
    (
        "Nothing changes before administrators have signed it. Where everything is empty, what was said to this scope is taken back.",
        "Rien ne change avant que des administrateurs l’aient signé. Si tout est vide, ce qui avait été dit à ce périmètre est repris.",
    ),
];
