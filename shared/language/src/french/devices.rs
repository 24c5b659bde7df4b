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
        "Nothing fits search, filter, class and status together.",
        "Rien ne correspond à la fois à la recherche, au filtre, à la classe et à l’état.",
    ),
    ("Without filter", "Sans filtre"),
    ("Without a node", "Sans nœud"),
    ("With findings", "Avec des constats"),
    ("Quiet for a day", "Muets depuis un jour"),
    ("device|Site", "Site"),
    ("Change site and tags", "Modifier le site et les étiquettes"),
    ("Site and tags", "Site et étiquettes"),
    ("Site and tags of {name}", "Site et étiquettes de {name}"),
    ("Back to the device", "Retour à l’appareil"),
    (
        "The place it stands at, in one line. Empty for none.",
        "Le lieu où il se trouve, sur une ligne. Vide s’il n’y en a pas.",
    ),
    (
        "Words with commas between them, such as `floor2, night shift`: at most 32.",
        "Des mots séparés par des virgules, par exemple `etage2, equipe de nuit` : 32 au plus.",
    ),
    ("verb|Save", "Enregistrer"),
    (
        "Empty for the name that it gives itself.",
        "Vide pour le nom qu’il se donne lui-même.",
    ),
    (
        "Decides how gently it is treated: `plc` and `medical` are not scanned unasked. Empty leaves it as it is.",
        "Détermine avec quelle douceur on le traite : `plc` et `medical` ne sont pas analysés sans qu’on le demande. Vide, elle reste comme elle est.",
    ),
    (
        "What is said of {name} is kept.",
        "Ce qui est dit de {name} est gardé.",
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
