//! What happened in the mesh.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("{n} device is online.", "{n} appareil est en ligne."),
    ("{n} devices are online.", "{n} appareils sont en ligne."),
    (
        "{n} device had stopped, and began anew.",
        "{n} appareil s’était arrêté et a recommencé.",
    ),
    (
        "{n} devices had stopped, and began anew.",
        "{n} appareils s’étaient arrêtés et ont recommencé.",
    ),
    (
        "{n} device was cut off, and never stopped.",
        "{n} appareil était coupé et ne s’est jamais arrêté.",
    ),
    (
        "{n} devices were cut off, and never stopped.",
        "{n} appareils étaient coupés et ne se sont jamais arrêtés.",
    ),
    ("a member", "membre"),
    ("joined as {place}", "a adhéré comme {place}"),
    ("was retired", "a été retiré"),
    (
        "has confirmed that it wipes itself",
        "a confirmé qu’il s’efface",
    ),
    ("is online", "est en ligne"),
    ("stopped and said so", "s’est arrêté et l’a dit"),
    ("keeps its times again", "tient de nouveau ses délais"),
    (
        "and {other} do not agree on what the one sent the other: one is wrong",
        "et {other} ne sont pas d’accord sur ce que l’un a envoyé à l’autre : l’un se trompe",
    ),
    ("was put into quarantine", "a été mis en quarantaine"),
    ("was cleared of its quarantine", "est sorti de quarantaine"),
    (
        "{what} from the console of {by}",
        "{what}, depuis la console de {by}",
    ),
    (
        "is suspected by enough of its witnesses",
        "est soupçonné par assez de ses témoins",
    ),
    (
        "is suspected by one of its witnesses",
        "est soupçonné par l’un de ses témoins",
    ),
    (
        "was found wanting by {votes} of a committee of 31",
        "a été mis en cause par {votes} membres d’un comité de 31",
    ),
    (
        "{found}, and is in quarantine for a day",
        "{found}, et est en quarantaine pour un jour",
    ),
    (
        "{found}, and is not held: {why}",
        "{found}, et n’est pas retenu : {why}",
    ),
    (
        "Too many devices of {cell} were sentenced within an hour: nothing is automated for a day.",
        "Trop d’appareils de {cell} ont été condamnés en une heure : rien n’est automatisé pendant un jour.",
    ),
    (
        "scans from {source} on an errand of ours: decoys stay quiet for it",
        "analyse depuis {source} à notre demande : les leurres se taisent pour lui",
    ),
    (
        "Rollout {rollout} was halted: nobody goes on with its image.",
        "Le déploiement {rollout} a été arrêté : personne ne poursuit avec son image.",
    ),
    (
        "The halt of rollout {rollout} was lifted.",
        "L’arrêt du déploiement {rollout} a été levé.",
    ),
    (
        "told somebody outside of an alert while the coordinator was gone",
        "a averti quelqu’un à l’extérieur d’une alerte pendant l’absence du coordinateur",
    ),
    (
        "had stopped, and began anew",
        "s’était arrêté et a recommencé",
    ),
    (
        "was cut off, and never stopped",
        "était coupé et ne s’est jamais arrêté",
    ),
    (
        "A device was not let in: {refusal}.",
        "Un appareil n’a pas été admis : {refusal}.",
    ),
    (
        "convicted itself: it signed {contradiction}",
        "s’est condamné lui-même en signant : {contradiction}",
    ),
    (
        "The admission key is in wrong hands: it signed {contradiction}.",
        "La clé d’admission est en de mauvaises mains : elle a signé {contradiction}.",
    ),
    (
        "sent what it may not send: {what}",
        "a envoyé ce qu’il n’a pas le droit d’envoyer : {what}",
    ),
    (
        "Somebody sent what may not be sent: {what}.",
        "Quelqu’un a envoyé ce qui ne doit pas l’être : {what}.",
    ),
    (
        "The devices gave back {entries} entries of the identity log.",
        "Les appareils ont rendu {entries} entrées du journal d’identité.",
    ),
    (
        "was admitted after the backup that this coordinator runs on: retire it, and let it join again",
        "a été admis après la sauvegarde sur laquelle tourne ce coordinateur : le retirer, puis le faire adhérer de nouveau",
    ),
    (
        "was not suspended: too many others were within the hour",
        "n’a pas été suspendu : trop d’autres l’ont été dans l’heure",
    ),
    (
        "holds metadata that has ended: it goes on with the last good, and takes no new order",
        "détient des métadonnées périmées : il continue avec les dernières valides et n’accepte aucun nouvel ordre",
    ),
    (
        "does what version {version} of the settings says",
        "applique la version {version} des paramètres",
    ),
    ("{word}: command {command}", "{word} : commande {command}"),
    (
        "{word}: command {command}, {why}",
        "{word} : commande {command}, {why}",
    ),
    (
        "refuses to countersign the audit log: it was cut or rewritten",
        "refuse de contresigner le journal d’audit : il a été tronqué ou réécrit",
    ),
    (
        "Rollout {id} was asked for.",
        "Le déploiement {id} a été demandé.",
    ),
    ("Rollout {id} goes on.", "Le déploiement {id} se poursuit."),
    (
        "Rollout {id} was paused.",
        "Le déploiement {id} a été suspendu.",
    ),
    (
        "Rollout {id} was aborted.",
        "Le déploiement {id} a été abandonné.",
    ),
    (
        "Rollout {id} was rolled back.",
        "Le déploiement {id} a été annulé.",
    ),
    (
        "Rollout {id} is finished.",
        "Le déploiement {id} est terminé.",
    ),
    ("an update", "une mise à jour"),
    (
        "went back from {version}: {reason}",
        "est revenu de {version} : {reason}",
    ),
    (
        "refused {version}: {reason}",
        "a refusé {version} : {reason}",
    ),
    (
        "runs {version} for good",
        "exécute {version} définitivement",
    ),
    ("runs {version} on probation", "exécute {version} à l’essai"),
    (
        "Witnesses change by the hour: their seeds are dealt up to {dealt}.",
        "Les témoins changent toutes les heures : leurs graines sont distribuées jusqu’au {dealt}.",
    ),
    (
        "Witnesses keep their seats since {since}: the seeds have run out, or too few gateways that hold them are there.",
        "Les témoins gardent leur siège depuis le {since} : les graines sont épuisées, ou trop peu de passerelles qui les détiennent sont présentes.",
    ),
    (
        "went silent: the device or its link",
        "s’est tu : l’appareil ou sa liaison",
    ),
    (
        "{count} devices behind one switch went silent together.",
        "{count} appareils derrière un même commutateur se sont tus ensemble.",
    ),
    (
        "{count} devices are out of reach: the way to them is cut, or the coordinator's own.",
        "{count} appareils sont hors d’atteinte : le chemin vers eux est coupé, ou celui du coordinateur lui-même.",
    ),
    (
        "finished scan {job}: {n} host",
        "a terminé l’analyse {job} : {n} hôte",
    ),
    (
        "finished scan {job}: {n} hosts",
        "a terminé l’analyse {job} : {n} hôtes",
    ),
    ("stopped scan {job}", "a arrêté l’analyse {job}"),
    (
        "refuses scan {job}: {why}",
        "refuse l’analyse {job} : {why}",
    ),
    (
        "failed at scan {job}: {why}",
        "a échoué à l’analyse {job} : {why}",
    ),
    (
        "a watched file has changed: {path}",
        "un fichier surveillé a changé : {path}",
    ),
    (
        "a watched file is gone or cannot be read: {path}",
        "un fichier surveillé a disparu ou ne peut être lu : {path}",
    ),
    (
        "committees have sentenced more than a fifth of {cell} within an hour: nothing is automated for a day",
        "des comités ont condamné plus d’un cinquième de {cell} en une heure : rien n’est automatisé pendant un jour",
    ),
    (
        "a neighbour says that it was sent wrong bytes for chunk {chunk} of an update",
        "un voisin dit avoir reçu de mauvais octets pour le morceau {chunk} d’une mise à jour",
    ),
    (
        "refused version {version} of the role {role}, which is {flaw}: somebody else may hold this coordinator's keys",
        "a refusé la version {version} du rôle {role}, qui est {flaw} : quelqu’un d’autre détient peut-être les clés de ce coordinateur",
    ),
    (
        "{source} touched the {service} decoy on port {port}",
        "{source} a touché le leurre {service} sur le port {port}",
    ),
    (
        "says that the traffic of {whose} ({address}) is not as usual by the rule {rule}: normally {usual}, now {observed}",
        "dit que le trafic de {whose} ({address}) n’est pas habituel selon la règle {rule} : d’ordinaire {usual}, en ce moment {observed}",
    ),
    (
        "raised an alert that this version does not know",
        "a levé une alerte que cette version ne connaît pas",
    ),
];
