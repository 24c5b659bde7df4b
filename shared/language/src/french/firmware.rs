//! Releases of firmware, drafts, and who signs.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Firmware", "Micrologiciel"),
    ("Who signs", "Qui signe"),
    ("Nothing is released yet", "Rien n’est encore publié"),
    (
        "An image is taken in here, or on this coordinator's machine with palisade-coordinator release prepare; it is signed elsewhere, and published once enough people have signed.",
        "Une image se dépose sur la machine de ce coordinateur avec palisade-coordinator release prepare ; elle est signée ailleurs, et publiée ici dès qu’assez de personnes ont signé.",
    ),
    (
        "What is published has not ended: their clocks are ahead, nobody reaches them, or somebody keeps it from them.",
        "Ce qui est publié n’a pas expiré : leurs horloges avancent, personne ne les atteint, ou quelqu’un les en prive.",
    ),
    (
        "What is published has ended too: nothing newer is there for anybody.",
        "Ce qui est publié a expiré aussi : il n’y a rien de plus récent pour personne.",
    ),
    ("Stale metadata", "Métadonnées périmées"),
    (
        "holds metadata that has ended, and takes no new order.",
        "détient des métadonnées expirées et n’accepte aucun nouvel ordre.",
    ),
    (
        "hold metadata that has ended, and take no new order.",
        "détiennent des métadonnées expirées et n’acceptent aucun nouvel ordre.",
    ),
    ("Waiting for signatures", "En attente de signatures"),
    ("Draft", "Brouillon"),
    ("Made", "Préparé"),
    ("can be published", "peut être publié"),
    ("lacks signatures", "manque de signatures"),
    ("Release", "Publication"),
    ("keys|none", "aucune"),
    ("Counter", "Compteur"),
    ("Hardware", "Matériel"),
    ("Draft {number}", "Brouillon {number}"),
    (
        "{purpose}, made {when}: {state}.",
        "{purpose}, préparé {when} : {state}.",
    ),
    ("What changes", "Ce qui change"),
    (
        "This is the first release of its product: there is nothing to compare it with.",
        "C’est la première publication de son produit : il n’y a rien à quoi la comparer.",
    ),
    (
        "The two releases are still being compared: images are large, and one comparison is made at a time.",
        "La comparaison des deux publications est encore en cours : les images sont grandes, et une seule comparaison se fait à la fois.",
    ),
    (
        "Do not sign before the difference is shown here.",
        "Ne pas signer avant que la différence figure ici.",
    ),
    (
        "Version {to} is compared with version {from}, the one before it.",
        "La version {to} est comparée à la version {from}, la précédente.",
    ),
    ("firmware|Part", "Composant"),
    (
        "Files: {added} added, {removed} removed, {changed} changed, {same} the same.",
        "Fichiers ajoutés : {added}, retirés : {removed}, modifiés : {changed}, inchangés : {same}.",
    ),
    (
        "Parts: {added} added, {removed} removed, {changed} in another version, {same} the same.",
        "Composants ajoutés : {added}, retirés : {removed}, dans une autre version : {changed}, inchangés : {same}.",
    ),
    (
        "Parts are not compared: version {version} came without a list of them.",
        "Les composants ne sont pas comparés : la version {version} est arrivée sans leur liste.",
    ),
    (
        "Files are not compared: the image of version {version} is no tar archive.",
        "Les fichiers ne sont pas comparés : l’image de la version {version} n’est pas une archive tar.",
    ),
    ("Not compared:", "Pas de comparaison :"),
    ("Before", "Avant"),
    ("After", "Après"),
    ("difference|added", "ajouté"),
    ("difference|removed", "retiré"),
    ("difference|changed", "modifié"),
    (
        "and {n} more difference that is not listed here.",
        "et {n} différence de plus, qui n’est pas détaillée ici.",
    ),
    (
        "and {n} more differences that are not listed here.",
        "et {n} différences de plus, qui ne sont pas détaillées ici.",
    ),
    ("To sign", "À signer"),
    (
        "Carry each file to a machine of your own and read there what it says: `palisade-sign show FILE`. Its last line has to be the SHA-256 that stands here.",
        "Porter chaque fichier sur une machine à soi et y lire ce qu’il dit : `palisade-sign show FICHIER`. Sa dernière ligne doit être le SHA-256 qui figure ici.",
    ),
    ("Version", "Version"),
    ("Signatures", "Signatures"),
    ("Keys that signed", "Clés qui ont signé"),
    ("Keys that may still sign", "Clés qui peuvent encore signer"),
    (
        "{role} by the keys of {other}",
        "{role} par les clés de {other}",
    ),
    ("Signature file", "Fichier de signature"),
    (
        "All that is in the file that `palisade-sign` has written.",
        "Tout le contenu du fichier que `palisade-sign` a écrit.",
    ),
    ("Add a signature", "Ajouter une signature"),
    ("Add", "Ajouter"),
    ("Publish", "Publier"),
    (
        "From then on devices may take it. A release is never taken back, only followed by one with a higher counter.",
        "Dès lors, les appareils peuvent la prendre. Une publication n’est jamais reprise, seulement suivie d’une autre au compteur plus élevé.",
    ),
    (
        "Root {root} is in force and root {served} is served: run `palisade-coordinator repository renew`.",
        "La racine {root} est en vigueur et la racine {served} est servie : exécuter `palisade-coordinator repository renew`.",
    ),
    (
        "What devices may install is signed by people, off this machine. This coordinator holds two keys, which only say which documents are the newest.",
        "Ce que les appareils peuvent installer est signé par des personnes, hors de cette machine. Ce coordinateur détient deux clés, qui disent seulement quels documents sont les plus récents.",
    ),
    ("Ends", "Expire"),
    ("Must sign", "Doivent signer"),
    ("Keys", "Clés"),
    (", online", ", en ligne"),
    ("not published", "non publié"),
    ("ended {when}", "expiré {when}"),
    ("New release", "Nouvelle version"),
    (
        "The image becomes a draft. It is signed on other machines, and no device is told of it before enough people have signed.",
        "L’image devient un brouillon. Il est signé sur d’autres machines, et aucun appareil n’en entend parler avant qu’assez de personnes l’aient signé.",
    ),
    (
        "As people call it: letters, digits and . _ + -",
        "Comme on l’appelle : lettres, chiffres et . _ + -",
    ),
    (
        "Orders a product's releases: above that of every release before.",
        "Ordonne les versions d’un produit : supérieur à celui de toutes les versions précédentes.",
    ),
    (
        "The models that it runs on, with commas between them.",
        "Les modèles sur lesquels elle fonctionne, séparés par des virgules.",
    ),
    ("List of its parts", "Liste de ses composants"),
    (
        "CycloneDX as JSON. Findings are made of it, and releases compared.",
        "CycloneDX en JSON. On en tire des constats, et on compare les versions.",
    ),
    (
        "512 MiB at most. It is neither run nor opened here.",
        "512 Mio au plus. Elle n’est ni exécutée ni ouverte ici.",
    ),
    ("Take it in", "Recevoir l’image"),
    ("Discard", "Abandonner"),
    (
        "The draft goes, with the signatures on it and the files that nothing else names.",
        "Le brouillon disparaît, avec les signatures qu’il porte et les fichiers que rien d’autre ne nomme.",
    ),
    ("Discard this draft", "Abandonner ce brouillon"),
    (
        "Write a whole number of at least 1.",
        "Écrire un nombre entier d’au moins 1.",
    ),
    ("Choose the file.", "Choisir le fichier."),
    ("it has no field {name}", "il n’a pas de champ {name}"),
    (
        "the field {name} comes twice",
        "le champ {name} vient deux fois",
    ),
    (
        "Draft {number} is gone.",
        "Le brouillon {number} a disparu.",
    ),
];
