//! Appeals, and links whose two ends do not agree.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "A committee of strangers holds it",
        "Un comité de tiers le retient",
    ),
    (
        "Tried by a committee of strangers",
        "Jugé par un comité de tiers",
    ),
    ("What clears it", "Ce qui le disculpe"),
    ("Appeals", "Recours"),
    ("{device} is held", "{device} est retenu"),
    (
        "How {part} of {whole} members voted",
        "Comment {part} membres sur {whole} ont voté",
    ),
    ("signed {when}", "signé {when}"),
    (
        "Links that do not add up",
        "Liens dont les comptes ne concordent pas",
    ),
    (
        "Both ends sign what they count. One of the two is wrong; which one cannot be known from this.",
        "Les deux extrémités signent ce qu’elles comptent. L’une des deux se trompe ; cela ne dit pas laquelle.",
    ),
    ("link|From", "De"),
    ("link|To", "Vers"),
    ("What both signed", "Ce que les deux ont signé"),
    ("link|Times", "Fois"),
    ("link|Latest", "Dernière"),
];
