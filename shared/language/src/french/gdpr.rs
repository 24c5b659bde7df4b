//! Articles of the GDPR.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Data minimisation", "Minimisation des données"),
    ("Storage limitation", "Limitation de la conservation"),
    (
        "Integrity and confidentiality",
        "Intégrité et confidentialité",
    ),
    ("Accountability", "Responsabilité"),
    ("Right of access", "Droit d’accès"),
    ("Right to erasure", "Droit à l’effacement"),
    (
        "Data protection by design and by default",
        "Protection des données dès la conception et par défaut",
    ),
    (
        "Records of processing activities",
        "Registre des activités de traitement",
    ),
    (
        "Whoever runs the mesh keeps them; the inventory names what is processed.",
        "Qui exploite le maillage le tient ; l’inventaire nomme ce qui est traité.",
    ),
    (
        "Encryption of personal data",
        "Chiffrement des données à caractère personnel",
    ),
    (
        "Ongoing confidentiality, integrity, availability and resilience",
        "Confidentialité, intégrité, disponibilité et résilience constantes",
    ),
    (
        "Ability to restore availability and access",
        "Capacité de rétablir la disponibilité et l’accès",
    ),
    (
        "Regular testing of the measures",
        "Tests réguliers des mesures",
    ),
    (
        "Notification of a breach to the authority",
        "Notification d’une violation à l’autorité",
    ),
    (
        "Data protection impact assessment",
        "Analyse d’impact relative à la protection des données",
    ),
    (
        "Whoever runs the mesh makes it.",
        "Qui exploite le maillage l’établit.",
    ),
];
