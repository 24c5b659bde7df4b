//! Why a rollout halted, and why devices are not counted.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "it ran the image on probation and was not heard again",
        "il a fait tourner l’image à l’essai et n’a plus été entendu",
    ),
    (
        "it is no member of this mesh",
        "il n’est pas membre de ce maillage",
    ),
    (
        "it has not said what it is since it joined",
        "il n’a pas dit ce qu’il est depuis son entrée",
    ),
    (
        "the image is for other hardware",
        "l’image est destinée à un autre matériel",
    ),
    ("it is of another product", "il est d’un autre produit"),
    (
        "it runs this image already",
        "il fait déjà tourner cette image",
    ),
    ("it is in quarantine", "il est en quarantaine"),
    ("no ring reaches as far", "aucun anneau ne va aussi loin"),
    (
        "it left before it had ended",
        "il est parti avant d’avoir fini",
    ),
    (
        "{failed} of ring {ring} failed, and {halting} are too many",
        "{failed} de l’anneau {ring} ont échoué, et {halting} sont de trop",
    ),
    (
        "{committed} of {tried} of ring {ring} have committed, and it takes {percent} percent of those that tried",
        "{committed} sur {tried} de l’anneau {ring} ont validé, et il faut {percent} pour cent de ceux qui ont essayé",
    ),
    ("{number} named", "{number} nommés"),
    ("{number} drawn", "{number} tirés au sort"),
    ("up to {percent} %", "jusqu’à {percent} %"),
    ("update|announced", "annoncée"),
    ("update|trusted", "approuvée"),
    ("update|fetched", "récupérée"),
    ("update|installed", "installée"),
    ("update|probation", "à l’essai"),
    ("update|committed", "validée"),
    ("update|rolled back", "annulée"),
    ("update|refused", "refusée"),
    ("update|lost", "perdu"),
];
