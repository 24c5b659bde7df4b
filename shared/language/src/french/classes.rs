//! Classes of devices.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Classes of devices", "Classes d’appareils"),
    ("Classes", "Classes"),
    (
        "A class decides how a device is treated. What stands here is what is enforced; each class says where.",
        "Une classe décide comment un appareil est traité. Ce qui figure ici est ce qui est appliqué ; chaque classe dit où.",
    ),
    ("classes|Members", "Membres"),
    ("classes|Without a node", "Sans nœud"),
    ("classes|Set here", "Réglé ici"),
    ("classes|as usual", "comme d’habitude"),
    ("Active scans", "Analyses actives"),
    ("quarantine|never", "jamais"),
    ("quarantine|never, by the charter", "jamais, par la charte"),
    ("quarantine|by a person’s order", "sur ordre d’une personne"),
    ("quarantine|also by its neighbours", "aussi par ses voisins"),
    ("scans|yes", "oui"),
    (
        "scans|only by its typed name",
        "seulement par son nom saisi",
    ),
    ("{n} rule tuned", "{n} règle ajustée"),
    ("{n} rules tuned", "{n} règles ajustées"),
    (
        "{n} decision about findings",
        "{n} décision sur des constats",
    ),
    (
        "{n} decisions about findings",
        "{n} décisions sur des constats",
    ),
    ("Class {class}", "Classe {class}"),
    ("Its devices", "Ses appareils"),
    ("What the class decides", "Ce que la classe décide"),
    (
        "What people have set for it",
        "Ce que des personnes ont réglé pour elle",
    ),
    ("Labels of its readings", "Étiquettes de ses mesures"),
    (
        "A label belongs to the field and is the same for every class: it says how far the field may go. All of a reading is sealed under the key of its device.",
        "Une étiquette appartient au champ et est la même pour toutes les classes : elle dit jusqu’où le champ peut aller. Une mesure entière est scellée sous la clé de son appareil.",
    ),
    ("label|public", "public"),
    ("label|internal", "interne"),
    ("label|sensitive", "sensible"),
    ("label|highly sensitive", "très sensible"),
    (
        "By ARP, by an echo request, or at a port that it offers.",
        "Par ARP, par une requête d’écho ou sur un port qu’il offre.",
    ),
    (
        "By ARP alone: nothing else is sent to it. Each guardian judges that itself.",
        "Par ARP seulement : rien d’autre ne lui est envoyé. Chaque gardien en juge lui-même.",
    ),
    (
        "Before all others: the coordinator gives them what it takes.",
        "Avant tous les autres : le coordinateur leur donne ce qu’il faut.",
    ),
    (
        "Only where there are too few gateways.",
        "Seulement là où il y a trop peu de passerelles.",
    ),
    ("Asked whether it is there", "Demandé s’il est là"),
    (
        "Tells people outside",
        "Prévient les personnes à l’extérieur",
    ),
    ("A new one learns", "Un nouveau apprend"),
    (
        "From what most of its class do, as far as the node that watches it knows enough of them; otherwise from its own traffic.",
        "De ce que font la plupart de sa classe, si le nœud qui l’observe en connaît assez ; sinon de son propre trafic.",
    ),
    (
        "Never, neither by order nor by its neighbours: people and plants depend on it. Every node judges that itself.",
        "Jamais, ni sur ordre ni par ses voisins : des personnes et des installations en dépendent. Chaque nœud en juge lui-même.",
    ),
    (
        "Never: the charter exempts the class. Every node judges that itself.",
        "Jamais : la charte exempte la classe. Chaque nœud en juge lui-même.",
    ),
    (
        "By a person’s order, for a day at most. Its neighbours alone hold nobody of this class.",
        "Sur ordre d’une personne, pour un jour au plus. Ses voisins seuls ne retiennent personne de cette classe.",
    ),
    (
        "By a person’s order, and by neighbours that agree: the charter automates the class.",
        "Sur ordre d’une personne, et par des voisins qui s’accordent : la charte automatise la classe.",
    ),
    (
        "Whenever somebody asks for a scan or a schedule does.",
        "Quand quelqu’un ou un horaire demande une analyse.",
    ),
    (
        "Only alone, and only if an administrator types its name. Larger targets leave it out: the coordinator spares it, and the node keeps nmap off it.",
        "Seulement seul, et seulement si un administrateur saisit son nom. Les cibles plus larges le laissent de côté : le coordinateur l’épargne, et le nœud en écarte nmap.",
    ),
    (
        "Nothing of its own: what is set for the fleet holds, or what is usual.",
        "Rien de propre : ce qui est réglé pour la flotte vaut, ou ce qui est habituel.",
    ),
    (
        "No rule is tuned for it.",
        "Aucune règle n’est ajustée pour elle.",
    ),
    ("kind|sensor", "capteur"),
    ("kind|meter", "compteur"),
    ("kind|camera", "caméra"),
    ("kind|plc", "automate"),
    ("kind|medical", "médical"),
    ("kind|vehicle", "véhicule"),
    ("kind|gateway", "passerelle"),
    ("kind|printer", "imprimante"),
    ("kind|phone", "téléphone"),
    ("kind|computer", "ordinateur"),
    ("kind|other", "autre"),
];
