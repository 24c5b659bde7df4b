//! Safeguards of the HIPAA Security Rule.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Unique user identification",
        "Identification unique des utilisateurs",
    ),
    ("Emergency access procedure", "Procédure d’accès d’urgence"),
    (
        "Write down who may make a new first link on the coordinator's console: palisade-coordinator setup-token.",
        "Noter qui peut créer un nouveau premier lien sur la console du coordinateur : palisade-coordinator setup-token.",
    ),
    ("Automatic logoff", "Déconnexion automatique"),
    (
        "Sessions end by themselves after idling; no page shows a figure of it.",
        "Les sessions prennent fin d’elles-mêmes après inactivité ; aucune page n’en montre un chiffre.",
    ),
    ("Encryption and decryption", "Chiffrement et déchiffrement"),
    ("Audit controls", "Contrôles d’audit"),
    (
        "Mechanism to authenticate electronic protected health information",
        "Mécanisme d’authentification des informations de santé électroniques protégées",
    ),
    (
        "Person or entity authentication",
        "Authentification des personnes ou entités",
    ),
    ("Transmission security", "Sécurité des transmissions"),
    ("Integrity controls", "Contrôles d’intégrité"),
];
