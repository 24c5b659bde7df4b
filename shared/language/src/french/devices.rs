//! The list of devices, and how they join.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Add device", "Ajouter un appareil"),
    (
        "You get one line to run on the device. It works once, for one hour.",
        "Vous obtenez une ligne à exécuter sur l’appareil. Elle ne sert qu’une fois, pendant une heure.",
    ),
    (
        "What people will call it, such as “Boiler room”.",
        "Le nom qu’on lui donnera, par exemple « Chaufferie ».",
    ),
    (
        "Decides rules and scans: camera, plc, meter, server.",
        "Détermine les règles et les analyses : `camera`, `plc`, `meter`, `server`.",
    ),
    (
        "The site or network segment it lives in.",
        "Le site ou le segment de réseau où il se trouve.",
    ),
    ("Make join line", "Créer la ligne d’adhésion"),
    ("Join a device", "Faire adhérer un appareil"),
    ("Join {name}", "Faire adhérer {name}"),
    (
        "The line was shown once and is not kept. If it is lost, {link}.",
        "La ligne a été affichée une fois et n’est pas conservée. Si elle est perdue, {link}.",
    ),
    ("make a new one", "en créer une autre"),
    (
        "QR code of the join string",
        "Code QR de la chaîne d’adhésion",
    ),
    (
        "Or scan: the code holds the part that begins with {start}.",
        "Ou scanner : le code contient la partie qui commence par {start}.",
    ),
    (
        "Waiting for the device to connect…",
        "En attente de la connexion de l’appareil…",
    ),
    (
        "Connected from {address}; waiting until its neighbours hear it.",
        "Connecté depuis {address} ; en attente que ses voisins l’entendent.",
    ),
    ("{device} is online.", "{device} est en ligne."),
    (
        "The line has expired unused. {link}.",
        "La ligne a expiré sans avoir servi. {link}.",
    ),
    ("Make a new one", "En créer une autre"),
    ("Line expires", "Expiration de la ligne"),
    (
        "Run this on the device. It carries the address of the coordinator, its key to check, and a secret that works once.",
        "À exécuter sur l’appareil. La ligne contient l’adresse du coordinateur, sa clé à vérifier et un secret à usage unique.",
    ),
    ("Join line", "Ligne d’adhésion"),
    ("Name, address, version", "Nom, adresse, version"),
    ("All classes", "Toutes les classes"),
    ("CPU, 1 h", "CPU, 1 h"),
    ("Show all devices", "Afficher tous les appareils"),
    ("No device matches", "Aucun appareil ne correspond"),
    (
        "Nothing fits the search, class and status together.",
        "Rien ne correspond à la fois à la recherche, à la classe et à l’état.",
    ),
    (
        "Add the first one: a line to run on it, or a code to scan.",
        "Ajouter le premier : une ligne à y exécuter, ou un code à scanner.",
    ),
    (
        "Ask an operator to add one.",
        "Demander à un opérateur d’en ajouter un.",
    ),
    ("No devices yet", "Aucun appareil pour l’instant"),
    ("Approve device", "Approuver un appareil"),
    ("Approve {name}?", "Approuver {name} ?"),
    (
        "{state} asked {when} from {address}",
        "{state} Demande faite {when} depuis {address}",
    ),
    (
        "Compare this code with the one on the device. If they differ, somebody stands between: reject.",
        "Comparer ce code avec celui de l’appareil. S’ils diffèrent, quelqu’un s’interpose : refuser.",
    ),
    ("Code to compare", "Code à comparer"),
    ("Calls itself", "Se nomme"),
    ("An operator decides this.", "Un opérateur en décide."),
    (
        "The codes match: approve",
        "Les codes concordent : approuver",
    ),
    ("Reject", "Refuser"),
    ("waits for approval", "attend une approbation"),
    ("its metadata has ended", "ses métadonnées ont pris fin"),
    ("admitted, not heard yet", "admis, pas encore entendu"),
];
