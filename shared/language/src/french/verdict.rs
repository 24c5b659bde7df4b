//! What witnesses say of a device.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Suspected by its witnesses", "Soupçonné par ses témoins"),
    (
        "Some witnesses suspect it",
        "Certains témoins le soupçonnent",
    ),
    (
        "{state} until {when}: {reason}.",
        "{state} jusqu’au {when} : {reason}.",
    ),
    ("In quarantine", "En quarantaine"),
    (
        "Neighbours go on watching it and pass on its alerts; they take nothing else from it. A gateway's console can end this on the spot: {command}.",
        "Ses voisins continuent de le surveiller et de transmettre ses alertes ; ils n’acceptent rien d’autre de lui. La console d’une passerelle peut y mettre fin sur-le-champ : {command}.",
    ),
    (
        "The button to clear it is below.",
        "Le bouton pour le disculper se trouve plus bas.",
    ),
    ("Quarantine", "Quarantaine"),
    (
        "It ends by itself after a day.",
        "Elle prend fin d’elle-même après un jour.",
    ),
    ("Clear {name}", "Disculper {name}"),
    (
        "For a day neighbours take nothing from it but its signs of life, its log and its alerts. It stays a member. Exempt classes and gateways are never held, and only a share of the fleet at once.",
        "Pendant un jour, ses voisins n’acceptent de lui que ses signes de vie, son journal et ses alertes. Il reste membre. Les classes exemptées et les passerelles ne sont jamais retenues, et seulement une part du parc à la fois.",
    ),
    ("Quarantine {name}", "Mettre {name} en quarantaine"),
    (
        "{witness} signed {when}: {what}",
        "{witness} a signé {when} : {what}",
    ),
    ("seen {n} time by itself", "vu {n} fois par lui-même"),
    ("seen {n} times by itself", "vu {n} fois par lui-même"),
    ("See the proof against it", "Voir la preuve contre lui"),
    ("Latest silence", "Dernier silence"),
    ("Back {when}.", "De retour {when}."),
    ("Last seen {when}", "Vu pour la dernière fois : {when}"),
    (
        "What it knows of releases and settings ended {when}. It goes on with the last good, and takes no new order until something newer reaches it.",
        "Ce qu’il sait des versions et des paramètres a pris fin {when}. Il continue avec les dernières valides et n’accepte aucun nouvel ordre avant que quelque chose de plus récent ne lui parvienne.",
    ),
    ("Silent with it", "Silencieux avec lui"),
    ("one| and {n} more", " et {n} autre"),
    ("many| and {n} more", " et {n} autres"),
    (
        "claimed: only the device says so",
        "déclaré : seul l’appareil le dit",
    ),
    ("seen by {some} of {all}", "vu par {some} sur {all}"),
    ("proven", "prouvé"),
    ("hardware-proven", "prouvé par le matériel"),
    ("stale since {when}", "périmé, dernière fois {when}"),
    ("not visible from here", "invisible d’ici"),
    (
        "No witness has reported on it.",
        "Aucun témoin n’en a rendu compte.",
    ),
    (
        "{some} of {all} witnesses hold it to be silent",
        "{some} témoins sur {all} le tiennent pour silencieux",
    ),
    (
        "Heard by {some} of {all} witnesses",
        "Entendu par {some} témoins sur {all}",
    ),
    (
        "A certificate: {quorum} are needed, fewer where witnesses are down themselves.",
        "Un certificat : il en faut {quorum}, moins là où des témoins sont eux-mêmes arrêtés.",
    ),
    (
        "A certificate: {quorum} are needed.",
        "Un certificat : il en faut {quorum}.",
    ),
    ("A certificate.", "Un certificat."),
    (
        "No certificate: {quorum} are needed.",
        "Pas de certificat : il en faut {quorum}.",
    ),
    (
        "The mesh is too small for a certificate.",
        "Le maillage est trop petit pour un certificat.",
    ),
    (
        "{witness} signed {when} that it is silent",
        "{witness} a signé {when} qu’il est silencieux",
    ),
    (
        "liveness probe without answer",
        "sonde de présence sans réponse",
    ),
    ("{witness} hears it, {when}", "{witness} l’entend, {when}"),
    ("lately", "récemment"),
    (
        "{witness} last heard it {when}",
        "{witness} l’a entendu pour la dernière fois {when}",
    ),
    (
        "{witness} has said nothing of it",
        "{witness} n’en a rien dit",
    ),
];
