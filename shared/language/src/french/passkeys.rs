//! Passkeys: made, shown, and what they open.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Passkeys", "Clés d’accès"),
    ("Passkey", "Clé d’accès"),
    ("passkey|Made", "Créée"),
    ("Works at", "Fonctionne à"),
    ("Log in with a passkey", "Se connecter avec une clé d’accès"),
    ("log in with a passkey", "se connecter avec une clé d’accès"),
    (
        "log in with a password",
        "se connecter avec un mot de passe",
    ),
    (
        "This page needs scripts, and a browser that knows passkeys. The password works without.",
        "Cette page a besoin de scripts et d’un navigateur qui connaît les clés d’accès. Le mot de passe fonctionne sans cela.",
    ),
    (
        "Your browser asks for the finger, the face or the PIN that opens your passkey. No name, no password and no code are asked for.",
        "Votre navigateur demande le doigt, le visage ou le code qui ouvre votre clé d’accès. Ni nom, ni mot de passe, ni code à usage unique ne sont demandés.",
    ),
    ("Use a passkey", "Utiliser une clé d’accès"),
    (
        "No passkey was used: it was broken off, or took too long.",
        "Aucune clé d’accès n’a été utilisée : la demande a été interrompue ou a duré trop longtemps.",
    ),
    (
        "This device holds a passkey of this account already.",
        "Cet appareil détient déjà une clé d’accès de ce compte.",
    ),
    (
        "The browser uses no passkey at this address.",
        "Le navigateur n’utilise aucune clé d’accès à cette adresse.",
    ),
    (
        "The browser could not use a passkey.",
        "Le navigateur n’a pas pu utiliser de clé d’accès.",
    ),
    (
        "This passkey opens no account here, or its answer came too late.",
        "Cette clé d’accès n’ouvre aucun compte ici, ou sa réponse est arrivée trop tard.",
    ),
    (
        "Your organisation's identity provider decides how you log in: passkeys are made there.",
        "Le fournisseur d’identité de votre organisation décide de la façon de se connecter : les clés d’accès se créent chez lui.",
    ),
    (
        "A passkey opens the account with a finger, a face or a PIN. It stands for a password and a code at once, and no other site can have it.",
        "Une clé d’accès ouvre le compte avec un doigt, un visage ou un code. Elle tient lieu à la fois de mot de passe et de code à usage unique, et aucun autre site ne peut l’obtenir.",
    ),
    (
        "No password opens this account: the last passkey stays until one is chosen.",
        "Aucun mot de passe n’ouvre ce compte : la dernière clé d’accès reste jusqu’à ce qu’on en choisisse un.",
    ),
    ("Not at this address", "Pas à cette adresse"),
    (
        "Browsers bind a passkey to a name and to no address, and only to names that this coordinator goes by. Open the page under one of them, or add yours to `people_names`.",
        "Les navigateurs lient une clé d’accès à un nom et jamais à une adresse, et seulement aux noms que porte ce coordinateur. Ouvrir la page sous l’un d’eux, ou ajouter le vôtre à `people_names`.",
    ),
    (
        "Making a passkey needs scripts, and a browser that knows passkeys. The password works without.",
        "Créer une clé d’accès demande des scripts et un navigateur qui les connaît. Le mot de passe fonctionne sans cela.",
    ),
    ("Add a passkey", "Ajouter une clé d’accès"),
    (
        "What holds it, such as “Phone”.",
        "Ce qui la détient, par exemple « Téléphone ».",
    ),
    (
        "First a passkey that you have is asked for.",
        "Une clé d’accès que vous avez déjà est demandée d’abord.",
    ),
    ("Passkeys alone", "Clés d’accès seules"),
    (
        "No password opens the account any more, so none can be guessed or given away. Have two passkeys on two devices first; an administrator can hand out a link for a password.",
        "Aucun mot de passe n’ouvre plus le compte : aucun ne peut être deviné ni livré. Avoir d’abord deux clés d’accès sur deux appareils ; un administrateur peut remettre un lien pour un mot de passe.",
    ),
    ("Ask for no password", "Ne plus demander de mot de passe"),
    (
        "Only passkeys open this account. A password can be chosen beside them.",
        "Seules des clés d’accès ouvrent ce compte. Un mot de passe peut être choisi en plus.",
    ),
    ("Change a passkey", "Modifier une clé d’accès"),
    ("New name", "Nouveau nom"),
    ("Rename", "Renommer"),
    ("Remove its passkeys", "Supprimer ses clés d’accès"),
    (
        "No passkey opens this account yet.",
        "Aucune clé d’accès n’ouvre encore ce compte.",
    ),
    (
        "{n} passkey opens this account.",
        "{n} clé d’accès ouvre ce compte.",
    ),
    (
        "{n} passkeys open this account.",
        "{n} clés d’accès ouvrent ce compte.",
    ),
    ("Passkeys of this account", "Clés d’accès de ce compte"),
    (
        "Its passkeys open nothing any more.",
        "Ses clés d’accès n’ouvrent plus rien.",
    ),
    (
        "use add, rename, remove, alone or password",
        "utiliser add, rename, remove, alone ou password",
    ),
    (
        "No passkey of this account was shown, or its answer came too late.",
        "Aucune clé d’accès de ce compte n’a été présentée, ou sa réponse est arrivée trop tard.",
    ),
    (
        "Passkeys do not work at this address.",
        "Les clés d’accès ne fonctionnent pas à cette adresse.",
    ),
    (
        "The passkey was not taken: {why}.",
        "La clé d’accès n’a pas été acceptée : {why}.",
    ),
    (
        "The passkey opens your account from now on.",
        "La clé d’accès ouvre désormais votre compte.",
    ),
    (
        "The passkey has another name.",
        "La clé d’accès porte un autre nom.",
    ),
    (
        "The passkey opens nothing here any more.",
        "La clé d’accès n’ouvre plus rien ici.",
    ),
    (
        "a provider vouches for this account",
        "un fournisseur d’identité répond de ce compte",
    ),
    (
        "it is the only way into the account: choose a password or add another passkey first",
        "c’est le seul accès au compte : choisir d’abord un mot de passe ou ajouter une autre clé d’accès",
    ),
    (
        "the account has no password: hand out a link for one, and remove its passkeys once that was used",
        "le compte n’a pas de mot de passe : remettre un lien pour en choisir un, et supprimer ses clés d’accès une fois le lien utilisé",
    ),
    (
        "the password is the only way into the account: add a passkey first",
        "le mot de passe est le seul accès au compte : ajouter d’abord une clé d’accès",
    ),
];
