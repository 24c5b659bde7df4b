//! Setup, login, invitations, and what failed.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Such as the site that it guards. It stands on every page and report, and can be changed later.",
        "Par exemple le site qu’il garde. Il figure sur chaque page et chaque rapport, et peut être changé plus tard.",
    ),
    (
        "Does word reach you?",
        "Les alertes vous parviennent-elles ?",
    ),
    (
        "You are the administrator of {mesh}. An alert that nobody reads helps nobody: try whether one would reach you. This can wait.",
        "Vous êtes l’administrateur de {mesh}. Une alerte que personne ne lit n’aide personne : essayez si l’une d’elles vous parviendrait. Cela peut attendre.",
    ),
    ("On to the overview", "Aller à l’aperçu"),
    (
        "Later, all of this stands on {page}.",
        "Plus tard, tout cela se trouve sur {page}.",
    ),
    (
        "Nobody is told yet. Write `delivery.toml` beside the coordinator’s settings, with a file for the password that only the coordinator reads:",
        "Personne n’est encore prévenu. Écrivez `delivery.toml` à côté des paramètres du coordinateur, avec un fichier pour le mot de passe que seul le coordinateur lit :",
    ),
    (
        "It is taken up within seconds; then {look}.",
        "Il est pris en compte en quelques secondes ; ensuite, {look}.",
    ),
    ("look again", "regarder à nouveau"),
    ("You are not logged in", "Vous n’êtes pas connecté"),
    (
        "Your session has ended or never began.",
        "Votre session a pris fin ou n’a jamais commencé.",
    ),
    ("Log in and try again.", "Se connecter et réessayer."),
    ("Not allowed", "Non autorisé"),
    (
        "Your role does not include this, or the request came from another site.",
        "Votre rôle ne le permet pas, ou la requête venait d’un autre site.",
    ),
    (
        "Ask an administrator, or open the page afresh and try again.",
        "S’adresser à un administrateur, ou rouvrir la page et réessayer.",
    ),
    ("Not found", "Introuvable"),
    (
        "Nothing is at this address; it may have been removed.",
        "Rien ne se trouve à cette adresse ; l’élément a peut-être été supprimé.",
    ),
    (
        "Check the address, or start from the overview.",
        "Vérifier l’adresse, ou partir de l’aperçu.",
    ),
    ("Somebody was faster", "Quelqu’un a été plus rapide"),
    (
        "This has changed since you opened the page.",
        "Ceci a changé depuis que vous avez ouvert la page.",
    ),
    (
        "Go back, reload, and look at the present state before you try again.",
        "Revenir en arrière, recharger et regarder l’état présent avant de réessayer.",
    ),
    ("Not accepted", "Non accepté"),
    (
        "Something in the form does not fit.",
        "Quelque chose ne convient pas dans le formulaire.",
    ),
    (
        "Go back and correct the marked fields.",
        "Revenir en arrière et corriger les champs signalés.",
    ),
    ("Too many attempts", "Trop de tentatives"),
    (
        "Requests from your address come faster than allowed.",
        "Les requêtes de votre adresse arrivent plus vite que permis.",
    ),
    (
        "Wait a minute and try again.",
        "Attendre une minute et réessayer.",
    ),
    ("Not understood", "Demande non comprise"),
    (
        "The request is not one that this address takes.",
        "Cette adresse n’accepte pas une telle demande.",
    ),
    (
        "Go back, reload the page, and try again.",
        "Revenez en arrière, rechargez la page, puis réessayez.",
    ),
    ("Something went wrong here", "Une erreur s’est produite ici"),
    (
        "The coordinator failed to answer; the fault is not yours.",
        "Le coordinateur n’a pas pu répondre ; ce n’est pas de votre fait.",
    ),
    (
        "Try again. If it happens twice, look up the request id in the log.",
        "Réessayer. Si cela se reproduit, chercher l’identifiant de la requête dans le journal.",
    ),
    ("Request {id}", "Requête {id}"),
    ("Choose a password", "Choisir un mot de passe"),
    ("Welcome, {name}", "Bienvenue, {name}"),
    (
        "You are invited to {mesh} as {role}. Choose a password; this link works once.",
        "Vous êtes invité à rejoindre {mesh} en tant que {role}. Choisissez un mot de passe ; ce lien ne sert qu’une fois.",
    ),
    (
        "Choose another password for {mesh}. This link works once, and ends your sessions.",
        "Choisissez un autre mot de passe pour {mesh}. Ce lien ne sert qu’une fois et met fin à vos sessions.",
    ),
    ("Log in with it", "Se connecter avec ce mot de passe"),
    ("This link is no longer valid", "Ce lien n’est plus valable"),
    (
        "A link works once and for a short time. Ask an administrator for another one.",
        "Un lien ne sert qu’une fois et pour peu de temps. En demander un autre à un administrateur.",
    ),
    ("Already in? {link}.", "Déjà inscrit ? {link}."),
    ("Log in", "Se connecter"),
    ("to {mesh}", "à {mesh}"),
    (
        "From your authenticator, or a recovery code, if your account asks for one.",
        "Celui de votre application d’authentification, ou un code de secours, si votre compte en demande un.",
    ),
    ("Or {link}.", "Ou {link}."),
    (
        "log in with your organisation",
        "se connecter avec votre organisation",
    ),
    ("Logged in", "Connecté"),
    ("You are logged in", "Vous êtes connecté"),
    ("Go on", "Continuer"),
    ("Set up {mesh}", "Configurer {mesh}"),
    (
        "This link makes the first administrator and works once.",
        "Ce lien crée le premier administrateur et ne sert qu’une fois.",
    ),
    ("Your name", "Votre nom"),
    ("Create administrator", "Créer l’administrateur"),
    (
        "A setup link works once and for a short time. On the machine that runs the coordinator, make a new one:",
        "Un lien de configuration ne sert qu’une fois et pour peu de temps. Sur la machine du coordinateur, en créer un autre :",
    ),
    ("Already set up? {link}.", "Déjà configuré ? {link}."),
];
