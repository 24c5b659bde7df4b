//! Routes and letters of delivery in words.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("letter|waiting", "en attente"),
    ("letter|sent", "envoyé"),
    ("letter|given up", "abandonné"),
    (", of {classes}", ", de {classes}"),
    ("at any time", "à toute heure"),
    ("at {hours}", "à {hours}"),
    (
        "{hours}, when nobody has acknowledged for {minutes} min",
        "{hours}, si personne n’a acquitté depuis {minutes} min",
    ),
    (
        "{severity} and above{classes}",
        "{severity} et au-dessus{classes}",
    ),
];
