//! Sentences with links, names and moments inside them, whose order is the language's own affair; and closed vocabularies.

use language::{Piece, pieces};
use maud::{Markup, Render, html};

/// A text of the catalogue with markup or text for its placeholders; text is escaped, and so is the sentence.
///
/// `sentence!("Asked for by {who}, {when}.", who = foreign(&view.by), when = ago(now, at))`
///
/// `sentence!(n = found; "{n} device of {who}", "{n} devices of {who}", who)` chooses by a number, as `count!` does.
#[macro_export]
macro_rules! sentence {
    ($key:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::parts::sentence::filled(
            ::language::Word::now(::language::word!($key $(, $name)+)),
            &[$((stringify!($name), &::language::value!($name $(= $value)?) as &dyn ::maud::Render)),+],
        )
    };
    (n = $n:expr; $one:literal, $many:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {{
        let number = ::language::number::Whole::whole($n);
        $crate::parts::sentence::filled(
            ::language::choose(number, ::language::word!($one, n $(, $name)+), ::language::word!($many, n $(, $name)+)),
            &[
                ("n", &::language::number::grouped(number) as &dyn ::maud::Render),
                $((stringify!($name), &::language::value!($name $(= $value)?) as &dyn ::maud::Render)),+
            ],
        )
    }};
}
pub use crate::sentence;

/// A word of a closed vocabulary in the language of the moment; a word that is not in the list is shown as it is.
///
/// `among!(word; "restart" as "command|restart", "logs" as "command|logs")`: each word beside its key.
#[macro_export]
macro_rules! among {
    ($word:expr; $($known:literal as $key:literal),+ $(,)?) => {
        match $word {
            $($known => ::language::say!($key),)+
            other => other,
        }
    };
}
pub use crate::among;

/// Words of ours in which `{name}` stands for the markup of that name. [`sentence!`] has seen to it that each is there.
pub fn filled(words: &str, parts: &[(&str, &dyn Render)]) -> Markup {
    html! {
        @for piece in pieces(words) {
            @match piece {
                Piece::Text(text) => (text),
                Piece::Placeholder(name) => {
                    @for (_, part) in parts.iter().filter(|(other, _)| *other == name) { (part.render()) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use language::Language;
    use language::present::speaking;

    use super::*;

    #[test]
    fn parts_stand_where_the_sentence_names_them() {
        let (who, when) = (html! { b { "Ada" } }, "<now>");
        let drawn = |words| filled(words, &[("who", &who), ("when", &when)]).into_string();
        assert_eq!(drawn("{when}, by {who}."), "&lt;now&gt;, by <b>Ada</b>.");
        assert_eq!(drawn("by {who} {when}"), "by <b>Ada</b> &lt;now&gt;");
        assert_eq!(drawn("a < b"), "a &lt; b");
    }

    #[test]
    fn a_part_is_never_read_as_a_sentence() {
        let drawn = filled("{a}", &[("a", &"{b}"), ("b", &"no")]);
        assert_eq!(drawn.into_string(), "{b}");
    }

    #[test]
    fn a_sentence_is_said_in_the_language_of_the_moment() {
        let draw =
            || sentence!("{device} is online.", device = html! { b { "gate" } }).into_string();
        assert_eq!(draw(), "<b>gate</b> is online.");
        assert_eq!(
            speaking(Language::French, draw),
            "<b>gate</b> est en ligne."
        );
    }

    #[test]
    fn a_word_that_nobody_has_translated_is_shown_as_it_is() {
        let word = |word| among!(word; "restart" as "command|restart");
        assert_eq!([word("restart"), word("dance")], ["restart", "dance"]);
        let french = speaking(Language::French, || word("restart"));
        assert_eq!(french, "redémarrage");
    }
}
