//! Devices without a node.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("{n} device without a node", "{n} appareil sans nœud"),
    ("{n} devices without a node", "{n} appareils sans nœud"),
    ("Vendor", "Fabricant"),
    ("Guarded by", "Gardé par"),
    (
        "and {n} more: search for it, or choose a class.",
        "et {n} autre : faire une recherche, ou choisir une classe.",
    ),
    (
        "and {n} more: search for them, or choose a class.",
        "et {n} autres : faire une recherche, ou choisir une classe.",
    ),
    ("nobody", "personne"),
    ("neither speaks nor answers", "ne parle ni ne répond"),
    (
        "nobody has written of it lately",
        "personne n’en a parlé récemment",
    ),
    (
        "{n} node does not hear everything",
        "{n} nœud n’entend pas tout",
    ),
    (
        "{n} nodes do not hear everything",
        "{n} nœuds n’entendent pas tout",
    ),
    ("Device without a node", "Appareil sans nœud"),
    ("Traffic", "Trafic"),
    ("What is heard of it", "Ce qu’on entend de lui"),
    (
        "It runs no node: all of this is what it says of itself, and what others hear.",
        "Il ne fait tourner aucun nœud : tout ceci est ce qu’il dit de lui-même et ce que d’autres entendent.",
    ),
    ("Names", "Noms"),
    ("Listens on", "Écoute sur"),
    ("First heard", "Entendu pour la première fois"),
    (
        "{device} says that this hardware is its own, while others hear a device there: find out which of them is right.",
        "{device} dit que ce matériel est le sien, alors que d’autres y entendent un appareil : chercher lequel a raison.",
    ),
    ("nothing tells what it is", "rien ne dit ce que c’est"),
    ("a guess ({n} of 100):", "une supposition ({n} sur 100) :"),
    (
        "Its hearers do not agree: {what}.",
        "Ceux qui l’entendent ne sont pas d’accord : {what}.",
    ),
    ("Who hears and guards it", "Qui l’entend et le garde"),
    ("Guarded by {names}.", "Gardé par {names}."),
    ("nobody at the moment", "personne en ce moment"),
    ("Takes it for", "Le prend pour"),
    ("At", "À"),
    ("Newest line", "Dernière ligne"),
    ("In its log", "Dans son journal"),
    ("was told of it", "en a été averti"),
    ("What happened", "Ce qui s’est passé"),
    ("{when}: {what}", "{when} : {what}"),
    ("says {device}", "selon {device}"),
];
