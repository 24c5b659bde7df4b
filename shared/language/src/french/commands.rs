//! Commands to devices.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Command devices", "Commander des appareils"),
    ("Commands", "Commandes"),
    (
        "No device was told to do anything. A command restarts the service that a node runs, collects the node's log, or scans its subnets.",
        "Aucun appareil n’a reçu de commande. Une commande redémarre le service qu’un nœud fait tourner, recueille le journal du nœud, ou analyse ses sous-réseaux.",
    ),
    ("the coordinator", "le coordinateur"),
    ("the administrators", "les administrateurs"),
    ("Command", "Commande"),
    ("command|For", "Pour"),
    ("command|Given", "Donnée"),
    ("command|Done", "Faite"),
    ("Command: {kind}", "Commande : {kind}"),
    ("{when} by {who}", "{when} par {who}"),
    ("Nobody begins after", "Plus de début après"),
    ("Signed by", "Signée par"),
    ("Answers", "Réponses"),
    (
        "It speaks to no device.",
        "Elle ne s’adresse à aucun appareil.",
    ),
    (
        "Each answer stands in the log that the device signs. What it sends was sealed by it and is opened here.",
        "Chaque réponse figure dans le journal que l’appareil signe. Ce qu’il envoie a été scellé par lui et est ouvert ici.",
    ),
    ("draft {number}", "brouillon {number}"),
    ("Answer", "Réponse"),
    ("Result", "Résultat"),
    ("Read it", "Lire"),
    (
        "It was told to do nothing lately.",
        "Aucune commande récente.",
    ),
    ("Command it", "Le commander"),
    (
        "`restart`: the service that the node runs from its slot. `logs`: the node's newest log lines. `scan`: the subnets it is in.",
        "`restart` : le service que le nœud fait tourner depuis son emplacement. `logs` : les dernières lignes de journal du nœud. `scan` : les sous-réseaux où il se trouve.",
    ),
    (
        "`class:camera`, `cell:NAME` or `device:ID`, with the id as the device page shows it.",
        "`class:camera`, `cell:NOM` ou `device:ID`, avec l’identifiant que montre la page de l’appareil.",
    ),
    (
        "Minutes in which it may be begun",
        "Minutes pendant lesquelles elle peut commencer",
    ),
    (
        "1440 at most where the coordinator signs it, 30 days where administrators do.",
        "1440 au plus si le coordinateur la signe, 30 jours si ce sont des administrateurs.",
    ),
    (
        "`coordinator`, where the settings of the devices let it; or `administrators`.",
        "`coordinator`, si les réglages des appareils le permettent ; ou `administrators`.",
    ),
    ("Give the command", "Donner la commande"),
    (
        "A device does it once and answers in its log. Devices are wiped where they are retired, with an administrator's key.",
        "Un appareil l’exécute une fois et répond dans son journal. L’effacement d’un appareil se fait lors de son retrait, avec la clé d’un administrateur.",
    ),
    ("command|restart", "redémarrage"),
    ("command|logs", "journaux"),
    ("command|scan", "analyse"),
    ("command|wipe", "effacement"),
    ("command|unknown", "inconnue"),
    ("answer|open", "en attente"),
    ("answer|silent", "sans réponse"),
    ("answer|done", "fait"),
    ("answer|refused", "refusé"),
    ("answer|failed", "échoué"),
];
