use super::*;
use crate::present::speaking;

fn french(text: &str) -> String {
    in_french(text).unwrap_or_else(|| panic!("no template fits {text:?}"))
}

#[test]
fn a_sentence_is_found_by_its_template_and_keeps_what_it_names() {
    assert_eq!(french("A device fell silent"), "Un appareil s’est tu");
    assert_eq!(
        french("nobody has heard it for 240 s"),
        "personne ne l’a entendu depuis 240 s"
    );
    assert_eq!(
        french("10.0.0.9 connected to the telnet decoy on port 23"),
        "10.0.0.9 s’est connecté au leurre telnet sur le port 23"
    );
    assert_eq!(in_french("Nothing of ours"), None);
    assert_eq!(in_french(""), None);
}

#[test]
fn errors_are_found_where_a_page_has_made_sentences_of_them() {
    assert_eq!(
        french("The text is longer than 64 bytes."),
        "Le texte dépasse 64 octets."
    );
    assert_eq!(
        french("There is no such alert."),
        "Il n’existe pas de telle alerte."
    );
}

#[test]
fn a_sentence_within_another_is_found_as_well_and_what_is_no_sentence_stays() {
    assert_eq!(
        french("Not all is known: it was not scanned for 30 days; something else."),
        "Tout n’est pas connu\u{202f}: il n’a pas été scanné depuis 30 jours\u{202f}; something else."
    );
    assert_eq!(
        french("column 9: write a value here"),
        "colonne 9\u{202f}: écrivez a value ici"
    );
}

/// A device may be called like a template.
#[test]
fn names_are_no_templates() {
    let said = french("Scan the device. has said nothing for 9 s");
    assert_eq!(said, "Scan the device. n’a rien dit depuis 9 s");
}

#[test]
fn english_is_left_as_it_is() {
    assert_eq!(now("A device fell silent"), None);
    speaking(Language::French, || {
        assert_eq!(
            now("A device fell silent").as_deref(),
            Some("Un appareil s’est tu")
        );
    });
}

#[test]
fn both_sides_of_a_template_have_the_same_placeholders_and_each_is_found_by_itself() {
    for (english, french) in templates() {
        let names = |text: &'static str| {
            let mut names: Vec<_> = pieces(text)
                .filter_map(|piece| match piece {
                    Piece::Placeholder(name) => Some(name),
                    Piece::Text(_) => None,
                })
                .collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(english), names(french), "{english}");
        let filled: String = pieces(english)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Placeholder(_) => "9",
            })
            .collect();
        let expected: String = pieces(french)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Placeholder(_) => "9",
            })
            .collect();
        assert_eq!(in_french(&filled), Some(expected), "{english}");
    }
}

#[test]
fn the_french_is_set_as_french_is() {
    for (english, french) in templates() {
        let prose: String = french.split('`').step_by(2).collect();
        assert!(
            !prose.contains(['\'', '"', '“', '”']),
            "{english}: {french}"
        );
        let letters: Vec<char> = prose.chars().collect();
        for pair in letters.windows(2) {
            if matches!(pair[1], ';' | ':' | '!' | '?' | '»') {
                let within = pair[0].is_ascii_alphanumeric() && prose.contains("22:00");
                let name = prose.contains("class:CLASS") || prose.contains("+02:00");
                assert!(
                    pair[0] == '\u{202f}' || within || name,
                    "{english}: {french}"
                );
            }
        }
    }
}
