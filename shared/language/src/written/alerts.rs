//! Titles of alerts and rules, what was seen, and what would make it stop.

pub(super) const WRITTEN: &[(&str, &str)] = &[
    ("Somebody touched a decoy", "Quelqu’un a touché un leurre"),
    (
        "The source connects to no decoy any more. Find out what it is; if it is a scanner of yours, let the coordinator order its scans.",
        "La source ne se connecte plus à aucun leurre. Cherchez ce que c’est ; si c’est un de vos scanners, laissez le coordinateur commander ses scans.",
    ),
    (
        "{source} connected to the {service} decoy on port {port}",
        "{source} s’est connecté au leurre {service} sur le port {port}",
    ),
    (
        "names with passwords that were tried",
        "noms et mots de passe essayés",
    ),
    ("source {source}", "source {source}"),
    (
        "A device speaks with somebody it never spoke with",
        "Un appareil parle avec quelqu’un à qui il n’avait jamais parlé",
    ),
    (
        "The habit becomes part of its profile: say `this is normal` on its page, or it speaks with nobody new any more.",
        "L’habitude entre dans son profil : dites que c’est normal sur sa page, ou il ne parle plus avec personne de nouveau.",
    ),
    (
        "A device does what its profile does not allow",
        "Un appareil fait ce que son profil ne permet pas",
    ),
    (
        "Allow the habit on its page, or take the profile back to trial. Until then every attempt is told once a day.",
        "Permettez l’habitude sur sa page, ou remettez le profil à l’essai. D’ici là, chaque tentative est signalée une fois par jour.",
    ),
    (
        "A device does far more or less than it ever does, with those whom it usually speaks with",
        "Un appareil fait bien plus ou bien moins que jamais, avec ses interlocuteurs habituels",
    ),
    (
        "It does what it usually does again; what goes on for an hour becomes what is usual.",
        "Il fait de nouveau ce qu’il fait d’ordinaire ; ce qui dure une heure devient habituel.",
    ),
    (
        "A device knocks at many places, and nobody answers",
        "Un appareil frappe à beaucoup de portes, et personne ne répond",
    ),
    (
        "It stops asking. If it is a scanner of yours, let the coordinator order its scans.",
        "Il cesse de demander. Si c’est un de vos scanners, laissez le coordinateur commander ses scans.",
    ),
    (
        "A device asks for many hardware addresses",
        "Un appareil demande beaucoup d’adresses matérielles",
    ),
    (
        "A device pings many addresses",
        "Un appareil envoie des pings à beaucoup d’adresses",
    ),
    (
        "A device tries to log in again and again",
        "Un appareil essaie sans cesse de se connecter à un compte",
    ),
    (
        "It stops trying, or the right password is given to it.",
        "Il cesse d’essayer, ou on lui donne le bon mot de passe.",
    ),
    (
        "Somebody from outside tries to log in at a device again and again",
        "Quelqu’un de l’extérieur essaie sans cesse de se connecter à un appareil",
    ),
    (
        "The source stops trying. Take the port off the internet, or let a firewall keep the source away.",
        "La source cesse d’essayer. Retirez le port d’internet, ou laissez un pare-feu écarter la source.",
    ),
    (
        "A device is asked on a port on which it never was",
        "Un appareil est sollicité sur un port où il ne l’avait jamais été",
    ),
    (
        "The service is stopped, or the habit becomes part of its profile.",
        "Le service est arrêté, ou l’habitude entre dans son profil.",
    ),
    (
        "A device sends far more than it ever does",
        "Un appareil envoie bien plus que jamais",
    ),
    (
        "The transfer ends; what goes on for long becomes what is usual.",
        "Le transfert se termine ; ce qui dure longtemps devient habituel.",
    ),
    (
        "A device calls a place that is new to it like clockwork",
        "Un appareil appelle un lieu nouveau pour lui, réglé comme une horloge",
    ),
    (
        "It stops calling, or the habit becomes part of its profile.",
        "Il cesse d’appeler, ou l’habitude entre dans son profil.",
    ),
    (
        "A device opens more connections than any device needs",
        "Un appareil ouvre plus de connexions qu’aucun appareil n’en a besoin",
    ),
    (
        "It stops: restart it, or take it off the network.",
        "Il cesse : redémarrez-le, ou retirez-le du réseau.",
    ),
    (
        "A device calls one place on the internet again and again, in vain",
        "Un appareil appelle sans cesse un même lieu d’internet, en vain",
    ),
    (
        "It gives up, or the place answers. If it is no service of yours that is gone, look what the device runs.",
        "Il renonce, ou le lieu répond. Si ce n’est pas un de vos services qui a disparu, regardez ce que l’appareil exécute.",
    ),
    (
        "Traffic is not as usual, by a rule that this release does not know",
        "Le trafic n’est pas comme d’ordinaire, selon une règle que cette version ne connaît pas",
    ),
    (
        "Update the coordinator to the release of the device that says so: then it says what it is.",
        "Mettez le coordinateur à la version de l’appareil qui le dit : il dira alors ce que c’est.",
    ),
    ("habit that would allow it", "habitude qui le permettrait"),
    (
        "places asked that did not answer",
        "lieux sollicités sans réponse",
    ),
    ("addresses asked for", "adresses demandées"),
    ("addresses pinged", "adresses touchées par un ping"),
    (
        "logins tried at one place",
        "connexions essayées en un lieu",
    ),
    (
        "port on which it is asked, and ports before",
        "port où il est sollicité, et ports d’avant",
    ),
    ("bytes sent", "octets envoyés"),
    ("thousandths of unevenness", "millièmes d’irrégularité"),
    ("connections asked for", "connexions demandées"),
    (
        "calls of one place in vain",
        "appels en vain d’un même lieu",
    ),
    ("in five minutes", "en cinq minutes"),
    ("places it speaks with", "lieux avec qui il parle"),
    (
        "normally {usual}, now {observed}: {place}",
        "d’ordinaire {usual}, maintenant {observed} : {place}",
    ),
    (
        "normally {usual}, now {observed}",
        "d’ordinaire {usual}, maintenant {observed}",
    ),
    ("traffic of {name}", "trafic de {name}"),
    (
        "frames that the node read itself",
        "trames que le nœud a lues lui-même",
    ),
    (
        "the node's own table of connections",
        "table des connexions du nœud lui-même",
    ),
    (
        "flow records that an exporter sent: told, not seen",
        "flux envoyés par un exportateur : rapportés, non vus",
    ),
    (
        "a log that was replayed: told, not seen",
        "journal rejoué : rapporté, non vu",
    ),
    (
        "Several devices are kept from newer metadata",
        "Plusieurs appareils sont tenus à l’écart de métadonnées plus récentes",
    ),
    (
        "They hold metadata that has not ended. Newer is published and they are linked, so somebody between may hold it back, or their clocks are ahead: compare their clocks, look at who hands them metadata, and restart one of them on another network.",
        "Ils tiennent des métadonnées encore valables. De plus récentes sont publiées et ils sont reliés : quelqu’un entre les deux les retient peut-être, ou leurs horloges avancent. Comparez leurs horloges, regardez qui leur remet les métadonnées, et redémarrez l’un d’eux sur un autre réseau.",
    ),
    (
        "A device is linked and holds metadata that has ended",
        "Un appareil est relié et tient des métadonnées périmées",
    ),
    (
        "It takes the newer metadata that is published. Look at its clock and at its log (palisade-node status says since when).",
        "Il prend les métadonnées plus récentes qui sont publiées. Regardez son horloge et son journal (`palisade-node status` dit depuis quand).",
    ),
    (
        "its metadata has ended, and it has not taken what is newer",
        "ses métadonnées sont périmées, et il n’a pas pris les plus récentes",
    ),
    ("in the future", "dans l’avenir"),
    (
        "{count} linked devices hold metadata that has ended, while what is published has not",
        "{count} appareils reliés tiennent des métadonnées périmées, alors que celles qui sont publiées ne le sont pas",
    ),
    ("among them", "parmi eux"),
    (
        "A device with a key fell silent",
        "Un appareil à clé s’est tu",
    ),
    (
        "It speaks again with its key. Look at its power, its link and whether its key was replaced; remove it where it was taken away.",
        "Il parle de nouveau avec sa clé. Regardez son alimentation, sa liaison et si sa clé a été remplacée ; retirez-le s’il a été emporté.",
    ),
    (
        "{name} has said nothing for {seconds} s",
        "{name} n’a rien dit depuis {seconds} s",
    ),
    (
        "{name} and {count} others have said nothing for a while",
        "{name} et {count} autres n’ont rien dit depuis un moment",
    ),
    (
        "every {seconds} s at least",
        "au moins toutes les {seconds} s",
    ),
    ("word of its own", "parole de sa part"),
    ("none for {seconds} s", "aucune depuis {seconds} s"),
    (
        "A device hands on a firmware image that is not the signed one",
        "Un appareil transmet une image de firmware qui n’est pas celle qui est signée",
    ),
    (
        "The device sends chunks of the signed image again, or holds none of it. Look at its disk, and retire it if it did so on purpose.",
        "L’appareil envoie de nouveau des morceaux de l’image signée, ou n’en tient plus. Regardez son disque, et mettez-le hors service s’il l’a fait exprès.",
    ),
    (
        "The online keys vouch for a document that administrators have not signed",
        "Les clés en ligne se portent garantes d’un document que les administrateurs n’ont pas signé",
    ),
    (
        "The repository vouches for signed documents only. If nobody published one by mistake, the online keys are in wrong hands: replace them (ops/runbooks/signing-keys.md).",
        "Le dépôt ne se porte garant que de documents signés. Si personne n’en a publié un par erreur, les clés en ligne sont entre de mauvaises mains : remplacez-les (`ops/runbooks/signing-keys.md`).",
    ),
    (
        "chunk {chunk} of image {image} came with other bytes than were signed",
        "le morceau {chunk} de l’image {image} est venu avec d’autres octets que ceux qui sont signés",
    ),
    (
        "as the image's signed tree says",
        "comme le dit l’arbre signé de l’image",
    ),
    (
        "too few of those who may sign it have signed it",
        "trop peu de ceux qui peuvent le signer l’ont signé",
    ),
    (
        "it is older than what was seen before",
        "il est plus ancien que ce qui a été vu avant",
    ),
    (
        "it says what cannot be obeyed",
        "il dit ce qui ne peut être suivi",
    ),
    (
        "version {version} of {document}: {said}",
        "version {version} de {document} : {said}",
    ),
    (
        "signed by enough administrators",
        "signé par assez d’administrateurs",
    ),
    (
        "Witnesses suspect a device: quarantine is suggested",
        "Des témoins soupçonnent un appareil : la quarantaine est suggérée",
    ),
    (
        "Fewer of its witnesses report it. Put it into quarantine on its page, or find out what they see.",
        "Moins de ses témoins le signalent. Mettez-le en quarantaine sur sa page, ou cherchez ce qu’ils voient.",
    ),
    (
        "A committee of strangers found enough against a device",
        "Un comité d’inconnus a trouvé assez contre un appareil",
    ),
    (
        "The quarantine of a day ends, or somebody clears the device on its page.",
        "La quarantaine d’un jour prend fin, ou quelqu’un innocente l’appareil sur sa page.",
    ),
    (
        "Too many devices were suspended within the hour for this one to be",
        "Trop d’appareils ont été suspendus dans l’heure pour que celui-ci le soit",
    ),
    (
        "Decide by hand: retire or quarantine it, or leave it.",
        "Décidez à la main : hors service, quarantaine, ou rien.",
    ),
    (
        "The two ends of a link do not agree on what crossed it",
        "Les deux bouts d’une liaison ne s’accordent pas sur ce qui y est passé",
    ),
    (
        "Both ends count the same again. One of both is wrong; which is not proven.",
        "Les deux bouts comptent de nouveau pareil. L’un des deux se trompe ; lequel n’est pas prouvé.",
    ),
    (
        "A device sends what it may not send",
        "Un appareil envoie ce qu’il n’a pas le droit d’envoyer",
    ),
    (
        "It sends nothing of the kind any more: compare its version with the others'.",
        "Il n’envoie plus rien de tel : comparez sa version à celle des autres.",
    ),
    (
        "Too many devices of one cell were sentenced: nothing is automated for a day",
        "Trop d’appareils d’une même cellule ont été condamnés : rien n’est automatique pendant un jour",
    ),
    (
        "A day passes. Until then people decide over quarantines.",
        "Un jour passe. D’ici là, des personnes décident des quarantaines.",
    ),
    (
        "enough of its witnesses report it",
        "assez de ses témoins le signalent",
    ),
    ("witnesses who report it", "témoins qui le signalent"),
    (
        "it is in quarantine for a day",
        "il est en quarantaine pour un jour",
    ),
    ("it is not held: {said}", "il n’est pas retenu : {said}"),
    ("votes against it", "voix contre lui"),
    ("{votes} of 31", "{votes} sur 31"),
    (
        "it stays in the mesh until somebody decides",
        "il reste dans le maillage jusqu’à ce que quelqu’un décide",
    ),
    (
        "{frames} frames, {bytes} bytes",
        "{frames} trames, {bytes} octets",
    ),
    (
        "it says that it sent something else than the other end counted",
        "il dit avoir envoyé autre chose que ce que l’autre bout a compté",
    ),
    ("on the link", "sur la liaison"),
    (
        "it sent what may not be sent: {what}",
        "il a envoyé ce qui ne doit pas l’être : {what}",
    ),
    (
        "the brake of {cell} was pulled",
        "le frein de {cell} a été tiré",
    ),
    (
        "A device comes late again and again",
        "Un appareil est sans cesse en retard",
    ),
    (
        "It keeps its times for a minute. Look at its link, and at what else the host is doing.",
        "Il tient ses horaires pendant une minute. Regardez sa liaison, et ce que la machine fait d’autre.",
    ),
    ("nobody hears it in time", "personne ne l’entend à temps"),
    ("gaps in a minute", "trous en une minute"),
    (
        "it says that it misses its own deadlines",
        "il dit manquer ses propres échéances",
    ),
    (
        "missed deadlines in a minute",
        "échéances manquées en une minute",
    ),
    ("fewer than 3", "moins de 3"),
    (
        "A device contradicts itself: its key exists twice, or it lies",
        "Un appareil se contredit : sa clé existe deux fois, ou il ment",
    ),
    (
        "Nothing makes a proof stop: the device is shut out. Wipe what has its key, and let it join again under a new one.",
        "Rien ne fait cesser une preuve : l’appareil est exclu. Effacez ce qui a sa clé, et faites-le revenir sous une nouvelle.",
    ),
    (
        "The admission key is in wrong hands",
        "La clé d’admission est entre de mauvaises mains",
    ),
    (
        "Replace the admission key with the offline root: palisade-coordinator rotate.",
        "Remplacez la clé d’admission avec la racine hors ligne : `palisade-coordinator rotate`.",
    ),
    ("it signed {said}", "il a signé {said}"),
    ("none is possible", "aucune n’est possible"),
    (
        "device {device} ({name}) signed {said}",
        "l’appareil {device} ({name}) a signé {said}",
    ),
    (
        "the admission key of this mesh signed {said}",
        "la clé d’admission de ce maillage a signé {said}",
    ),
    (
        "two different heads for one place, {place}",
        "deux en-têtes différents pour une même place, {place}",
    ),
    (
        "two copies of this device run, its disk was set back, or whoever holds its key lies: find out which, then enrol the device again",
        "deux copies de cet appareil tournent, son disque est revenu en arrière, ou qui tient sa clé ment : cherchez lequel des trois, puis inscrivez l’appareil de nouveau",
    ),
    (
        "somebody else uses the coordinator's admission key: take the coordinator off the network and certify a new one with the offline root",
        "quelqu’un d’autre se sert de la clé d’admission du coordinateur : retirez le coordinateur du réseau et certifiez une nouvelle clé avec la racine hors ligne",
    ),
    (
        "some members were shown another list of members than others: either the coordinator went on alone over an old copy of its store, or somebody who holds its admission key hides members; in that case take it off the network and certify a new one with the offline root",
        "certains membres ont vu une autre liste de membres que d’autres : ou bien le coordinateur a continué seul sur une vieille copie de son stockage, ou bien qui tient sa clé d’admission cache des membres ; dans ce cas, retirez-le du réseau et certifiez une nouvelle clé avec la racine hors ligne",
    ),
    (
        "The audit log was cut or rewritten: a gateway does not countersign it",
        "Le journal d’audit a été coupé ou récrit : une passerelle ne le contresigne pas",
    ),
    (
        "The coordinator shows a log again that goes on from what the gateway has countersigned. If you have restored a backup, that is why; if not, somebody changed the store: keep a copy of it, and ask the gateways what they hold.",
        "Le coordinateur montre de nouveau un journal qui continue ce que la passerelle a contresigné. Si vous avez restauré une sauvegarde, voilà pourquoi ; sinon, quelqu’un a changé le stockage : gardez-en une copie, et demandez aux passerelles ce qu’elles tiennent.",
    ),
    ("{count} entries", "{count} entrées"),
    (
        "the log that it was shown does not go on from what it has countersigned",
        "le journal qu’on lui a montré ne continue pas ce qu’elle a contresigné",
    ),
    (
        "A rollout stopped by itself",
        "Un déploiement s’est arrêté de lui-même",
    ),
    (
        "Somebody aborts it, rolls it back, or lets it go on, on the page of the rollout.",
        "Quelqu’un l’abandonne, le ramène en arrière ou le laisse continuer, sur la page du déploiement.",
    ),
    (
        "rollout {id}: too many devices could not take the release",
        "déploiement {id} : trop d’appareils n’ont pu prendre la version",
    ),
    (
        "rollout {id}: too few devices committed to the release",
        "déploiement {id} : trop peu d’appareils ont adopté la version",
    ),
    ("devices that failed", "appareils en échec"),
    ("below the threshold of the plan", "sous le seuil du plan"),
    ("A device fell silent", "Un appareil s’est tu"),
    (
        "It is heard again by any of its witnesses. Retire it if it was taken away.",
        "Un de ses témoins l’entend de nouveau. Mettez-le hors service s’il a été emporté.",
    ),
    (
        "Devices behind one switch fell silent together",
        "Des appareils derrière un même commutateur se sont tus ensemble",
    ),
    (
        "They are heard again. Look at the switch or the segment that they share.",
        "On les entend de nouveau. Regardez le commutateur ou le segment qu’ils partagent.",
    ),
    (
        "The way to a site is broken",
        "Le chemin vers un site est coupé",
    ),
    (
        "The site is heard again. Look at its uplink, and at the coordinator's own.",
        "On entend de nouveau le site. Regardez sa liaison montante, et celle du coordinateur.",
    ),
    (
        "nobody has heard it for {quiet} s",
        "personne ne l’a entendu depuis {quiet} s",
    ),
    (
        "it and {count} others went silent together",
        "lui et {count} autres se sont tus ensemble",
    ),
    ("sign of life", "signe de vie"),
    ("witnesses who miss it", "témoins à qui il manque"),
    (
        "What the coordinator keeps is not as it was written",
        "Ce que le coordinateur garde n’est pas ce qui a été écrit",
    ),
    (
        "A check of everything finds nothing. Keep a copy of the store, look at the disk, and restore the newest backup; where an entry of the audit log differs and the disk is sound, somebody has changed it.",
        "Un contrôle complet ne trouve rien. Gardez une copie du stockage, regardez le disque, et restaurez la dernière sauvegarde ; si une entrée du journal d’audit diffère et que le disque est sain, quelqu’un l’a changée.",
    ),
    (
        "A device raises an alarm that this release does not know",
        "Un appareil lève une alarme que cette version ne connaît pas",
    ),
    (
        "Update the coordinator to the release of that device: then it says what it is.",
        "Mettez le coordinateur à la version de cet appareil : il dira alors ce que c’est.",
    ),
    ("a matter of kind {kind}", "une affaire de genre {kind}"),
    ("A watched file changed", "Un fichier surveillé a changé"),
    (
        "The file stays as it is from here on: one alert is raised for each change. Take the path out of `watch` in node.toml if it may change.",
        "Le fichier reste désormais comme il est : chaque changement lève une alerte. Ôtez le chemin de `watch` dans node.toml s’il a le droit de changer.",
    ),
    (
        "{path} is there and was not before",
        "{path} est là et ne l’était pas avant",
    ),
    (
        "{path} is gone, or can no longer be read",
        "{path} a disparu, ou ne peut plus être lu",
    ),
    ("{path} is another than before", "{path} n’est plus le même"),
    ("The kernel is in trouble", "Le noyau est en difficulté"),
    (
        "A kernel module that nobody signed",
        "Un module du noyau que personne n’a signé",
    ),
    ("Failed logins", "Connexions échouées"),
    (
        "Something writes or doubts the firmware",
        "Quelque chose écrit le firmware, ou en doute",
    ),
    (
        "Somebody tried sudo and may not",
        "Quelqu’un a essayé sudo sans en avoir le droit",
    ),
    (
        "Nobody tries a wrong password any more for five minutes. Shut the port to where the attempts come from, or allow keys only.",
        "Plus personne n’essaie de mauvais mot de passe pendant cinq minutes. Fermez le port à l’origine des tentatives, ou ne permettez que les clés.",
    ),
    (
        "An update that you asked for ends. If nobody asked for one, compare the device's firmware with the signed release.",
        "Une mise à jour que vous avez demandée se termine. Si personne n’en a demandé, comparez le firmware de l’appareil à la version signée.",
    ),
    (
        "The device starts without the module. If nobody of you loaded it, take the device off the network and install its firmware anew.",
        "L’appareil démarre sans le module. Si aucun d’entre vous ne l’a chargé, retirez l’appareil du réseau et réinstallez son firmware.",
    ),
    (
        "The kernel writes nothing of the kind any more. Look at memory and disk of the device, and at what it ran.",
        "Le noyau n’écrit plus rien de tel. Regardez la mémoire et le disque de l’appareil, et ce qu’il exécutait.",
    ),
    (
        "Each new user is one alert. If nobody of you made it, remove it (userdel) and find out by whom it was made.",
        "Chaque nouvel utilisateur est une alerte. Si aucun d’entre vous ne l’a créé, retirez-le (`userdel`) et cherchez qui l’a créé.",
    ),
    (
        "Nobody is refused by sudo any more. Ask the user that the line names.",
        "Sudo ne refuse plus personne. Demandez à l’utilisateur que nomme la ligne.",
    ),
    ("lines in {time}", "lignes en {time}"),
    ("{usual} at most", "{usual} au plus"),
    ("{lines} or more", "{lines} ou plus"),
    ("written by", "écrit par"),
    ("from", "depuis"),
    ("user", "utilisateur"),
    (
        "A new user, or one with more rights",
        "Un nouvel utilisateur, ou plus de droits pour un autre",
    ),
];
