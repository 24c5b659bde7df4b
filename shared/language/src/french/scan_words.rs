//! What nodes do with their part of a scan.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "it breaks off after {bytes} bytes",
        "elle s’interrompt après {bytes} octets",
    ),
    (
        "the scanner failed: {reason}",
        "l’analyseur a échoué : {reason}",
    ),
    ("everything that is known", "tout ce qui est connu"),
    ("waits for the node to begin", "attend que le nœud commence"),
    ("fetches {bytes} bytes", "récupère {bytes} octets"),
    ("is told to stop", "reçoit l’ordre d’arrêter"),
    (
        "the node did not begin in time",
        "le nœud n’a pas commencé à temps",
    ),
    ("{n} entry was left out", "{n} entrée a été omise"),
    ("{n} entries were left out", "{n} entrées ont été omises"),
];
