//! What is not there, and what is so already.

pub(super) const WRITTEN: &[(&str, &str)] = &[
    ("there is no such device", "il n’existe pas de tel appareil"),
    ("there is no such operator", "il n’existe pas de tel compte"),
    ("there is no such scan", "il n’existe pas de tel scan"),
    (
        "there is no such rollout",
        "il n’existe pas de tel déploiement",
    ),
    ("there is no such alert", "il n’existe pas de telle alerte"),
    ("there is no such finding", "il n’existe pas de tel constat"),
    (
        "there is no such passkey",
        "il n’existe pas de telle clé d’accès",
    ),
    (
        "there is no such invitation",
        "il n’existe pas de telle invitation",
    ),
    ("there is no such draft", "il n’existe pas de tel brouillon"),
    (
        "there is no such waiting device",
        "il n’existe pas de tel appareil en attente",
    ),
    ("there is no such report", "il n’existe pas de tel rapport"),
    (
        "there is no such join line",
        "il n’existe pas de telle ligne d’adhésion",
    ),
    (
        "there is no such device with a key",
        "il n’existe pas de tel appareil à clé",
    ),
    (
        "there is no such command",
        "il n’existe pas de telle commande",
    ),
    ("there is no such channel", "il n’existe pas de tel canal"),
    (
        "there is no such session",
        "il n’existe pas de telle session",
    ),
    (
        "there is no such second factor",
        "il n’existe pas de tel second facteur",
    ),
    (
        "there is no such schedule",
        "il n’existe pas de tel calendrier",
    ),
    (
        "there is no such data key",
        "il n’existe pas de telle clé de données",
    ),
    (
        "there is no such DDI device",
        "il n’existe pas de tel appareil DDI",
    ),
    (
        "there is no such API token",
        "il n’existe pas de tel jeton d’API",
    ),
    (
        "there is no such word: say allow, undo or stage",
        "il n’existe pas de tel mot : dites allow, undo ou stage",
    ),
    ("there is no such tuning", "il n’existe pas de tel réglage"),
    ("there is no such result", "il n’existe pas de tel résultat"),
    (
        "there is no such proposal: make it on the rotation page",
        "il n’existe pas de telle proposition : faites-la sur la page des rotations",
    ),
    (
        "there is no such framework",
        "il n’existe pas de tel référentiel",
    ),
    ("there is no such class", "il n’existe pas de telle classe"),
    ("there is no such act", "il n’existe pas de tel acte"),
    ("there is no such view", "il n’existe pas de telle vue"),
    (
        "there is no such setup link",
        "il n’existe pas de tel lien de mise en service",
    ),
    (
        "there is no such grant",
        "il n’existe pas de telle autorisation",
    ),
    (
        "there is no such account that is shut",
        "il n’existe pas de tel compte fermé",
    ),
    (
        "it was carried out, and its secret is shown once",
        "cela a été fait, et son secret n’est montré qu’une fois",
    ),
    (
        "no page revokes for good",
        "aucune page ne révoque pour toujours",
    ),
    (
        "nobody else is an administrator",
        "personne d’autre n’est administrateur",
    ),
    (
        "nobody waits under that number any more",
        "plus personne n’attend sous ce numéro",
    ),
    ("the alert is open already", "l’alerte est déjà ouverte"),
    (
        "the alert is over: open it again first",
        "l’alerte est close : rouvrez-la d’abord",
    ),
    (
        "the device is not in quarantine",
        "l’appareil n’est pas en quarantaine",
    ),
    (
        "the device is retired already",
        "l’appareil est déjà hors service",
    ),
    (
        "the first request with this key is not answered yet",
        "la première requête avec cette clé n’a pas encore de réponse",
    ),
    (
        "the report is too large: ask for it as CSV, or for less",
        "le rapport est trop grand : demandez-le en CSV, ou demandez-en moins",
    ),
    ("the scan is over already", "le scan est déjà terminé"),
    (
        "there are too many tunings: remove some first",
        "il y a trop de réglages : retirez-en d’abord",
    ),
    ("a DDI device of this name", "un appareil DDI a ce nom"),
    ("a device of this name", "un appareil a ce nom"),
    ("an operator of this name", "quelqu’un a déjà ce nom"),
    (
        "ten passkeys: remove one first",
        "dix clés d’accès : retirez-en une d’abord",
    ),
    ("this API token", "ce jeton d’API existe déjà"),
    ("this passkey", "cette clé d’accès existe déjà"),
];
