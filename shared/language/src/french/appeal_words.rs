//! How committees found, and what links do not agree on.

pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "Somebody clears it here or on a gateway's console; otherwise it ends by itself after a day. Each member said what it saw over a link of its own.",
        "Quelqu’un le disculpe ici ou sur la console d’une passerelle ; sinon, cela prend fin de soi-même après un jour. Chaque membre a dit ce qu’il a vu sur un lien à lui.",
    ),
    (
        "{against} of {members} strangers saw it themselves; {quorum} hold it, and {voted} have voted.",
        "{against} tiers sur {members} l’ont vu eux-mêmes ; il en faut {quorum} pour le retenir, et {voted} ont voté.",
    ),
    (
        "{found} It is not held: {why}.",
        "{found} Il n’est pas retenu : {why}.",
    ),
    (
        "Nothing is automated: the root allows it for no class of devices.",
        "Rien n’est automatisé : la racine ne le permet pour aucune classe d’appareils.",
    ),
    (
        "Nothing is automated: a committee has {members} members, and {others} others have a seat.",
        "Rien n’est automatisé : un comité compte {members} membres, et {others} autres ont un siège.",
    ),
    (
        "Nothing is automated: no seed is open by which a committee could be drawn that nobody knew beforehand.",
        "Rien n’est automatisé : aucune graine n’est ouverte pour tirer un comité que personne ne connaissait à l’avance.",
    ),
    (
        "Nothing is automated for a day: too many devices of one cell were sentenced within an hour. Signing the classes anew ends that.",
        "Rien n’est automatisé pendant un jour : trop d’appareils d’une même cellule ont été condamnés en une heure. Signer de nouveau les classes y met fin.",
    ),
    (
        "A committee may hold a suspected device for a day, if it is of class {classes}.",
        "Un comité peut retenir un appareil suspect pendant un jour, s’il est de classe {classes}.",
    ),
    (
        "the root does not allow that for a device of its class or office",
        "la racine ne le permet pas pour un appareil de sa classe ou de sa fonction",
    ),
    (
        "somebody has cleared it since",
        "quelqu’un l’a disculpé depuis",
    ),
    (
        "it alone is more than a fifth of its cell",
        "à lui seul il forme plus d’un cinquième de sa cellule",
    ),
    (
        "too many of one cell were sentenced within an hour, and automation has stopped",
        "trop d’appareils d’une même cellule ont été condamnés en une heure, et l’automatisation s’est arrêtée",
    ),
    (
        "three devices were held within the hour before",
        "trois appareils ont été retenus dans l’heure précédente",
    ),
    (
        "as many devices are in quarantine as may be at once",
        "il y a autant d’appareils en quarantaine qu’il peut y en avoir à la fois",
    ),
    (
        "it sent what no honest program makes, to this member too",
        "il a envoyé ce qu’aucun programme honnête ne produit, à ce membre aussi",
    ),
    (
        "it showed old heads as if they were new, to this member too",
        "il a présenté d’anciennes têtes comme nouvelles, à ce membre aussi",
    ),
    (
        "a word on what no stranger can see",
        "un mot sur ce qu’aucun tiers ne peut voir",
    ),
    (
        "it answered, and nothing was wrong with what it sent",
        "il a répondu, et rien de ce qu’il a envoyé n’était anormal",
    ),
    (
        "it could not be tried: too little came over a link to it",
        "il n’a pas pu être jugé : trop peu est venu par un lien vers lui",
    ),
    (
        "Never: it is exempt by its class ({class}) or its office, since people or plants may depend on it. What witnesses report is shown, and nothing follows from it.",
        "Jamais : il est exempté par sa classe ({class}) ou sa fonction, car des personnes ou des installations peuvent dépendre de lui. Ce que les témoins signalent est montré, et rien n’en découle.",
    ),
    (
        "Off for class {class}: only a person puts it into quarantine. The root may allow it for the class, with palisade-coordinator offices automate.",
        "Inactif pour la classe {class} : seule une personne le met en quarantaine. La racine peut l’autoriser pour la classe, avec palisade-coordinator offices automate.",
    ),
    (
        "On for class {class}: when its witnesses report it, and 21 of 31 strangers find the same, neighbours take nothing from it for a day but its signs of life, its log and its alerts. Whoever clears it ends that.",
        "Actif pour la classe {class} : quand ses témoins le signalent et que 21 tiers sur 31 constatent la même chose, les voisins n’acceptent de lui pendant un jour que ses signes de vie, son journal et ses alertes. Qui le disculpe y met fin.",
    ),
    (
        "Allowed for class {class}, and not at this moment. {why}",
        "Autorisé pour la classe {class}, mais pas en ce moment. {why}",
    ),
    ("it has no vote yet", "il n’a pas encore voté"),
    (
        "The sender says that it sent {said}; the receiver counted {counted}. No loss explains more.",
        "L’émetteur dit avoir envoyé {said} ; le récepteur a compté {counted}. Aucune perte n’explique davantage.",
    ),
    (
        "The sender says that it sent {said}; the receiver counted {counted}. Loss alone does not explain so little.",
        "L’émetteur dit avoir envoyé {said} ; le récepteur a compté {counted}. Les pertes seules n’expliquent pas si peu.",
    ),
    (
        "The sender's log says {said}; the receiver says that it was told another count. It counted {counted}.",
        "Le journal de l’émetteur dit {said} ; le récepteur dit avoir reçu un autre compte. Il a compté {counted}.",
    ),
    ("{n} frame ({bytes})", "{n} trame ({bytes})"),
    ("{n} frames ({bytes})", "{n} trames ({bytes})"),
];
