//! The mesh and its map.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("No nodes yet", "Aucun nœud pour l’instant"),
    (
        "Each device that joins takes its place here, with the links its neighbours report.",
        "Chaque appareil qui adhère prend place ici, avec les liaisons que signalent ses voisins.",
    ),
    (
        "No line is drawn as heard: nobody has said lately that it heard anybody, or it has not reached the coordinator.",
        "Aucune liaison n’est tracée comme entendue : personne n’a dit récemment avoir entendu quelqu’un, ou cela n’est pas parvenu au coordinateur.",
    ),
    (
        "Only {device} is here. Links appear once a second node joins: then each watches the other.",
        "Seul {device} est ici. Des liaisons apparaissent dès qu’un second nœud adhère : alors chacun surveille l’autre.",
    ),
    (
        "Charter {number}: {some} of {all} devices hold it.",
        "Charte {number} : {some} appareils sur {all} la détiennent.",
    ),
    ("All cells", "Toutes les cellules"),
    ("View", "Affichage"),
    ("Map", "Carte"),
    ("Table", "Tableau"),
    ("Neighbours", "Voisins"),
    (
        "Map of {nodes} nodes in {cells} cells",
        "Carte de {nodes} nœuds dans {cells} cellules",
    ),
    ("Map, scrolls", "Carte, défilante"),
    (
        "One heard the other within 30 s",
        "L’un a entendu l’autre depuis moins de 30 s",
    ),
    (
        "A witness says it hears nothing",
        "Un témoin dit ne rien entendre",
    ),
    (
        "Certified silent by its witnesses",
        "Certifié silencieux par ses témoins",
    ),
    (
        "Open a cell to see its nodes and links.",
        "Ouvrir une cellule pour voir ses nœuds et ses liaisons.",
    ),
    ("{n} node", "{n} nœud"),
    ("{n} nodes", "{n} nœuds"),
    (
        "{online} online, {silent} silent",
        "{online} en ligne, {silent} silencieux",
    ),
];
