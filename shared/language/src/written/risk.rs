//! The score, and the weaknesses that a scan names by themselves.

pub(super) const WRITTEN: &[(&str, &str)] = &[
    (
        "{touched} of {count} devices lose points here",
        "{touched} appareils sur {count} perdent des points ici",
    ),
    (
        "vulnerabilities that are exploited elsewhere",
        "vulnérabilités exploitées ailleurs",
    ),
    ("other vulnerabilities", "autres vulnérabilités"),
    ("weak services", "services faibles"),
    ("gaps in what is known", "lacunes dans ce qui est connu"),
    (
        "Fix the findings marked as exploited, from the top of the list.",
        "Corrigez les constats marqués comme exploités, du haut de la liste vers le bas.",
    ),
    (
        "Update the devices with the most probable vulnerabilities.",
        "Mettez à jour les appareils aux vulnérabilités les plus probables.",
    ),
    (
        "Turn off the services that the list names.",
        "Arrêtez les services que la liste nomme.",
    ),
    (
        "Scan what was not scanned for a month, and bring in a new feed.",
        "Scannez ce qui ne l’a pas été depuis un mois, et apportez un nouveau flux.",
    ),
    ("No {said} are open.", "Il n’y en a pas ({said})."),
    (
        "{count} {said} are open; the worst is {name}.",
        "Il y en a {count} ({said}) ; la pire est {name}.",
    ),
    (
        "it was not scanned for 30 days",
        "il n’a pas été scanné depuis 30 jours",
    ),
    ("Scan the device.", "Scannez l’appareil."),
    (
        "nobody knows what its software is made of",
        "personne ne sait de quoi son logiciel est fait",
    ),
    (
        "Import a bill of materials for its firmware.",
        "Importez une nomenclature logicielle de son firmware.",
    ),
    (
        "what is known about vulnerabilities is older than 30 days",
        "ce qui est connu des vulnérabilités a plus de 30 jours",
    ),
    ("Bring in a new feed.", "Apportez un nouveau flux."),
    ("It was looked at lately.", "Il a été examiné récemment."),
    (
        "Not all is known: {said}.",
        "Tout n’est pas connu : {said}.",
    ),
    ("Telnet answers", "Telnet répond"),
    (
        "Names and passwords cross the network in the clear, and botnets try this port first.",
        "Les noms et les mots de passe traversent le réseau en clair, et les botnets essaient ce port en premier.",
    ),
    (
        "Turn telnet off in the device's settings; where it must stay, let only one management host reach it.",
        "Arrêtez telnet dans les réglages de l’appareil ; s’il doit rester, ne laissez qu’une machine de gestion l’atteindre.",
    ),
    (
        "rsh, rlogin or rexec answers",
        "rsh, rlogin ou rexec répond",
    ),
    (
        "These services believe the address of whoever asks.",
        "Ces services croient l’adresse de qui demande.",
    ),
    (
        "Turn the r-services off and use SSH.",
        "Arrêtez les services r et prenez SSH.",
    ),
    ("FTP lets anybody in", "FTP laisse entrer n’importe qui"),
    (
        "Files can be read, and perhaps left, without a name.",
        "Des fichiers peuvent être lus, et peut-être déposés, sans nom.",
    ),
    (
        "Turn anonymous access off in the FTP server's settings.",
        "Arrêtez l’accès anonyme dans les réglages du serveur FTP.",
    ),
    (
        "A default password works",
        "Un mot de passe par défaut fonctionne",
    ),
    (
        "The scanner logged in with a name and a password that stand in the manual.",
        "Le scanner s’est connecté avec un nom et un mot de passe du manuel.",
    ),
    (
        "Change the password now, then look for logins that were not yours.",
        "Changez le mot de passe maintenant, puis cherchez des connexions qui n’étaient pas les vôtres.",
    ),
    (
        "TLS 1.1 or older is offered",
        "TLS 1.1 ou plus ancien est proposé",
    ),
    (
        "SSL and TLS before 1.2 are broken or withdrawn (RFC 8996).",
        "SSL et TLS avant 1.2 sont cassés ou retirés (RFC 8996).",
    ),
    (
        "Allow TLS 1.2 and later only, or update the firmware if it cannot.",
        "Ne permettez que TLS 1.2 et suivants, ou mettez le firmware à jour s’il ne le peut pas.",
    ),
    (
        "The MQTT broker asks nobody who he is",
        "Le serveur MQTT ne demande à personne qui il est",
    ),
    (
        "Whoever reaches it can read all topics and send commands.",
        "Qui l’atteint peut lire tous les sujets et envoyer des commandes.",
    ),
    (
        "Set allow_anonymous to false and give each device a name and a password.",
        "Mettez `allow_anonymous` à `false` et donnez à chaque appareil un nom et un mot de passe.",
    ),
    (
        "Android's debug bridge is open",
        "Le pont de débogage d’Android est ouvert",
    ),
    (
        "Whoever reaches it has a shell on the device.",
        "Qui l’atteint a un shell sur l’appareil.",
    ),
    (
        "Turn off debugging over the network in the developer options.",
        "Arrêtez le débogage par le réseau dans les options de développement.",
    ),
    ("UPnP answers", "UPnP répond"),
    (
        "Programs inside may open the firewall, and stacks of UPnP are seldom updated.",
        "Des programmes de l’intérieur peuvent ouvrir le pare-feu, et les piles UPnP sont rarement mises à jour.",
    ),
    (
        "Turn UPnP off where nothing in the house needs it.",
        "Arrêtez UPnP là où rien n’en a besoin.",
    ),
    (
        "Modbus answers without asking who calls",
        "Modbus répond sans demander qui appelle",
    ),
    (
        "The protocol has no passwords: whoever reaches the port can write registers.",
        "Le protocole n’a pas de mots de passe : qui atteint le port peut écrire des registres.",
    ),
    (
        "Put the device in a segment of its own and let only its controller reach port 502.",
        "Mettez l’appareil dans un segment à lui et ne laissez que son contrôleur atteindre le port 502.",
    ),
    ("The SSH server is old", "Le serveur SSH est ancien"),
    (
        "Its release is from before 2020 (or speaks protocol 1), and holes found since are open in it.",
        "Sa version date d’avant 2020 (ou parle le protocole 1), et les failles trouvées depuis y sont ouvertes.",
    ),
    (
        "Update the firmware; until then let only one management host reach the port.",
        "Mettez le firmware à jour ; d’ici là, ne laissez qu’une machine de gestion atteindre le port.",
    ),
    (
        "SNMP answers to a community that everybody knows",
        "SNMP répond à une communauté que tout le monde connaît",
    ),
    (
        "The scanner read the device with the word \"public\"; some devices can be written alike.",
        "Le scanner a lu l’appareil avec le mot « public » ; certains appareils peuvent aussi être écrits ainsi.",
    ),
    (
        "Set another community or SNMPv3, or turn SNMP off.",
        "Réglez une autre communauté ou SNMPv3, ou arrêtez SNMP.",
    ),
];
