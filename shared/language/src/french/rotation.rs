//! The admission key and the root replaced.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Rotation", "Rotation"),
    ("Replace keys", "Remplacer des clés"),
    (
        "Nothing was rotated yet",
        "Aucune rotation n’a encore eu lieu",
    ),
    (
        "The first charter is in force. When the admission key or the root is replaced, this page shows who has heard of it.",
        "La première charte est en vigueur. Quand la clé d’admission ou la racine est remplacée, cette page montre qui en a eu connaissance.",
    ),
    ("Charter {number}", "Charte {number}"),
    ("Signed by the root", "Signée par la racine"),
    ("Former memberships", "Anciennes adhésions"),
    (
        "{part} of {whole} devices are done, {left} to go.",
        "{part} appareils sur {whole} ont fini, il en reste {left}.",
    ),
    (
        "{part} of {whole} devices are done.",
        "{part} appareils sur {whole} ont fini.",
    ),
    ("Devices that are done", "Appareils qui ont fini"),
    (
        "this charter has kept the admission key",
        "cette charte a gardé la clé d’admission",
    ),
    (
        "open doors; that ends {when}",
        "ouvrent des portes ; cela prend fin {when}",
    ),
    (
        "open no door any more; that ended {when}",
        "n’ouvrent plus aucune porte ; cela a pris fin {when}",
    ),
    ("Waiting for", "En attente de"),
    (
        "A device is done once it holds the charter and its new membership. One that is off hears of both when it is back; after the overlap only neighbours that hold its new membership let it in.",
        "Un appareil a fini dès qu’il détient la charte et sa nouvelle adhésion. Celui qui est éteint apprend l’une et l’autre à son retour ; après la période de recouvrement, seuls les voisins qui détiennent sa nouvelle adhésion le laissent entrer.",
    ),
    (
        "Replace the admission key or the root",
        "Remplacer la clé d’admission ou la racine",
    ),
    ("Progress", "Avancement"),
    (
        "Charter {number} is in force. Only the offline root can replace it, and the coordinator never sees the root's words: this page makes a file, you sign it elsewhere, and bring one line back. No link drops, and memberships are signed anew by themselves.",
        "La charte {number} est en vigueur. Seule la racine hors ligne peut la remplacer, et le coordinateur ne voit jamais les mots de la racine : cette page produit un fichier, vous le signez ailleurs et rapportez une ligne. Aucun lien ne tombe, et les adhésions sont signées de nouveau d’elles-mêmes.",
    ),
    ("Overlap in days", "Recouvrement en jours"),
    (
        "How long a membership by the former key still opens doors: longer than any device stays off. 1 to 365.",
        "Combien de temps une adhésion par l’ancienne clé ouvre encore des portes : plus longtemps qu’aucun appareil ne reste éteint. De 1 à 365.",
    ),
    ("1. Make a file to sign", "1. Produire un fichier à signer"),
    (
        "It proposes a fresh admission key, which is made here and waits. A file that was made before is void from then on.",
        "Il propose une nouvelle clé d’admission, créée ici et en attente. Un fichier produit auparavant est dès lors caduc.",
    ),
    ("Make the file", "Produire le fichier"),
    (
        "2. Sign it where the recovery words are",
        "2. Le signer là où sont les mots de récupération",
    ),
    (
        "There is no file yet: make it first.",
        "Il n’y a pas encore de fichier : le produire d’abord.",
    ),
    (
        "Charter {number} was proposed {when}. Carry {file} to a machine without network that has this program, and enter the words there.",
        "La charte {number} a été proposée {when}. Porter {file} sur une machine sans réseau qui a ce programme, et y saisir les mots.",
    ),
    (
        "For another admission key",
        "Pour une autre clé d’admission",
    ),
    (
        "For another root, with words of its own",
        "Pour une autre racine, avec ses propres mots",
    ),
    ("Signed line", "Ligne signée"),
    (
        "The one line that the command has printed, all of it.",
        "L’unique ligne que la commande a affichée, en entier.",
    ),
    ("Type {name} to confirm.", "Saisir {name} pour confirmer."),
    ("Name of the mesh", "Nom du maillage"),
    ("3. Put it into force", "3. La mettre en vigueur"),
    (
        "Every device takes it over, and nothing takes it back but another charter of the root.",
        "Chaque appareil la reprend, et rien ne l’annule hormis une autre charte de la racine.",
    ),
    ("Put into force", "Mettre en vigueur"),
];
