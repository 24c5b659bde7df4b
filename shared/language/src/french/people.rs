//! Who may log in.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Nobody is logged in with the account any more.",
        "Plus personne n’est connecté avec ce compte.",
    ),
    ("sees the mesh", "voit le maillage"),
    ("also acts on devices", "agit aussi sur les appareils"),
    (
        "also decides who may do what",
        "décide aussi qui peut faire quoi",
    ),
    (
        "sees all, the audit log included, and changes nothing",
        "voit tout, journal d’audit compris, et ne change rien",
    ),
    ("account|Active", "Actif"),
    ("account|Disabled", "Désactivé"),
    (
        "Invited, link not used yet",
        "Invité, lien pas encore utilisé",
    ),
    ("Invite", "Inviter"),
    ("People", "Personnes"),
    ("people|Change", "Modifier"),
    (
        "Whoever gets another role logs in again. An account that is disabled or removed is out at once, with its tokens.",
        "Qui change de rôle se connecte de nouveau. Un compte désactivé ou supprimé est exclu aussitôt, avec ses jetons.",
    ),
    ("code|asked for", "demandé"),
    ("code|not asked for", "non demandé"),
    ("Change {name}", "Modifier {name}"),
    ("Take the invitation back", "Reprendre l’invitation"),
    ("Change role", "Changer le rôle"),
    ("New password by link", "Nouveau mot de passe par lien"),
    ("Ask for no code", "Ne plus demander de code"),
    ("account|Enable", "Activer"),
    ("account|Disable", "Désactiver"),
    ("Roles", "Rôles"),
    (
        "The name to log in with. It cannot be changed later.",
        "Le nom pour se connecter. Il ne peut pas être changé plus tard.",
    ),
    ("Invite somebody", "Inviter quelqu’un"),
    (
        "You get a link to hand over. It works once, for three days; whoever opens it chooses a password.",
        "Vous obtenez un lien à remettre. Il sert une fois, pendant trois jours ; qui l’ouvre choisit un mot de passe.",
    ),
    ("Make the link", "Créer le lien"),
    ("Link for {name}", "Lien pour {name}"),
    (
        "Hand it over yourself: whoever opens it first becomes {name}, {role}.",
        "Le remettre soi-même : qui l’ouvre le premier devient {name}, {role}.",
    ),
    (
        "Hand it over yourself: whoever opens it first chooses the password of {name}.",
        "Le remettre soi-même : qui l’ouvre le premier choisit le mot de passe de {name}.",
    ),
    (
        "It is shown this once, works once, and expires {when}, at {stamp} UTC.",
        "Il n’est affiché que cette fois, ne sert qu’une fois et expire {when}, le {stamp} UTC.",
    ),
    (
        "At least 15 characters. A few unrelated words work well; pasting is fine.",
        "Au moins 15 caractères. Quelques mots sans lien entre eux conviennent bien ; le collage est permis.",
    ),
    ("role|viewer", "lecteur"),
    ("role|operator", "opérateur"),
    ("role|admin", "administrateur"),
    ("role|auditor", "auditeur"),
];
