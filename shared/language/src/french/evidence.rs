//! Proofs.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("No proofs", "Aucune preuve"),
    (
        "When a device signs two things that no honest device signs both, the proof of it is kept here, and every node shuts the device out at once.",
        "Quand un appareil signe deux choses qu’aucun appareil honnête ne signe ensemble, la preuve en est conservée ici, et tous les nœuds l’excluent aussitôt.",
    ),
    ("Download the proof", "Télécharger la preuve"),
    ("Proof against {device}", "Preuve contre {device}"),
    ("What was signed", "Ce qui a été signé"),
    ("proof|First", "Première"),
    ("proof|Second", "Seconde"),
    ("Carries the time", "Porte l’heure"),
    ("How it was found", "Comment elle a été trouvée"),
    ("Brought by", "Apportée par"),
    ("Size", "Taille"),
    ("{n} byte", "{n} octet"),
    ("{n} bytes", "{n} octets"),
    ("Proof", "Preuve"),
    (
        "The file carries the root document, the charter and the proof. It checks on a machine without network:",
        "Le fichier contient le document racine, la charte et la preuve. Il se vérifie sur une machine sans réseau :",
    ),
    ("Against", "Contre"),
    ("the admission key", "la clé d’admission"),
    (
        "the coordinator, which was shown both",
        "le coordinateur, à qui les deux ont été montrées",
    ),
];
