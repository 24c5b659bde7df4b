//! Silences, delays and suspicions in words.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("said goodbye", "a dit au revoir"),
    ("device or its link", "l’appareil ou sa liaison"),
    ("silence|its segment", "son segment"),
    ("uplink or coordinator", "l’accès ou le coordinateur"),
    ("not decided yet", "pas encore décidé"),
    (
        "silent since before the coordinator began",
        "silencieux depuis avant le démarrage du coordinateur",
    ),
    ("; {witnesses} agree", " ; {witnesses} sont d’accord"),
    (", with one other", ", avec un autre"),
    (", with {n} others", ", avec {n} autres"),
    ("one other device", "un autre appareil"),
    ("{n} other devices", "{n} autres appareils"),
    (
        "It said that it stops, so its silence is no alarm.",
        "Il a dit qu’il s’arrêtait : son silence n’est donc pas une alarme.",
    ),
    (
        "{word} The coordinator does not hear it either, and too few fell silent with it to blame what they share: the device is down, or its own link is. Its return will tell which.",
        "{word} Le coordinateur ne l’entend pas non plus, et trop peu se sont tus avec lui pour accuser ce qu’ils partagent : l’appareil est arrêté, ou sa propre liaison est coupée. Son retour le dira.",
    ),
    (
        "It fell silent together with {others} attached to the same segment: the switch or access point before them is the likely cause, not each of them. {word}",
        "Il s’est tu en même temps que {others} du même segment : la cause probable est le commutateur ou le point d’accès placé devant eux, et non chacun d’eux. {word}",
    ),
    (
        "The coordinator lost it together with {others}: the way to them is cut, or the coordinator's own.",
        "Le coordinateur l’a perdu en même temps que {others} : le chemin vers eux est coupé, ou celui du coordinateur lui-même.",
    ),
    (
        "{lost} They may be well, and go on watching each other.",
        "{lost} Ils vont peut-être bien et continuent de se surveiller.",
    ),
    (
        "{word} The coordinator waits a few seconds for the witnesses, and whether others fall silent with it, before it says which kind of silence this is.",
        "{word} Le coordinateur attend quelques secondes les témoins, et de voir si d’autres se taisent avec lui, avant de dire de quelle sorte de silence il s’agit.",
    ),
    (
        "The coordinator has not heard it since it began itself, and so did not see how it fell silent. {word}",
        "Le coordinateur ne l’a pas entendu depuis son propre démarrage, et n’a donc pas vu comment il s’est tu. {word}",
    ),
    (
        "Its next record: start the node program on it.",
        "Son prochain enregistrement : y démarrer le programme du nœud.",
    ),
    (
        "One fresh record of its own: look at its power, its cable or radio, and its node program.",
        "Un enregistrement récent de sa part : vérifier son alimentation, son câble ou sa radio, et son programme de nœud.",
    ),
    (
        "One fresh record of each of them: look at the switch or access point that they share.",
        "Un enregistrement récent de chacun d’eux : vérifier le commutateur ou le point d’accès qu’ils partagent.",
    ),
    (
        "One sign of life that reaches the coordinator: look at the way between it and the site first.",
        "Un signe de vie qui parvienne au coordinateur : vérifier d’abord le chemin entre lui et le site.",
    ),
    (
        "One sign of life, heard by a witness or by the coordinator.",
        "Un signe de vie, entendu par un témoin ou par le coordinateur.",
    ),
    (
        "It had stopped: its log began anew.",
        "Il s’était arrêté : son journal a recommencé.",
    ),
    (
        "It was cut off: its log went on, so it never stopped.",
        "Il était coupé : son journal a continué, il ne s’est donc jamais arrêté.",
    ),
    (
        "{witnesses} say that they do not hear it; its next record refutes them.",
        "{witnesses} disent ne pas l’entendre ; son prochain enregistrement les réfutera.",
    ),
    (
        "No other node is there to witness it.",
        "Aucun autre nœud n’est là pour en témoigner.",
    ),
    (
        "The mesh is too small for its witnesses to certify a silence.",
        "Le maillage est trop petit pour que ses témoins certifient un silence.",
    ),
    (
        "None of its {of} witnesses has said that it is silent.",
        "Aucun de ses {of} témoins n’a dit qu’il est silencieux.",
    ),
    (
        "{witnesses} probed it, heard nothing, and signed that: a certificate.",
        "{witnesses} l’ont sondé, n’ont rien entendu et l’ont signé : un certificat.",
    ),
    (
        "{witnesses} probed it and heard nothing: too few for a certificate.",
        "{witnesses} l’ont sondé et n’ont rien entendu : trop peu pour un certificat.",
    ),
    ("{some} of {all} witnesses", "{some} témoins sur {all}"),
    (
        "comes late, by gaps of up to {longest}",
        "en retard, avec des trous jusqu’à {longest}",
    ),
    (
        "stands still for up to {longest}",
        "se fige jusqu’à {longest}",
    ),
    (
        "It comes late: within a minute there were {count} times of up to {longest} in which neither a witness nor the coordinator heard it, and five seconds are usual. A minute without any clears it: look at its link, and at what else keeps it busy.",
        "Il est en retard : en une minute, il y a eu {count} intervalles jusqu’à {longest} où ni un témoin ni le coordinateur ne l’ont entendu, alors que cinq secondes sont d’usage. Une minute sans aucun le rétablit : vérifier sa liaison et ce qui l’occupe par ailleurs.",
    ),
    (
        "It stands still again and again: by its own word it missed deadlines of its own in {count} readings of the last minute, by up to {longest}. A minute without any clears it: look at its load, its memory and its disk.",
        "Il se fige sans cesse : selon ses propres dires, il a manqué ses échéances dans {count} mesures de la dernière minute, jusqu’à {longest} de retard. Une minute sans aucune le rétablit : vérifier sa charge, sa mémoire et son disque.",
    ),
    (
        "It was admitted and nobody has heard it since. Start the node program on it: palisade-node run.",
        "Il a été admis et personne ne l’a entendu depuis. Y démarrer le programme du nœud : palisade-node run.",
    ),
    (
        "The coordinator hears it; no other node is there to witness it.",
        "Le coordinateur l’entend ; aucun autre nœud n’est là pour en témoigner.",
    ),
    (
        "The coordinator does not hear it itself; no other node is there to witness it.",
        "Le coordinateur ne l’entend pas lui-même ; aucun autre nœud n’est là pour en témoigner.",
    ),
    (
        "The coordinator hears it, and {hearing} of {seats} witnesses say that they do.",
        "Le coordinateur l’entend, et {hearing} témoins sur {seats} disent l’entendre.",
    ),
    (
        "The coordinator does not hear it itself, and {hearing} of {seats} witnesses say that they do.",
        "Le coordinateur ne l’entend pas lui-même, mais {hearing} témoins sur {seats} disent l’entendre.",
    ),
    (
        "It is silent when nobody has heard it for a while.",
        "Il est silencieux quand personne ne l’a entendu depuis un moment.",
    ),
    (
        "Shut out for good by what it signed itself: {what}. Every node refuses it. Two copies of it run, its disk was set back, or whoever holds its key lies: find out which, then add it as a new device.",
        "Exclu définitivement par ce qu’il a lui-même signé : {what}. Tous les nœuds le refusent. Deux copies de lui tournent, son disque a été restauré à un état antérieur, ou celui qui détient sa clé ment : chercher lequel, puis l’ajouter comme nouvel appareil.",
    ),
    (
        "It was shut out of the mesh.",
        "Il a été exclu du maillage.",
    ),
    (
        "Shut out for good ({reason}): every node refuses it.",
        "Exclu définitivement ({reason}) : tous les nœuds le refusent.",
    ),
    (
        "Shut out ({reason}): every node refuses it. The coordinator renews this before it ends ({until}); an administrator's key makes it final.",
        "Exclu ({reason}) : tous les nœuds le refusent. Le coordinateur renouvelle cette exclusion avant son terme ({until}) ; la clé d’un administrateur la rend définitive.",
    ),
    (
        "Retired, wiped at {wiped}: an administrator ordered it to wipe its keys and its journal ({reason}), and its last statement says that it does. Every node refuses it.",
        "Retiré, effacé le {wiped} : un administrateur lui a ordonné d’effacer ses clés et son journal ({reason}), et sa dernière déclaration dit qu’il le fait. Tous les nœuds le refusent.",
    ),
    (
        "Ordered to wipe, not confirmed: an administrator ordered it at {ordered} to wipe its keys and its journal ({reason}). It hears of that from any node that refuses it, and obeys at once; its last statement is taken here alone. Every node refuses it.",
        "Effacement ordonné, non confirmé : un administrateur lui a ordonné le {ordered} d’effacer ses clés et son journal ({reason}). Il l’apprend de tout nœud qui le refuse, et obéit aussitôt ; sa dernière déclaration n’est reçue qu’ici. Tous les nœuds le refusent.",
    ),
    (
        "{reason}; wiping not confirmed",
        "{reason} ; effacement non confirmé",
    ),
    ("{reason}; wiped", "{reason} ; effacé"),
    (
        "Each witness takes its word back when it has seen nothing more of it for six hours. A suspicion proves nothing, and shuts nobody out.",
        "Chaque témoin retire sa parole quand il n’a plus rien vu de tel pendant six heures. Un soupçon ne prouve rien et n’exclut personne.",
    ),
    (
        "{votes} of {quorum} votes that are needed.",
        "{votes} voix sur les {quorum} nécessaires.",
    ),
    (
        "The mesh is too small for a quorum.",
        "Le maillage est trop petit pour un quorum.",
    ),
    (
        "{needed} A one-model jury: devices of fewer than three models and versions share their faults, so at most two votes of each count and nothing is automated.",
        "{needed} Un jury d’un seul modèle : des appareils de moins de trois modèles et versions partagent leurs défauts ; au plus deux voix de chacun comptent donc, et rien n’est automatisé.",
    ),
    (
        "Nothing: they are online, and sign within seconds. If this stays for minutes, look into their logs: a gateway that holds another list of members raises an alarm instead of signing.",
        "Rien : elles sont en ligne et signent en quelques secondes. Si cela dure des minutes, consulter leurs journaux : une passerelle qui détient une autre liste de membres lève une alarme au lieu de signer.",
    ),
    (
        "Start the gateways that are off, and they sign by themselves. If one is gone for good, name those that are left with palisade-coordinator offices gateways, which needs the root.",
        "Démarrer les passerelles éteintes : elles signent d’elles-mêmes. Si l’une a disparu pour de bon, nommer celles qui restent avec palisade-coordinator offices gateways, ce qui exige la racine.",
    ),
];
