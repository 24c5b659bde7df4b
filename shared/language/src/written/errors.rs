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
        "no such order: use role, disable, enable, log-out, forget-code, forget-passkeys, uninvite or remove",
        "pas d’ordre de ce nom : utilisez role, disable, enable, log-out, forget-code, forget-passkeys, uninvite ou remove",
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
    (
        "`{word}` is no device class; use one of {list}",
        "`{word}` n’est pas une classe d’appareils ; utilisez l’une de {list}",
    ),
    (
        "`{field}` is longer than {most} letters: seek a part of it",
        "`{field}` dépasse {most} lettres : cherchez-en une partie",
    ),
    (
        "`{field}` is no time: write 2026-11-27 or 2026-11-27T08:00:00Z",
        "`{field}` n’est pas un moment : écrivez `2026-11-27` ou `2026-11-27T08:00:00Z`",
    ),
    (
        "a schedule has at least an hour between two scans",
        "un calendrier laisse au moins une heure entre deux scans",
    ),
    (
        "choose accepted or not_affected",
        "choisissez accepted ou not_affected",
    ),
    (
        "days: choose 1 to {most}",
        "jours : choisissez de 1 à {most}",
    ),
    (
        "it may hold {minutes} minutes at most",
        "il peut valoir {minutes} minutes au plus",
    ),
    (
        "more than one member is called {name}: use the id",
        "plus d’un membre s’appelle {name} : utilisez l’identifiant",
    ),
    (
        "name the devices of the canary, or say how many are drawn",
        "nommez les appareils du canari, ou dites combien sont tirés au sort",
    ),
    ("name: {said}", "nom : {said}"),
    ("no device is {whom}", "aucun appareil n’est {whom}"),
    (
        "no member is called {name}: use its id, or the name on the devices page",
        "aucun membre ne s’appelle {name} : utilisez son identifiant, ou le nom de la page des appareils",
    ),
    (
        "no node that is online has an address in the subnet of {target}: nobody else may scan it",
        "aucun nœud en ligne n’a d’adresse dans le sous-réseau de {target} : personne d’autre n’a le droit de le scanner",
    ),
    (
        "no release {product} {version} is published",
        "aucune version {product} {version} n’est publiée",
    ),
    (
        "nobody commands a whole fleet at once: write class:camera, cell:NAME or device:ID",
        "personne ne commande toute une flotte à la fois : écrivez `class:camera`, `cell:NAME` ou `device:ID`",
    ),
    (
        "nobody knows an address of IP version 4 of {device}",
        "personne ne connaît d’adresse IP version 4 de {device}",
    ),
    (
        "nothing is set for {scope}",
        "rien n’est réglé pour {scope}",
    ),
    (
        "nothing that is known may be scanned",
        "rien de ce qui est connu n’a le droit d’être scanné",
    ),
    (
        "only one node is in the subnet of {target}, so nothing can be compared",
        "un seul nœud est dans le sous-réseau de {target} : rien ne peut être comparé",
    ),
    ("role: {said}", "rôle : {said}"),
    (
        "say a name, a class, a site or tags",
        "dites un nom, une classe, un site ou des étiquettes",
    ),
    (
        "say why it is not affected: one of {words}",
        "dites pourquoi il n’est pas touché : l’un de {words}",
    ),
    ("send 1 to {most} values", "envoyez de 1 à {most} valeurs"),
    (
        "set at least one of them, or take the whole of {scope} back",
        "réglez au moins l’un d’eux, ou reprenez tout pour {scope}",
    ),
    (
        "tag {tag} has a comma, and commas stand between tags: leave it out",
        "l’étiquette {tag} a une virgule, et les virgules séparent les étiquettes : ôtez-la",
    ),
    (
        "tag {number}: {said}; a tag is one line of at most 64 bytes",
        "étiquette {number} : {said} ; une étiquette est une ligne de 64 octets au plus",
    ),
    (
        "the class of a member stands in its membership: leave it out",
        "la classe d’un membre est dans son adhésion : ne l’indiquez pas",
    ),
    (
        "the name of a member stands in its membership: leave it out",
        "le nom d’un membre est dans son adhésion : ne l’indiquez pas",
    ),
    (
        "wiping is ordered in the identity log: use `device retire --wipe` with an administrator's key",
        "l’effacement s’ordonne dans le journal d’identité : utilisez `device retire --wipe` avec la clé d’un administrateur",
    ),
    (
        "write a number of days, or a date like 2027-03-01",
        "écrivez un nombre de jours, ou une date comme 2027-03-01",
    ),
    (
        "write fleet, class:camera or device:ID",
        "écrivez `fleet`, `class:camera` ou `device:ID`",
    ),
    (
        "{count} addresses of fragile devices lie in one target: name smaller networks",
        "{count} adresses d’appareils fragiles sont dans une seule cible : nommez des réseaux plus petits",
    ),
    (
        "{target} is no device, no address and no network such as 10.0.0.0/24",
        "{target} n’est ni un appareil, ni une adresse, ni un réseau comme 10.0.0.0/24",
    ),
    (
        "{figure} is no figure that can be kept",
        "{figure} n’est pas un nombre qui puisse être gardé",
    ),
    ("{name} is there twice", "{name} est là deux fois"),
    (
        "{scope} is told just this already",
        "c’est déjà ce qui est dit à {scope}",
    ),
    (
        "{count} tags are more than the {most} that a device may have: leave some out",
        "{count} étiquettes, c’est plus que les {most} qu’un appareil peut avoir : ôtez-en",
    ),
    (
        "{name}: one line of at most 64 bytes",
        "{name} : une ligne de 64 octets au plus",
    ),
    (
        "{kind} for {device} needs the administrators' keys: have it signed, with --sign",
        "{kind} pour {device} demande les clés des administrateurs : faites-le signer, avec `--sign`",
    ),
    (
        "{name} is of the class {class}, which is never scanned unless an administrator types its name",
        "{name} est de la classe {class}, qui n’est jamais scannée à moins qu’un administrateur n’écrive son nom",
    ),
    (
        "the device runs no service from a slot",
        "l’appareil n’exécute aucun service depuis un emplacement",
    ),
    (
        "its time was over when the device saw it",
        "son temps était passé quand l’appareil l’a vue",
    ),
    (
        "the device knows no such kind: update it first",
        "l’appareil ne connaît pas ce genre : mettez-le d’abord à jour",
    ),
    (
        "it is for another device",
        "elle est pour un autre appareil",
    ),
    (
        "a command of this id came before",
        "une commande de cet identifiant est déjà venue",
    ),
    (
        "the kind needs the administrators' keys",
        "ce genre demande les clés des administrateurs",
    ),
    (
        "it ends later than a command may",
        "elle se termine plus tard qu’une commande n’en a le droit",
    ),
    (
        "too many commands are remembered: wait until older ones have ended",
        "trop de commandes sont retenues : attendez que de plus anciennes aient pris fin",
    ),
    (
        "wiping is ordered in the identity log: use `device retire --wipe`",
        "l’effacement s’ordonne dans le journal d’identité : utilisez `device retire --wipe`",
    ),
    (
        "the device scans nothing: set scan.program",
        "l’appareil ne scanne rien : réglez `scan.program`",
    ),
    (
        "{place}: no parser gives this field, so it is there only where a device sends it in JSON or in structured data",
        "{place} : aucun analyseur ne donne ce champ, il n’est donc là que si un appareil l’envoie en JSON ou en données structurées",
    ),
    (
        "delivery.toml cannot be read: {why}",
        "`delivery.toml` ne peut être lu : {why}",
    ),
    ("delivery.toml: {said}", "`delivery.toml` : {said}"),
    (
        "delivery.toml: {key}: {said}",
        "`delivery.toml` : {key} : {said}",
    ),
    (
        "delivery.toml: channel {name}: {said}",
        "`delivery.toml` : canal {name} : {said}",
    ),
];
