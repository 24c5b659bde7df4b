//! Who is told of alerts.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Delivery", "Acheminement"),
    (
        "The settings as they are now are not used.",
        "Les réglages actuels ne sont pas appliqués.",
    ),
    (
        "What was read before goes on.",
        "Ce qui avait été lu auparavant reste en vigueur.",
    ),
    (
        "Channels and routes are written in `delivery.toml` beside the coordinator's settings; a change is taken up within seconds. Secrets stay in files of their own.",
        "Les canaux et les routes s’écrivent dans `delivery.toml`, à côté des réglages du coordinateur ; un changement est pris en compte en quelques secondes. Les secrets restent dans des fichiers à part.",
    ),
    ("Channels", "Canaux"),
    ("There is none.", "Il n’y en a aucun."),
    ("Channel", "Canal"),
    ("delivery|To", "Vers"),
    ("Last delivery", "Dernier envoi"),
    ("Last error", "Dernière erreur"),
    ("letters|Waiting", "En attente"),
    ("verb|Test", "Essayer"),
    ("Send a test", "Envoyer un essai"),
    ("Routes", "Routes"),
    (
        "There is none: nobody is told.",
        "Il n’y en a aucune : personne n’est prévenu.",
    ),
    ("Route", "Route"),
    ("route|Takes", "Prend"),
    (
        "Quiet hours are {hours}: only {severity} alerts are told then, the rest when they are over.",
        "Heures calmes : {hours}. Seules les alertes de gravité {severity} sont alors envoyées, le reste quand elles sont passées.",
    ),
    ("Letters", "Messages"),
    (
        "What was sent, and what could not be, is listed here.",
        "Ce qui a été envoyé, et ce qui n’a pas pu l’être, figure ici.",
    ),
    ("Subject", "Objet du message"),
    ("Written", "Écrit"),
    ("Error", "Erreur"),
];
