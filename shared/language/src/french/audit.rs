//! The audit log.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Audit", "Audit"),
    ("JSON lines", "Lignes JSON"),
    ("No such entries", "Aucune entrée de ce genre"),
    (
        "Nothing that was done fits what is sought on this page.",
        "Rien de ce qui a été fait ne correspond à ce qui est cherché sur cette page.",
    ),
    ("No entries", "Aucune entrée"),
    (
        "Every change that a person or a program makes is written here.",
        "Chaque changement fait par une personne ou un programme est inscrit ici.",
    ),
    ("The chain holds.", "La chaîne tient."),
    (
        "{number} entries, checked {when}.",
        "{number} entrées, vérifiées {when}.",
    ),
    ("Newest hash", "Dernière empreinte"),
    (
        "The chain is broken at entry {number}.",
        "La chaîne est rompue à l’entrée {number}.",
    ),
    (
        "Entries from there on may have been changed. Keep a copy of the store before anything else.",
        "À partir de là, les entrées ont pu être modifiées. Avant toute chose, garder une copie de la base.",
    ),
    (
        "The chain has not been checked since the start.",
        "La chaîne n’a pas été vérifiée depuis le démarrage.",
    ),
    (
        "A gateway has countersigned another log.",
        "Une passerelle a contresigné un autre journal.",
    ),
    (
        "If a backup was restored, that is why. If not, somebody changed the store: keep a copy of it.",
        "Si une sauvegarde a été restaurée, en voilà la raison. Sinon, quelqu’un a modifié la base : en garder une copie.",
    ),
    (
        "No gateway has countersigned the log: nobody but this machine vouches for its end. The root names gateways with `palisade-coordinator offices gateways`.",
        "Aucune passerelle n’a contresigné le journal : cette machine est seule à répondre de sa fin. La racine désigne des passerelles avec `palisade-coordinator offices gateways`.",
    ),
    (
        "Countersigned by gateways",
        "Contresigné par des passerelles",
    ),
    (
        "{n} countersigned by gateways",
        "{n} contresigné par des passerelles",
    ),
    (
        "many|{n} countersigned by gateways",
        "{n} contresignés par des passerelles",
    ),
    ("Gateway", "Passerelle"),
    ("Entries", "Entrées"),
    ("Log", "Journal"),
    ("log|another", "un autre"),
    ("log|this one", "celui-ci"),
    (
        "Each says so in its own log, which this machine cannot write.",
        "Chacune le dit dans son propre journal, que cette machine ne peut pas écrire.",
    ),
    ("audit|Who", "Qui"),
    ("Action, as device.", "Action, comme device."),
    ("On what", "Sur quoi"),
    ("audit|From", "Du"),
    ("audit|Until", "Au"),
    ("Time (UTC)", "Heure (UTC)"),
    ("Actor", "Auteur"),
    ("Action", "Action"),
    ("Object", "Objet"),
    ("Change", "Changement"),
    ("Request", "Requête"),
];
