//! What a mesh shows for the controls of standards, or what would meet them.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "{members} members, {neighbours} heard beside them",
        "{members} membres, {neighbours} entendus à leurs côtés",
    ),
    (
        "Let a first device join.",
        "Faire entrer un premier appareil.",
    ),
    (
        "Find out what broke the audit log: palisade-coordinator audit verify names the entry.",
        "Trouver ce qui a rompu le journal d’audit : palisade-coordinator audit verify nomme l’entrée.",
    ),
    (
        "Name gateways with palisade-coordinator offices gateways, so that somebody else vouches for the log.",
        "Désigner des passerelles avec palisade-coordinator offices gateways, pour que d’autres répondent du journal.",
    ),
    (
        "{people} people in {roles} roles",
        "{people} personnes dans {roles} rôles",
    ),
    (
        "Give everybody an account of their own, in the least role that will do.",
        "Donner à chacun son propre compte, dans le moindre rôle qui suffise.",
    ),
    (
        "Import a feed of advisories that is not older than 30 days: palisade-coordinator feed import.",
        "Importer un flux d’avis de moins de 30 jours : palisade-coordinator feed import.",
    ),
    (
        "Scan the devices, or schedule it: palisade-coordinator scan start --every.",
        "Analyser les appareils, ou le planifier : palisade-coordinator scan start --every.",
    ),
    (
        "{alerts}, {open} of them open, by {rules}",
        "{alerts}, dont {open} en cours, par {rules}",
    ),
    (
        "Name somebody who is told of alerts, in delivery.toml.",
        "Désigner dans delivery.toml quelqu’un qui soit prévenu des alertes.",
    ),
    (
        "Let a first device join, and send its log lines.",
        "Faire entrer un premier appareil et lui faire envoyer ses lignes de journal.",
    ),
    (
        "Publish firmware that somebody has signed off the coordinator: palisade-coordinator release prepare.",
        "Publier un micrologiciel signé hors du coordinateur : palisade-coordinator release prepare.",
    ),
    (
        "Bring a release to the devices ring by ring: palisade-coordinator rollout plan.",
        "Amener une publication aux appareils anneau par anneau : palisade-coordinator rollout plan.",
    ),
    (
        "Nothing was retired yet: device retire --wipe shuts a device out and has it wipe its keys.",
        "Rien n’a encore été retiré : device retire --wipe exclut un appareil et lui fait effacer ses clés.",
    ),
    (
        "{online} online, {silent} silent, each judged by its witnesses",
        "{online} en ligne, {silent} silencieux, chacun jugé par ses témoins",
    ),
    (
        "Let a first device report.",
        "Faire parler un premier appareil.",
    ),
    ("{n} entry, the chain holds", "{n} entrée, la chaîne tient"),
    (
        "{n} entries, the chain holds",
        "{n} entrées, la chaîne tient",
    ),
    ("{n} gateway agrees", "{n} passerelle concorde"),
    ("{n} gateways agree", "{n} passerelles concordent"),
    (
        "the oldest source is {n} day old",
        "la plus ancienne source a {n} jour",
    ),
    (
        "the oldest source is {n} days old",
        "la plus ancienne source a {n} jours",
    ),
    ("{n} scan within 30 days", "{n} analyse en 30 jours"),
    ("{n} scans within 30 days", "{n} analyses en 30 jours"),
    ("{n} channel", "{n} canal"),
    ("{n} channels", "{n} canaux"),
    (
        "{n} rule judges log lines and events",
        "{n} règle juge les lignes de journal et les événements",
    ),
    (
        "{n} rules judge log lines and events",
        "{n} règles jugent les lignes de journal et les événements",
    ),
    ("{n} signed release", "{n} publication signée"),
    ("{n} signed releases", "{n} publications signées"),
    ("{n} rollout", "{n} déploiement"),
    ("{n} rollouts", "{n} déploiements"),
    ("{n} device shut out", "{n} appareil exclu"),
    ("{n} devices shut out", "{n} appareils exclus"),
    (
        "{n} record, each signed by its device",
        "{n} enregistrement, signé par son appareil",
    ),
    (
        "{n} records, each signed by its device",
        "{n} enregistrements, chacun signé par son appareil",
    ),
    (
        "{n} link under Noise, pages under TLS 1.3",
        "{n} lien sous Noise, pages sous TLS 1.3",
    ),
    (
        "{n} links under Noise, pages under TLS 1.3",
        "{n} liens sous Noise, pages sous TLS 1.3",
    ),
    (
        "{n} record, dropped after its time",
        "{n} enregistrement, supprimé après son terme",
    ),
    (
        "{n} records, dropped after their time",
        "{n} enregistrements, supprimés après leur terme",
    ),
    (
        "{n} kind of data, exported, erased or kept for a reason",
        "{n} sorte de données, exportée, effacée ou conservée pour une raison",
    ),
    (
        "{n} kinds of data, each exported, erased or kept for a reason",
        "{n} sortes de données, chacune exportée, effacée ou conservée pour une raison",
    ),
    (
        "Separate the networks of devices, and name them as cells.",
        "Séparer les réseaux d’appareils, et les nommer comme cellules.",
    ),
    ("Access control", "Contrôle d’accès"),
    ("Integrity", "Intégrité"),
    ("Encryption", "Chiffrement"),
    ("Use of cryptography", "Utilisation de la cryptographie"),
    (
        "{file} of {day}, state {state}",
        "{file} du {day}, état {state}",
    ),
    (
        "Make a backup at least once a month, and keep it off this machine: palisade-coordinator backup FILE.",
        "Faire au moins une sauvegarde par mois, et la garder hors de cette machine : palisade-coordinator backup FILE.",
    ),
    (
        "{file} put back on {day}, state {state}",
        "{file} restauré le {day}, état {state}",
    ),
    (
        "Put a backup back at least once a year: palisade-coordinator restore FILE --try.",
        "Restaurer une sauvegarde au moins une fois par an : palisade-coordinator restore FILE --try.",
    ),
    ("{n} rule", "{n} règle"),
    ("{n} rules", "{n} règles"),
];
