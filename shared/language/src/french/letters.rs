//! Letters about alerts.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "{times}, from {first} to {last}",
        "{times}, du {first} au {last}",
    ),
    (
        "And {number} more, which the page of alerts lists.",
        "Et {number} de plus, que la page des alertes énumère.",
    ),
    (
        "{severity}: {title} on {device}",
        "{severity} : {title} sur {device}",
    ),
    ("Open the alert", "Ouvrir l’alerte"),
    (
        "{what}: usually {usual}, now {seen}",
        "{what} : d’ordinaire {usual}, à présent {seen}",
    ),
    (
        "Palisade: this is a test, nothing has happened",
        "Palisade : ceci est un essai, rien ne s’est passé",
    ),
    ("Palisade, again", "Palisade, de nouveau"),
    (
        "Palisade, nobody has acknowledged",
        "Palisade, personne n’a acquitté",
    ),
    ("letter|Palisade", "Palisade"),
    (
        "{begins}: {severity}: {title} on {device}",
        "{begins} : gravité {severity} : {title} sur {device}",
    ),
    (" and {number} more", " et {number} de plus"),
    (" ({number} times)", " ({number} fois)"),
    (
        "This is a test. Nothing has happened.",
        "Ceci est un essai. Rien ne s’est passé.",
    ),
    (
        "It goes on: seen {times} by now.",
        "Cela continue : vu {times} jusqu’ici.",
    ),
    ("{number} times", "{number} fois"),
    (
        "Palisade: {n} alert is open",
        "Palisade : {n} alerte est ouverte",
    ),
    (
        "Palisade: {n} alerts are open",
        "Palisade : {n} alertes sont ouvertes",
    ),
    ("{n} alert is open.", "{n} alerte est ouverte."),
    ("{n} alerts are open.", "{n} alertes sont ouvertes."),
    (
        "{n} new, seen {times} in all.",
        "{n} nouvelle, vue {times} en tout.",
    ),
    (
        "many|{n} new, seen {times} in all.",
        "{n} nouvelles, vues {times} en tout.",
    ),
    (
        "It became worse: {n} open, seen {times}.",
        "Cela s’est aggravé : {n} ouverte, vue {times}.",
    ),
    (
        "many|It became worse: {n} open, seen {times}.",
        "Cela s’est aggravé : {n} ouvertes, vues {times}.",
    ),
    (
        "Nobody has acknowledged it yet: {n} open, seen {times}.",
        "Personne ne l’a encore acquittée : {n} ouverte, vue {times}.",
    ),
    (
        "many|Nobody has acknowledged it yet: {n} open, seen {times}.",
        "Personne ne les a encore acquittées : {n} ouvertes, vues {times}.",
    ),
    ("level|info", "information"),
];
