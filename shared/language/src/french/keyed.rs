//! Devices with a key.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Devices with a key", "Appareils à clé"),
    ("None yet", "Encore aucun"),
    (
        "A device that can run no node can still say that it lives, with a key of its own and a script of a hundred lines.",
        "Un appareil qui ne peut faire tourner aucun nœud peut tout de même dire qu’il vit, avec une clé à lui et un script d’une centaine de lignes.",
    ),
    (
        "What they say, nobody vouches for: no witness hears them.",
        "De ce qu’ils disent, personne ne répond : aucun témoin ne les entend.",
    ),
    ("Tag", "Étiquette"),
    ("Last heard", "Dernier signe"),
    ("Register a device", "Enregistrer un appareil"),
    (
        "Such as `sensor`, `camera` or `meter`.",
        "Par exemple `sensor`, `camera` ou `meter`.",
    ),
    ("Register", "Enregistrer l’appareil"),
    (
        "Its key is shown once, beside the tag for its sticker.",
        "Sa clé est affichée une seule fois, à côté du texte de son autocollant.",
    ),
    ("QR code of the tag", "Code QR de l’étiquette"),
    ("Runs for", "En marche depuis"),
    ("{time}, by its own word", "{time}, selon lui"),
    ("Registered by", "Enregistré par"),
    ("Key made", "Clé créée"),
    ("Key", "Clé"),
    ("Give it another key", "Lui donner une autre clé"),
    ("Forget the device", "Oublier l’appareil"),
    (
        "The key until now works no more, at once.",
        "La clé actuelle cesse aussitôt de fonctionner.",
    ),
    ("What it says", "Ce qu’il dit"),
    ("Nothing yet.", "Encore rien."),
    ("Values", "Valeurs"),
    ("Log lines", "Lignes de journal"),
    ("None yet.", "Encore aucune."),
    ("Line", "Ligne"),
    ("Key of {name}", "Clé de {name}"),
    (
        "It is shown this once. Put it into a file on the device that only its script may read.",
        "Elle n’est affichée que cette fois. La placer dans un fichier de l’appareil que seul son script peut lire.",
    ),
    ("On the sticker:", "Sur l’autocollant :"),
    (
        "The tag is no secret: it says which device this is.",
        "L’étiquette n’est pas un secret : elle dit de quel appareil il s’agit.",
    ),
    ("The device", "L’appareil"),
];
