//! What pages answer to whoever has done something.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "The role is changed; whoever has it logs in again.",
        "Le rôle est changé ; qui l’a se connecte de nouveau.",
    ),
    (
        "The account is shut, and nobody is logged in with it any more.",
        "Le compte est fermé, et plus personne n’y est connecté.",
    ),
    (
        "The account is open again.",
        "Le compte est de nouveau ouvert.",
    ),
    (
        "No code is asked for any more.",
        "Aucun code n’est plus demandé.",
    ),
    ("The link works no more.", "Le lien ne fonctionne plus."),
    ("The account is gone.", "Le compte est supprimé."),
    (
        "Administrators sign it elsewhere; then it can be published.",
        "Des administrateurs le signent ailleurs ; ensuite il peut être publié.",
    ),
    ("Write a number of minutes.", "Écrire un nombre de minutes."),
    (
        "Write a number of seconds.",
        "Écrire un nombre de secondes.",
    ),
    ("Write a number of hours.", "Écrire un nombre d’heures."),
    (
        "Write coordinator or administrators.",
        "Écrire coordinator ou administrators.",
    ),
    ("Write known or every.", "Écrire known ou every."),
    ("Write one or two.", "Écrire one ou two."),
    (
        "{name} took a test message.",
        "{name} a accepté un message d’essai.",
    ),
    ("{name} is kept.", "{name} est gardé."),
    ("Decided about {id}.", "Décision prise sur {id}."),
    (
        "The signature is on {roles}.",
        "La signature est apposée sur {roles}.",
    ),
    ("Published: {purpose}.", "Publié : {purpose}."),
    (
        "There is a device of this name already.",
        "Un appareil de ce nom existe déjà.",
    ),
    ("The device is forgotten.", "L’appareil est oublié."),
    (
        "Somebody has this name already.",
        "Quelqu’un porte déjà ce nom.",
    ),
    (
        "Nothing opens any more what {name} said.",
        "Plus rien n’ouvre ce que {name} a dit.",
    ),
    (
        "The {kind} report is made: {file}.",
        "Le rapport est établi ({kind}) : {file}.",
    ),
    (
        "The first one is made within a minute.",
        "Le premier est établi d’ici une minute.",
    ),
    ("The schedule is removed.", "Le calendrier est supprimé."),
    ("You have agreed.", "Vous avez donné votre accord."),
    ("It has started.", "Il est lancé."),
    ("It is paused.", "Il est suspendu."),
    ("It goes on.", "Il reprend."),
    ("It is aborted.", "Il est abandonné."),
    (
        "Whoever has not committed goes back. {kept} devices have, and keep it: none falls below its release counter.",
        "Qui n’a pas validé revient en arrière. {kept} appareils ont validé et la gardent : aucun ne descend sous son compteur de version.",
    ),
    ("It waits for its start.", "Il attend son lancement."),
    (
        "write a product, a space, and a version",
        "écrire un produit, une espace et une version",
    ),
    (
        "write a number, or names of devices",
        "écrire un nombre, ou des noms d’appareils",
    ),
    (
        "write percents with commas between them",
        "écrire des pourcentages séparés par des virgules",
    ),
    ("write a percent", "écrire un pourcentage"),
    ("write a number of minutes", "écrire un nombre de minutes"),
    ("Choose 1 to 365 days.", "Choisir de 1 à 365 jours."),
    (
        "{file} is made: sign it.",
        "{file} est produit : le signer.",
    ),
    ("{what} is in force.", "En vigueur : {what}."),
    ("They are in force already.", "Ils sont déjà en vigueur."),
    (
        "Type the whole name: {name}.",
        "Saisir le nom entier : {name}.",
    ),
    (
        "It is scanned from here on.",
        "L’analyse a lieu désormais à intervalles réguliers.",
    ),
    (
        "It is scanned by itself no more.",
        "L’analyse n’a plus lieu d’elle-même.",
    ),
    ("The scan is cancelled.", "L’analyse est annulée."),
];
