//! What pages answer to what was done.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("{role}, reading only", "{role}, lecture seule"),
    ("{what}, in {areas}", "{what}, pour {areas}"),
    (
        "This is not your password.",
        "Ce n’est pas votre mot de passe.",
    ),
    (
        "All other sessions have ended.",
        "Toutes les autres sessions ont pris fin.",
    ),
    ("The session has ended.", "La session a pris fin."),
    (
        "use begin, confirm or forget",
        "utiliser begin, confirm ou forget",
    ),
    (
        "This is not the code of now. Look at the clock of your phone.",
        "Ce n’est pas le code de ce moment. Vérifiez l’horloge de votre téléphone.",
    ),
    (
        "From now on a code is asked for at each login.",
        "Désormais, un code est demandé à chaque connexion.",
    ),
    ("The token works no more.", "Le jeton n’a plus d’effet."),
    (
        "take it from the link to the next page",
        "la prendre du lien vers la page suivante",
    ),
    ("use rotate or remove", "utiliser rotate ou remove"),
    ("use rotate or revoke", "utiliser rotate ou revoke"),
    ("Alert {number} is open.", "L’alerte {number} est ouverte."),
    (
        "Alert {number} is acknowledged.",
        "L’alerte {number} est prise en compte.",
    ),
    (
        "Alert {number} is assigned.",
        "L’alerte {number} est attribuée.",
    ),
    (
        "Alert {number} is snoozed.",
        "L’alerte {number} est en sommeil.",
    ),
    (
        "Alert {number} is closed.",
        "L’alerte {number} est clôturée.",
    ),
    (
        "Alert {number} is a false positive.",
        "L’alerte {number} est un faux positif.",
    ),
    ("The rule {rule} is tuned.", "La règle {rule} est ajustée."),
    (
        "The rule {rule} is as it was.",
        "La règle {rule} est redevenue ce qu’elle était.",
    ),
    ("source|logs", "les journaux"),
    ("{device} is retired.", "{device} est retiré."),
    (
        "{device} is in quarantine for a day.",
        "{device} est en quarantaine pour un jour.",
    ),
    ("{device} is cleared.", "{device} est disculpé."),
    ("{architecture}, {n} core", "{architecture}, {n} cœur"),
    ("{architecture}, {n} cores", "{architecture}, {n} cœurs"),
    (
        "an address it has not told yet",
        "une adresse qu’il n’a pas encore donnée",
    ),
    (
        "a device of this name exists",
        "un appareil de ce nom existe",
    ),
    (
        "Name or password is wrong.",
        "Le nom ou le mot de passe est faux.",
    ),
    ("{device} was turned down.", "{device} a été refusé."),
    ("{device} was approved.", "{device} a été approuvé."),
    (
        "decide to approve or to reject",
        "décider d’approuver ou de refuser",
    ),
    ("the code stands for it", "le code en tient lieu"),
];
