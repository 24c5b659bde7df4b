//! What is heard of devices without a node, and of traffic.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "said more than is kept of one node: {n} word was left out",
        "en a dit plus que ce qui est conservé d’un nœud : {n} parole a été omise",
    ),
    (
        "said more than is kept of one node: {n} words were left out",
        "en a dit plus que ce qui est conservé d’un nœud : {n} paroles ont été omises",
    ),
    ("was not met yet", "pas encore rencontré"),
    ("was heard", "entendu"),
    ("answered ARP", "a répondu à ARP"),
    ("answered an echo request", "a répondu à une demande d’écho"),
    ("answered on a TCP port", "a répondu sur un port TCP"),
    (
        "{presence}, {how}; written of for {span_s} s",
        "{presence}, {how} ; suivi depuis {span_s} s",
    ),
    ("presence|there", "présent"),
    ("presence|gone", "disparu"),
    ("presence|unmet", "jamais rencontré"),
    (
        "{mac} is new on the segment",
        "{mac} est nouveau sur le segment",
    ),
    (
        "{address} went from {from} to {to}",
        "{address} est passée de {from} à {to}",
    ),
    (
        "{address} is claimed by {first} and by {second} at once",
        "{address} est revendiquée à la fois par {first} et par {second}",
    ),
    (
        "{mac} is heard in another place than before",
        "{mac} est entendu à un autre endroit qu’auparavant",
    ),
    ("{mac} gives out addresses", "{mac} distribue des adresses"),
    (
        "{mac} neither speaks nor answers",
        "{mac} ne parle ni ne répond",
    ),
    ("{mac} is back", "{mac} est de retour"),
    (
        "{n} more event was not told by itself",
        "{n} autre événement n’a pas été annoncé séparément",
    ),
    (
        "{n} more events were not told one by one",
        "{n} autres événements n’ont pas été annoncés un à un",
    ),
    ("this is normal: {habit}", "c’est normal : {habit}"),
    (
        "no longer said to be normal: {habit}",
        "plus déclaré normal : {habit}",
    ),
    (
        "takes an earlier word back",
        "revient sur une parole antérieure",
    ),
    ("stage: learning", "phase : apprentissage"),
    ("stage: trial", "phase : essai"),
    ("stage: enforcing", "phase : imposition"),
    ("stage|learning", "apprentissage"),
    ("stage|trial", "essai"),
    ("stage|enforcing", "imposition"),
    ("habit|From", "Origine"),
    ("habit|learnt", "apprise"),
    ("habit|lent", "prêtée"),
    ("habit|declared", "déclarée"),
    ("habit|allowed", "autorisée"),
    (
        "the maker declares {n} habit",
        "le fabricant déclare {n} habitude",
    ),
    (
        "the maker declares {n} habits",
        "le fabricant déclare {n} habitudes",
    ),
    (
        "lends {n} habit of the class {class}",
        "prête {n} habitude de la classe {class}",
    ),
    (
        "lends {n} habits of the class {class}",
        "prête {n} habitudes de la classe {class}",
    ),
    ("answer|allowed", "autorisé"),
    ("answer|unusual", "inhabituel"),
    ("answer|denied", "refusé"),
    (
        "; a host with `[flows] enforce = true` does not forward it, any other only says so",
        " ; un hôte avec `[flows] enforce = true` ne le transmet pas, tout autre se contente de le signaler",
    ),
    ("answer|learning", "en apprentissage"),
    ("answer|unknown", "inconnu"),
    (
        "nobody tells of this device's traffic",
        "personne ne rend compte du trafic de cet appareil",
    ),
    (
        "{answer}, say {agree} of {all} that watch its traffic",
        "{answer}, disent {agree} sur {all} qui observent son trafic",
    ),
    (
        "Write a number up to 65535.",
        "Écrire un nombre jusqu’à 65535.",
    ),
    (
        "Write tcp, udp or a number.",
        "Écrire tcp, udp ou un nombre.",
    ),
    (
        "One node is told; its log will say that it heard.",
        "Un nœud est averti ; son journal dira qu’il l’a entendu.",
    ),
    (
        "{n} nodes are told; their logs will say that they heard.",
        "{n} nœuds sont avertis ; leurs journaux diront qu’ils l’ont entendu.",
    ),
];
