//! Why a device without a node is taken for one of a class, as its hearers say.

pub(super) const WRITTEN: &[(&str, &str)] = &[
    ("offers {service} over mDNS", "propose {service} par mDNS"),
    (
        "listens on port {port} ({what})",
        "écoute sur le port {port} ({what})",
    ),
    ("calls itself {word} over UPnP", "se dit {word} par UPnP"),
    (
        "asks for its address as {start}",
        "demande son adresse en tant que {start}",
    ),
    (
        "has the word {word} in its name",
        "a le mot {word} dans son nom",
    ),
    (
        "listens to the group {group} ({what})",
        "écoute le groupe {group} ({what})",
    ),
    (
        "asks who listens to groups",
        "demande qui écoute des groupes",
    ),
    (
        "made by {vendor}, who mostly make such",
        "fabriqué par {vendor}, qui en fait surtout de tels",
    ),
];
