//! The coordinator's own health.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Backup", "Sauvegarde"),
    ("Queues", "Files d’attente"),
    ("Errors since the start", "Erreurs depuis le démarrage"),
    ("Telling people", "Prévenir les personnes"),
    ("Certificate of the pages", "Certificat des pages"),
    ("Timestamp for devices", "Horodatage pour les appareils"),
    (
        "Documents that people sign",
        "Documents que des personnes signent",
    ),
    ("Vulnerability feed", "Flux de vulnérabilités"),
    ("Clock", "Horloge"),
    ("Identity log", "Journal des identités"),
    (
        "everything is checked once a night, and was not yet",
        "tout est vérifié une fois par nuit, et ne l’a pas encore été",
    ),
    (
        "Look at the coordinator's log: the check should have come.",
        "Examiner le journal du coordinateur : la vérification aurait dû avoir lieu.",
    ),
    (
        "checked {age} ago: {troubles}",
        "vérifié il y a {age} : {troubles}",
    ),
    (
        "Copy the store before anything else, look at the disk, and restore the newest backup (docs/schema.md says what each means).",
        "Avant toute chose copier la base, examiner le disque, et restaurer la dernière sauvegarde (docs/schema.md dit ce que chacun signifie).",
    ),
    (", after an unclean stop", ", après un arrêt brutal"),
    (
        "checked {age} ago{why}: {rows} rows and both logs are as they were written",
        "vérifié il y a {age}{why} : {rows} lignes et les deux journaux sont tels qu’ils ont été écrits",
    ),
    (
        "Look at the coordinator's log: the check of the night did not come.",
        "Examiner le journal du coordinateur : la vérification de la nuit n’a pas eu lieu.",
    ),
    (
        "Run `palisade-coordinator backup`, keep the file elsewhere, and restore one now and then.",
        "Exécuter `palisade-coordinator backup`, garder le fichier ailleurs, et en restaurer un de temps à autre.",
    ),
    ("none was made", "aucune n’a été faite"),
    ("made {age} ago", "faite il y a {age}"),
    ("not measured here", "non mesuré ici"),
    ("{free} of {whole} are free", "{free} libres sur {whole}"),
    (
        "Make room: below a few megabytes nothing is collected any more, and nothing is lost.",
        "Faire de la place : sous quelques mégaoctets, plus rien n’est recueilli, et rien n’est perdu.",
    ),
    ("{records} records", "{records} enregistrements"),
    (
        "{size}, {records} records",
        "{size}, {records} enregistrements",
    ),
    ("{size} resident", "{size} résidents"),
    (
        "More than a fleet of 5,000 devices needs: look at it again tomorrow, and report it if it grows.",
        "Plus qu’un parc de 5 000 appareils n’en demande : regarder de nouveau demain, et le signaler si cela augmente.",
    ),
    (
        "the fullest is {name}: {part} of {whole}",
        "la plus pleine est {name} : {part} sur {whole}",
    ),
    (
        "; {number} sightings found no room",
        " ; {number} observations n’ont pas trouvé de place",
    ),
    (
        "More comes in than is worked off: look which device is loud, and at the processor's load.",
        "Il arrive plus qu’il n’est traité : chercher quel appareil est bruyant, et examiner la charge du processeur.",
    ),
    (
        "{panics} requests panicked, {failed} were answered with a failure of ours",
        "{panics} requêtes ont planté, {failed} ont reçu une erreur de notre fait",
    ),
    (
        "Each is in the coordinator's log with its request id: report it.",
        "Chacune figure dans le journal du coordinateur avec son numéro de requête : la signaler.",
    ),
    (
        "delivery.toml is not used as it is: {error}",
        "delivery.toml n’est pas appliqué tel quel : {error}",
    ),
    (
        "Correct it; what was read before goes on meanwhile.",
        "Le corriger ; ce qui avait été lu auparavant reste en vigueur entre-temps.",
    ),
    (
        "{first}; {waiting} letters wait",
        "{first} ; {waiting} messages attendent",
    ),
    (
        "Look at Delivery, and try the channel there.",
        "Voir la page Acheminement, et y essayer le canal.",
    ),
    (
        "nobody is told of alerts",
        "personne n’est prévenu des alertes",
    ),
    (
        "Write delivery.toml (docs/alerts.md).",
        "Écrire delivery.toml (docs/alerts.md).",
    ),
    (
        "{channels} channels, {waiting} letters wait",
        "{channels} canaux, {waiting} messages attendent",
    ),
    ("{what} ended {age} ago", "{what} a expiré il y a {age}"),
    (
        "{what} does not end in this decade",
        "{what} n’expire pas dans cette décennie",
    ),
    ("{what} ends in {time}", "{what} expire dans {time}"),
    (
        "One of our own is renewed 60 days before its end: look at the clock and at who may write to the folder of certificates. Put a newer one in the place of one that is not ours.",
        "L’un des nôtres est renouvelé 60 jours avant son terme : examiner l’horloge et qui peut écrire dans le dossier des certificats. Remplacer par un plus récent celui qui n’est pas des nôtres.",
    ),
    ("certificate|it", "il"),
    ("nothing was published", "rien n’a été publié"),
    (
        "It is signed anew every six hours by this coordinator: look at its log, and at the clock.",
        "Il est signé de nouveau toutes les six heures par ce coordinateur : examiner son journal, et l’horloge.",
    ),
    ("timestamp|it", "il"),
    (
        "Have administrators sign it anew: prepare it on the page of signers.",
        "Le faire signer de nouveau par des administrateurs : le préparer sur la page des signataires.",
    ),
    (
        "Bring a newer one: `palisade-coordinator feed import`.",
        "En apporter un plus récent : `palisade-coordinator feed import`.",
    ),
    (
        "there is none: nothing is known about vulnerabilities",
        "il n’y en a aucun : rien n’est connu des vulnérabilités",
    ),
    (
        "its oldest part is {age} old",
        "sa partie la plus ancienne a {age}",
    ),
    (
        "no device has spoken lately to compare with",
        "aucun appareil n’a parlé récemment pour comparer",
    ),
    (
        "within a second of {devices} devices",
        "à moins d’une seconde de {devices} appareils",
    ),
    (
        "{devices} devices are {length} behind it",
        "{devices} appareils retardent de {length} sur elle",
    ),
    (
        "{devices} devices are {length} ahead of it",
        "{devices} appareils avancent de {length} sur elle",
    ),
    (
        "Look which of them is right, and let this machine follow a time server.",
        "Chercher qui a raison, et faire suivre un serveur de temps à cette machine.",
    ),
    (
        "devices can be admitted and retired",
        "des appareils peuvent être admis et retirés",
    ),
    (
        "docs/schema.md says what to do with a coordinator that was restored.",
        "docs/schema.md dit que faire d’un coordinateur restauré.",
    ),
    (
        "{version}, running for {time}",
        "{version}, en marche depuis {time}",
    ),
];
