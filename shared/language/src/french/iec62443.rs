//! Requirements of IEC 62443.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Human user identification and authentication",
        "Identification et authentification des utilisateurs humains",
    ),
    (
        "Software process and device identification and authentication",
        "Identification et authentification des processus logiciels et des appareils",
    ),
    ("Account management", "Gestion des comptes"),
    ("Identifier management", "Gestion des identifiants"),
    ("Authenticator management", "Gestion des authentifiants"),
    (
        "Public key infrastructure certificates",
        "Certificats d’infrastructure à clés publiques",
    ),
    (
        "Unsuccessful login attempts",
        "Tentatives de connexion infructueuses",
    ),
    (
        "Access via untrusted networks",
        "Accès par des réseaux non fiables",
    ),
    ("Authorization enforcement", "Application des autorisations"),
    ("Mobile code", "Code mobile"),
    ("Auditable events", "Événements auditables"),
    ("Audit storage capacity", "Capacité de stockage des audits"),
    ("Timestamps", "Horodatages"),
    ("Non-repudiation", "Non-répudiation"),
    ("Communication integrity", "Intégrité des communications"),
    (
        "Malicious code protection",
        "Protection contre les codes malveillants",
    ),
    (
        "Software and information integrity",
        "Intégrité des logiciels et des informations",
    ),
    (
        "Protection of audit information",
        "Protection des informations d’audit",
    ),
    (
        "Information confidentiality",
        "Confidentialité des informations",
    ),
    ("Information persistence", "Persistance des informations"),
    ("Network segmentation", "Segmentation du réseau"),
    (
        "Zone boundary protection",
        "Protection des frontières de zone",
    ),
    (
        "Put a firewall between the zones; Palisade is none.",
        "Placer un pare-feu entre les zones ; Palisade n’en est pas un.",
    ),
    (
        "Audit log accessibility",
        "Accessibilité du journal d’audit",
    ),
    ("Continuous monitoring", "Surveillance continue"),
    (
        "Denial of service protection",
        "Protection contre le déni de service",
    ),
    ("Control system backup", "Sauvegarde du système de contrôle"),
    (
        "Control system recovery and reconstitution",
        "Reprise et reconstitution du système de contrôle",
    ),
    (
        "Control system component inventory",
        "Inventaire des composants du système de contrôle",
    ),
    (
        "Support for updates (component)",
        "Prise en charge des mises à jour (composant)",
    ),
    (
        "Provisioning product supplier roots of trust (component)",
        "Mise en place des racines de confiance du fournisseur (composant)",
    ),
    (
        "Integrity of the boot process (component)",
        "Intégrité du processus de démarrage (composant)",
    ),
    (
        "Use devices with verified boot; a node sees its own files only.",
        "Utiliser des appareils à démarrage vérifié ; un nœud ne voit que ses propres fichiers.",
    ),
    (
        "Least functionality (component)",
        "Fonctionnalités minimales (composant)",
    ),
];
