//! What a class of devices is called: filters and commands take the word itself, in every language.

use maud::Markup;

use super::sentence::among;
use super::text::foreign;

/// The name of a class; a word that this release does not know stays as it is.
pub fn class_name(word: &str) -> &str {
    among!(word; "sensor" as "kind|sensor", "meter" as "kind|meter", "camera" as "kind|camera", "plc" as "kind|plc",
        "medical" as "kind|medical", "vehicle" as "kind|vehicle", "gateway" as "kind|gateway", "printer" as "kind|printer",
        "phone" as "kind|phone", "computer" as "kind|computer", "other" as "kind|other")
}

pub fn class(word: &str) -> Markup {
    foreign(class_name(word))
}

#[cfg(test)]
mod tests {
    use language::Language;
    use language::present::speaking;

    use super::*;

    #[test]
    fn a_class_has_a_name_and_a_word_of_later_stays() {
        let french = |word| speaking(Language::French, || class_name(word).to_owned());
        assert_eq!(class_name("camera"), "camera");
        assert_eq!(french("camera"), "caméra");
        assert_eq!(french("toaster"), "toaster");
    }
}
