//! Provisions of ETSI EN 303 645.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "No universal default passwords",
        "Pas de mots de passe universels par défaut",
    ),
    (
        "Authentication uses best practice cryptography",
        "L’authentification utilise une cryptographie conforme aux bonnes pratiques",
    ),
    (
        "Brute force on network interfaces is impracticable",
        "La force brute sur les interfaces réseau est impraticable",
    ),
    (
        "A vulnerability disclosure policy is published",
        "Une politique de divulgation des vulnérabilités est publiée",
    ),
    (
        "The maker publishes one; keep its address with the device.",
        "Le fabricant en publie une ; garder son adresse avec l’appareil.",
    ),
    (
        "Disclosed vulnerabilities are acted on in a timely manner",
        "Les vulnérabilités divulguées sont traitées en temps utile",
    ),
    (
        "Vulnerabilities are monitored continually",
        "Les vulnérabilités sont suivies en continu",
    ),
    (
        "Software components can be updated securely",
        "Les composants logiciels peuvent être mis à jour de façon sûre",
    ),
    (
        "An update mechanism is there and allows secure installation",
        "Un mécanisme de mise à jour existe et permet une installation sûre",
    ),
    (
        "The device checks for updates after initialization, and periodically",
        "L’appareil cherche des mises à jour après son initialisation, puis périodiquement",
    ),
    (
        "Security updates are timely",
        "Les mises à jour de sécurité arrivent en temps utile",
    ),
    (
        "Authenticity and integrity of updates are verified",
        "L’authenticité et l’intégrité des mises à jour sont vérifiées",
    ),
    (
        "The support period is published",
        "La durée de prise en charge est publiée",
    ),
    (
        "The maker publishes it; note it with the device.",
        "Le fabricant la publie ; la noter avec l’appareil.",
    ),
    (
        "Sensitive security parameters are stored securely",
        "Les paramètres de sécurité sensibles sont stockés de façon sûre",
    ),
    (
        "No hard-coded critical security parameters",
        "Pas de paramètres de sécurité critiques codés en dur",
    ),
    (
        "The maker shows it for the device; each node makes keys of its own.",
        "Le fabricant le montre pour l’appareil ; chaque nœud crée ses propres clés.",
    ),
    (
        "Communication is secure by best practice cryptography",
        "Les communications sont protégées par une cryptographie conforme aux bonnes pratiques",
    ),
    (
        "Security changes need authentication",
        "Les changements de sécurité exigent une authentification",
    ),
    (
        "Unused network interfaces are disabled",
        "Les interfaces réseau inutilisées sont désactivées",
    ),
    (
        "Unauthenticated disclosure of information is minimized",
        "La divulgation d’informations sans authentification est réduite au minimum",
    ),
    (
        "Software is verified by secure boot",
        "Le logiciel est vérifié par un démarrage sécurisé",
    ),
    (
        "Use devices with verified boot.",
        "Utiliser des appareils à démarrage vérifié.",
    ),
    (
        "An unauthorized change is told, and the device limits its connections",
        "Un changement non autorisé est signalé, et l’appareil limite ses connexions",
    ),
    (
        "Confidentiality of sensitive personal data in transit",
        "Confidentialité des données personnelles sensibles en transit",
    ),
    ("Resilience against outages", "Résilience face aux pannes"),
    (
        "Telemetry is examined for security anomalies",
        "La télémétrie est examinée à la recherche d’anomalies de sécurité",
    ),
    (
        "Users can erase their data easily",
        "Les utilisateurs peuvent effacer leurs données facilement",
    ),
    (
        "Installation and maintenance need few decisions",
        "L’installation et la maintenance demandent peu de décisions",
    ),
    ("Input is validated", "Les entrées sont validées"),
    (
        "The maker shows it for the device; Palisade fuzzes its own parsers.",
        "Le fabricant le montre pour l’appareil ; Palisade soumet ses propres analyseurs à des essais aléatoires.",
    ),
];
