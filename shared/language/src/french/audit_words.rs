//! What is wrong with an audit log.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Gateway {gateway} has countersigned {entries} entries.",
        "La passerelle {gateway} a contresigné {entries} entrées.",
    ),
    (
        "Gateway {gateway} has countersigned {entries} entries: {missing} at the end of the log at least are gone.",
        "La passerelle {gateway} a contresigné {entries} entrées : {missing} au moins manquent à la fin du journal.",
    ),
    (
        "Gateway {gateway} has countersigned {entries} entries, and not these: the log was rewritten.",
        "La passerelle {gateway} a contresigné {entries} entrées, et non celles-ci : le journal a été réécrit.",
    ),
    (
        "It is not there, though later ones are.",
        "Elle n’y est pas, alors que de plus récentes y sont.",
    ),
    (
        "Its bytes are not those that were written.",
        "Ses octets ne sont pas ceux qui ont été écrits.",
    ),
    (
        "It, or the entry before it, is not the one that was written.",
        "Elle, ou l’entrée qui la précède, n’est pas celle qui a été écrite.",
    ),
    (
        "The list ends there, and the head of the chain says otherwise.",
        "La liste s’arrête là, et la tête de la chaîne dit autre chose.",
    ),
];
