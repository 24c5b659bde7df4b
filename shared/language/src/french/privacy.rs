//! What is kept how long, and what an erasure does to it.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "it is about the mesh, and about nobody",
        "cela concerne le maillage, et personne en particulier",
    ),
    (
        "Records as devices signed them: readings, lists of processes and ports, alerts",
        "Enregistrements tels que les appareils les ont signés : mesures, listes de processus et de ports, alertes",
    ),
    (
        "14 days, and while they are a device's newest word on a topic",
        "14 jours, et tant qu’ils sont le dernier mot d’un appareil sur un sujet",
    ),
    (
        "Where each device's records are, and how they are chained",
        "Où se trouvent les enregistrements de chaque appareil, et comment ils sont chaînés",
    ),
    (
        "as the records; the newest place for good",
        "comme les enregistrements ; le dernier emplacement pour toujours",
    ),
    (
        "numbers and digests alone: with them what is left still verifies",
        "rien que des nombres et des empreintes : avec eux, ce qui reste se vérifie encore",
    ),
    (
        "Figures every ten seconds",
        "Chiffres toutes les dix secondes",
    ),
    ("2 days", "2 jours"),
    ("Figures by five minutes", "Chiffres par cinq minutes"),
    ("40 days", "40 jours"),
    ("Figures by the hour", "Chiffres par heure"),
    ("400 days", "400 jours"),
    (
        "Log lines that devices send",
        "Lignes de journal que les appareils envoient",
    ),
    (
        "the newest 2,000 of each device",
        "les 2 000 plus récentes de chaque appareil",
    ),
    (
        "What devices collected when they were commanded to",
        "Ce que les appareils ont recueilli sur commande",
    ),
    ("with its command", "avec sa commande"),
    (
        "Commands, and what devices answered",
        "Commandes, et ce que les appareils ont répondu",
    ),
    ("the newest 500", "les 500 plus récentes"),
    (
        "whoever commands answers for it; an answer is a word and a digest",
        "qui commande en répond ; une réponse est un mot et une empreinte",
    ),
    (
        "What a device usually does on the network",
        "Ce qu’un appareil fait d’ordinaire sur le réseau",
    ),
    (
        "as long as the member holds it",
        "aussi longtemps que le membre le détient",
    ),
    (
        "What members hear of devices without a node",
        "Ce que les membres entendent des appareils sans nœud",
    ),
    (
        "each member's newest word; the newest 32 events of each device",
        "le dernier mot de chaque membre ; les 32 derniers événements de chaque appareil",
    ),
    (
        "What scans, people and bills of materials say of a device",
        "Ce que les analyses, les personnes et les nomenclatures disent d’un appareil",
    ),
    (
        "the newest; scores 180 days",
        "le plus récent ; les scores 180 jours",
    ),
    (
        "Scans as they were taken in, and jobs",
        "Analyses telles qu’elles ont été reçues, et travaux",
    ),
    (
        "the newest 1,000, their text of 200; 500 jobs",
        "les 1 000 plus récentes, le texte de 200 ; 500 travaux",
    ),
    (
        "a file speaks of many devices: it goes with its number",
        "un fichier parle de nombreux appareils : il disparaît avec son numéro",
    ),
    (
        "Advisories, decisions and lists of parts",
        "Avis, décisions et nomenclatures",
    ),
    (
        "the newest feed; decisions for good",
        "le dernier flux ; les décisions pour toujours",
    ),
    (
        "The data keys of devices, and where they are reached",
        "Les clés de données des appareils, et où les joindre",
    ),
    ("until erased", "jusqu’à l’effacement"),
    (
        "Devices with a key, and what they said of themselves",
        "Appareils à clé, et ce qu’ils ont dit d’eux-mêmes",
    ),
    (
        "until removed; the newest 1,000 readings",
        "jusqu’à la suppression ; les 1 000 dernières mesures",
    ),
    (
        "removed by the order that removes such a device",
        "supprimé par l’ordre qui supprime un tel appareil",
    ),
    (
        "Who belongs to the mesh, and proofs that shut somebody out",
        "Qui appartient au maillage, et les preuves qui excluent quelqu’un",
    ),
    (
        "for good; observations the newest",
        "pour toujours ; les observations les plus récentes",
    ),
    (
        "every member holds the same, and who is shut out has to stay so",
        "chaque membre détient la même chose, et qui est exclu doit le rester",
    ),
    (
        "Alerts, incidents, tuned rules and letters about them",
        "Alertes, incidents, règles ajustées et messages à leur sujet",
    ),
    (
        "90 days after they are over; letters 14 days",
        "90 jours après leur fin ; les messages 14 jours",
    ),
    (
        "they are evidence of incidents, and go with their time",
        "ce sont des preuves d’incidents, qui disparaissent avec leur terme",
    ),
    ("Who did what", "Qui a fait quoi"),
    ("for good", "pour toujours"),
    (
        "whoever changes something answers for it; gateways countersign the log",
        "qui change quelque chose en répond ; des passerelles contresignent le journal",
    ),
    (
        "Accounts, and how people log in",
        "Comptes, et comment les personnes se connectent",
    ),
    (
        "until removed; invitations three days",
        "jusqu’à la suppression ; les invitations trois jours",
    ),
    ("Sessions and tokens", "Sessions et jetons"),
    (
        "sessions a day, grants 30 days, tokens until removed",
        "les sessions un jour, les autorisations 30 jours, les jetons jusqu’à leur suppression",
    ),
    ("the newest 100", "les 100 plus récents"),
    (
        "a report is sealed: it goes with its number",
        "un rapport est scellé : il disparaît avec son numéro",
    ),
    (
        "Firmware, settings and rollouts",
        "Micrologiciels, réglages et déploiements",
    ),
    (
        "the newest; 64 rollouts",
        "le plus récent ; 64 déploiements",
    ),
    (
        "What the store says of itself",
        "Ce que la base dit d’elle-même",
    ),
    (
        "stays as it was signed; the key that opens it is destroyed",
        "reste tel qu’il a été signé ; la clé qui l’ouvre est détruite",
    ),
    ("goes with the device", "disparaît avec l’appareil"),
    ("goes with the account", "disparaît avec le compte"),
    ("stays: {why}", "reste : {why}"),
    ("class|public", "publique"),
    ("class|internal", "interne"),
    ("class|sensitive", "sensible"),
    ("class|highly sensitive", "très sensible"),
];
