//! Controls of ISO/IEC 27001.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Threat intelligence", "Renseignements sur les menaces"),
    (
        "Inventory of information and other associated assets",
        "Inventaire des informations et autres actifs associés",
    ),
    ("Return of assets", "Restitution des actifs"),
    ("Identity management", "Gestion des identités"),
    (
        "Authentication information",
        "Informations d’authentification",
    ),
    ("Access rights", "Droits d’accès"),
    (
        "Incident management planning and preparation",
        "Planification et préparation de la gestion des incidents",
    ),
    (
        "Assessment and decision on information security events",
        "Évaluation des événements de sécurité de l’information et prise de décision",
    ),
    (
        "Response to information security incidents",
        "Réponse aux incidents de sécurité de l’information",
    ),
    ("Collection of evidence", "Collecte de preuves"),
    (
        "ICT readiness for business continuity",
        "Préparation des TIC pour la continuité d’activité",
    ),
    ("Protection of records", "Protection des enregistrements"),
    (
        "Privacy and protection of PII",
        "Protection de la vie privée et des données à caractère personnel",
    ),
    (
        "Secure disposal or re-use of equipment",
        "Élimination ou recyclage sécurisé du matériel",
    ),
    (
        "User end point devices",
        "Terminaux finaux des utilisateurs",
    ),
    ("Privileged access rights", "Droits d’accès privilégiés"),
    (
        "Information access restriction",
        "Restrictions d’accès aux informations",
    ),
    ("Secure authentication", "Authentification sécurisée"),
    ("Capacity management", "Dimensionnement"),
    (
        "Watch the coordinator's disk; the overview shows the size of the store.",
        "Surveiller le disque du coordinateur ; la vue d’ensemble montre la taille de la base.",
    ),
    (
        "Protection against malware",
        "Protection contre les programmes malveillants",
    ),
    (
        "Management of technical vulnerabilities",
        "Gestion des vulnérabilités techniques",
    ),
    ("Configuration management", "Gestion des configurations"),
    ("Information deletion", "Suppression des informations"),
    (
        "Data leakage prevention",
        "Prévention de la fuite de données",
    ),
    (
        "Watch what leaves the network; Palisade sees it where a node counts flows.",
        "Surveiller ce qui sort du réseau ; Palisade le voit là où un nœud compte les flux.",
    ),
    ("Information backup", "Sauvegarde des informations"),
    ("Logging", "Journalisation"),
    ("Monitoring activities", "Activités de surveillance"),
    ("Clock synchronization", "Synchronisation des horloges"),
    (
        "Run a time service on every device; Palisade tells a clock that is wrong, and sets none.",
        "Faire tourner un service de temps sur chaque appareil ; Palisade signale une horloge fausse, et n’en règle aucune.",
    ),
    (
        "Installation of software on operational systems",
        "Installation de logiciels sur des systèmes opérationnels",
    ),
    ("Networks security", "Sécurité des réseaux"),
    (
        "Security of network services",
        "Sécurité des services réseau",
    ),
    ("Segregation of networks", "Cloisonnement des réseaux"),
    (
        "Security testing in development and acceptance",
        "Tests de sécurité dans le développement et l’acceptation",
    ),
    ("Change management", "Gestion des changements"),
    (
        "Protection of information systems during audit testing",
        "Protection des systèmes d’information pendant les tests d’audit",
    ),
];
