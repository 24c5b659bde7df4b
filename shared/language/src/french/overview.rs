//! The overview.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Security", "Sécurité"),
    ("Latest events", "Derniers événements"),
    ("Coordinator", "Coordinateur"),
    ("What to make of it", "Qu’en penser"),
    (
        "Three steps to see it work",
        "Trois étapes pour le voir à l’œuvre",
    ),
    ("Add a device", "Ajouter un appareil"),
    (
        "Run one line on any Linux box. {link}.",
        "Exécuter une ligne sur n’importe quelle machine Linux. {link}.",
    ),
    ("Make the line", "Créer la ligne"),
    ("See it live", "Le voir en direct"),
    (
        "It appears under {link} within seconds.",
        "Il apparaît sous {link} en quelques secondes.",
    ),
    ("Stop it and watch", "L’arrêter et observer"),
    (
        "End the program on that box: its neighbours call it {link} within 15 s, and say who heard it last.",
        "Arrêter le programme sur cette machine : ses voisins le disent {link} en moins de 15 s, et disent qui l’a entendu en dernier.",
    ),
    ("silent", "silencieux"),
    ("All alerts", "Toutes les alertes"),
    ("one alert|{n} open", "{n} ouverte"),
    ("alerts|{n} open", "{n} ouvertes"),
    ("Fix first", "À corriger d’abord"),
    ("{n} open finding", "{n} constat ouvert"),
    ("{n} open findings", "{n} constats ouverts"),
    ("{score} of 100", "{score} sur 100"),
    (
        "Nothing that is known is open.",
        "Rien de connu n’est ouvert.",
    ),
    ("exploited elsewhere", "exploitée ailleurs"),
    ("Quiet so far", "Tout est calme jusqu’ici"),
    (
        "Joins, silences and changes appear here.",
        "Les adhésions, les silences et les changements apparaissent ici.",
    ),
    ("Nodes connected", "Nœuds connectés"),
    ("Records stored", "Enregistrements conservés"),
    ("Store", "Base"),
    ("Disk", "Disque"),
    ("Disk used", "Disque utilisé"),
    ("Mesh id", "Identifiant du maillage"),
    ("Done", "Fait"),
];
