//! What does not fit, as errors say it; programs read the English.

pub(super) const WRITTEN: &[(&str, &str)] = &[
    ("the text is empty", "le texte est vide"),
    (
        "the text is longer than {most} bytes",
        "le texte dépasse {most} octets",
    ),
    (
        "the text contains a control character",
        "le texte contient un caractère de commande",
    ),
    (
        "this name stands for something else in the audit trail: choose another",
        "ce nom désigne autre chose dans la piste d’audit : choisissez-en un autre",
    ),
    (
        "the character U+{code} cannot be seen: leave it out",
        "le caractère U+{code} ne se voit pas : ôtez-le",
    ),
    (
        "only one space can stand between two words: leave the others out",
        "une seule espace peut séparer deux mots : ôtez les autres",
    ),
    (
        "the character {letter} (U+{code}) is of another alphabet than what stands before it: write each word in one",
        "le caractère {letter} (U+{code}) est d’un autre alphabet que ce qui le précède : écrivez chaque mot dans un seul",
    ),
    (
        "the name looks like {name}, who has an account or an invitation: choose another",
        "le nom ressemble à {name}, qui a un compte ou une invitation : choisissez-en un autre",
    ),
    (
        "no such order: use role, disable, enable, forget-code, forget-passkeys, uninvite or remove",
        "pas d’ordre de ce nom : utilisez role, disable, enable, forget-code, forget-passkeys, uninvite ou remove",
    ),
    (
        "name a role: viewer, operator, admin or auditor",
        "nommez un rôle : viewer, operator, admin ou auditor",
    ),
    (
        "the name does not fit: {said}",
        "le nom ne convient pas : {said}",
    ),
    (
        "role: a token allows no more than whoever makes it may do",
        "rôle : un jeton ne permet pas plus que ce que peut faire qui le crée",
    ),
    ("areas: {said}", "domaines : {said}"),
    ("column {column}: {said}", "colonne {column} : {said}"),
    (
        "the filter is longer than {most} bytes",
        "le filtre dépasse {most} octets",
    ),
    (
        "parentheses and negations stand more than {deep} deep",
        "les parenthèses et les négations sont imbriquées sur plus de {deep} niveaux",
    ),
    (
        "the filter has more than {most} comparisons",
        "le filtre a plus de {most} comparaisons",
    ),
    ("{sign} means nothing here", "{sign} ne veut rien dire ici"),
    (
        "a quotation mark is missing at the end of the text",
        "il manque un guillemet à la fin du texte",
    ),
    ("write {wanted} here", "écrivez {wanted} ici"),
    (
        "there is no field {name}; {said}",
        "il n’y a pas de champ {name} ; {said}",
    ),
    (
        "after {field} write one of {operators}",
        "après {field}, écrivez l’un de {operators}",
    ),
    (
        "{field} is compared with {wanted}",
        "{field} se compare à {wanted}",
    ),
    (
        "there is no such alert, or it was too old to keep: `palisade-coordinator alert list --state all` shows those that there are",
        "il n’existe pas de telle alerte, ou elle était trop ancienne pour être gardée : `palisade-coordinator alert list --state all` montre celles qu’il y a",
    ),
    (
        "why: say why, in a line, so that others can follow it",
        "motif : dites pourquoi, en une ligne, pour que d’autres puissent suivre",
    ),
    (
        "for: snooze it for a minute at least, and for a year at most",
        "durée : mettez-la en sommeil une minute au moins, et un an au plus",
    ),
    (
        "say why, in one line, so that others can follow it",
        "dites pourquoi, en une ligne, pour que d’autres puissent suivre",
    ),
    (
        "nobody here is called {to}: name one of {names}",
        "personne ici ne s’appelle {to} : nommez l’un de {names}",
    ),
    (
        "there is no rule {name}: `palisade-coordinator alert rules` lists them",
        "il n’y a pas de règle {name} : `palisade-coordinator alert rules` les énumère",
    ),
    (
        "this is no id of a device",
        "ce n’est pas l’identifiant d’un appareil",
    ),
    (
        "write everybody, class:CLASS or device:ID",
        "écrivez everybody, class:CLASS ou device:ID",
    ),
    (
        "write a length as 30m, 8h or 7d",
        "écrivez une durée comme 30m, 8h ou 7d",
    ),
    ("{said}, or off", "{said}, ou off"),
    (
        "write a time of day as 22:00",
        "écrivez une heure comme 22:00",
    ),
    (
        "write hours as 22:00-06:30",
        "écrivez des heures comme 22:00-06:30",
    ),
    (
        "write an offset from UTC as +02:00 or -05:30",
        "écrivez un décalage d’UTC comme +02:00 ou -05:30",
    ),
    (
        "there is no route: nobody is told of any alert",
        "il n’y a pas de route : personne n’est averti d’aucune alerte",
    ),
    (
        "route {number} has no recipient: what it takes is told to nobody",
        "la route {number} n’a pas de destinataire : ce qu’elle prend n’est dit à personne",
    ),
    (
        "{from} names the channel {channel}, which does not exist",
        "{from} nomme le canal {channel}, qui n’existe pas",
    ),
    (
        "no route takes {severity} alerts at every time of day",
        "aucune route ne prend les alertes {severity} à toute heure",
    ),
    (
        "nothing is set: write delivery.toml, or nobody is told of any alert",
        "rien n’est réglé : écrivez `delivery.toml`, sinon personne n’est averti d’aucune alerte",
    ),
    (
        "the channel is no longer in delivery.toml",
        "le canal n’est plus dans `delivery.toml`",
    ),
    (
        "TLS cannot be used: {why}",
        "TLS ne peut être utilisé : {why}",
    ),
    (
        "the mail server did not take it: {why}",
        "le serveur de courriel ne l’a pas pris : {why}",
    ),
    (
        "the mail cannot be written: {why}",
        "le courriel ne peut être écrit : {why}",
    ),
    (
        "the mail server gave no answer within {seconds} s",
        "le serveur de courriel n’a pas répondu en {seconds} s",
    ),
    (
        "there is no delivery.toml",
        "il n’y a pas de `delivery.toml`",
    ),
    ("class: {said}", "classe : {said}"),
    (
        "{name} is no name of a value: use up to 64 letters",
        "{name} n’est pas le nom d’une valeur : jusqu’à 64 lettres",
    ),
];
