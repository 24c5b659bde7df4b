//! The macros by which the rest of the product speaks.

/// A [`crate::Word`] of the catalogue for a literal text, with the names of its placeholders. A text that the catalogue
/// lacks stops the build.
#[macro_export]
macro_rules! word {
    ($key:literal $(, $name:ident)* $(,)?) => {{
        // An item, so that `cargo check` evaluates it too.
        const WORD: $crate::Word = $crate::find(
            $key,
            &[$(stringify!($name)),*],
            concat!("shared/language/src/french has no entry for: ", $key),
            concat!("shared/language/src/french: its placeholders differ from those given: ", $key),
        );
        WORD
    }};
}

/// A text in the language of the moment: a `&'static str`, or with placeholders a `String`.
///
/// `say!("Devices")`, `say!("{online} of {total} online", online, total = fleet.len())`
#[macro_export]
macro_rules! say {
    ($key:literal $(,)?) => {
        $crate::Word::now($crate::word!($key))
    };
    ($key:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::fill(
            $crate::Word::now($crate::word!($key $(, $name)+)),
            &[$((stringify!($name), &$crate::value!($name $(= $value)?) as &dyn ::std::fmt::Display)),+],
        )
    };
}

/// A text that depends on a number, which stands where it says `{n}`, grouped as the language writes it.
///
/// `count!(found, "{n} device", "{n} devices")`, with further placeholders as in [`say!`]. The number is any unsigned one.
#[macro_export]
macro_rules! count {
    ($n:expr, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let number = $crate::number::Whole::whole($n);
        $crate::fill(
            $crate::choose(number, $crate::word!($one, n $(, $name)*), $crate::word!($many, n $(, $name)*)),
            &[
                ("n", &$crate::number::grouped(number) as &dyn ::std::fmt::Display),
                $((stringify!($name), &$crate::value!($name $(= $value)?) as &dyn ::std::fmt::Display)),*
            ],
        )
    }};
}

/// The value of a placeholder: the one given, or the variable of its name.
#[doc(hidden)]
#[macro_export]
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}
