//! Form fields that keep what was typed and say what was wrong with it.

use language::say;
use maud::{Markup, html};

use super::text::with_commands;

/// What was typed, and what was wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    pub value: String,
    pub error: Option<String>,
}

impl Field {
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    pub fn wrong(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: Some(error.into()),
        }
    }
}

/// How a browser should treat a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Text that may be too long for one line.
    Lines,
    /// A name to log in with, which browsers may fill in.
    Username,
    CurrentPassword,
    /// A code that is good once, which browsers may fill in.
    OneTimeCode,
    NewPassword {
        min_length: usize,
    },
    /// A file of whoever sits there; nothing of it travels back into a page.
    File,
}

#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Name and id of the field.
    pub name: &'a str,
    pub label: &'a str,
    /// Words to type stand between backticks.
    pub hint: Option<&'a str>,
    pub kind: Kind,
    /// Values offered while typing; any other may be typed as well.
    pub choices: &'a [String],
    pub demand: Demand,
}

/// Whether a field may be left empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    Needed,
    Optional,
}

impl<'a> Input<'a> {
    pub fn text(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            hint: None,
            kind: Kind::Text,
            choices: &[],
            demand: Demand::Needed,
        }
    }

    pub fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub fn hint(self, hint: &'a str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    pub fn optional(self) -> Self {
        Self {
            demand: Demand::Optional,
            ..self
        }
    }

    pub fn choices(self, choices: &'a [String]) -> Self {
        Self { choices, ..self }
    }

    pub fn render(&self, field: &Field) -> Markup {
        let hint_id = self.hint.map(|_| format!("{}-hint", self.name));
        let error_id = field.error.as_ref().map(|_| format!("{}-error", self.name));
        let described: Vec<_> = error_id
            .iter()
            .chain(&hint_id)
            .map(String::as_str)
            .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let list = (!self.choices.is_empty()).then(|| format!("{}-choices", self.name));
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                (self.control(field, described.as_deref(), list.as_deref()))
                @if let (Some(error), Some(id)) = (&field.error, &error_id) { p.error id=(id) { (error) } }
                @if let (Some(hint), Some(id)) = (self.hint, &hint_id) { p.hint id=(id) { (with_commands(hint)) } }
                @if let Some(list) = &list {
                    datalist id=(list) { @for choice in self.choices { option value=(choice) {} } }
                }
            }
        }
    }

    fn control(&self, field: &Field, described: Option<&str>, list: Option<&str>) -> Markup {
        let invalid = field.error.as_ref().map(|_| "true");
        let needed = self.demand == Demand::Needed;
        let (kind, autocomplete, min_length) = match self.kind {
            Kind::Text => ("text", "off", None),
            Kind::Lines => {
                return html! {
                    textarea id=(self.name) name=(self.name) rows="4" autocomplete="off" required[needed] spellcheck="false"
                        autocapitalize="none" aria-invalid=[invalid] aria-describedby=[described] { (field.value) }
                };
            }
            Kind::File => {
                return html! {
                    input id=(self.name) name=(self.name) type="file" required[needed] aria-invalid=[invalid] aria-describedby=[described];
                };
            }
            Kind::Username => ("text", "username", None),
            Kind::OneTimeCode => ("text", "one-time-code", None),
            Kind::CurrentPassword => ("password", "current-password", None),
            Kind::NewPassword { min_length } => ("password", "new-password", Some(min_length)),
        };
        // A password never travels back into a page.
        let secret = kind == "password" || self.kind == Kind::OneTimeCode;
        let value = (!secret).then_some(field.value.as_str());
        html! {
            input id=(self.name) name=(self.name) type=(kind) value=[value] autocomplete=(autocomplete)
                minlength=[min_length] list=[list] required[needed] spellcheck="false" autocapitalize="none"
                aria-invalid=[invalid] aria-describedby=[described];
        }
    }
}

/// The sum of a form's errors, for a reader who cannot see the fields at once.
pub fn summary(fields: &[(&str, &Field)]) -> Markup {
    let wrong: Vec<_> = fields
        .iter()
        .filter_map(|(name, field)| Some((name, field.error.as_ref()?)))
        .collect();
    html! {
        @if !wrong.is_empty() {
            div.notice.bad role="alert" tabindex="-1" autofocus {
                p { (say!("Please correct:")) }
                ul { @for (name, error) in wrong { li { a href={ "#" (name) } { (error) } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_tied_to_its_field_and_the_value_kept() {
        let field = Field::wrong("cam\"1", "This name is taken.");
        let markup = Input::text("name", "Name")
            .hint("Shown in lists.")
            .render(&field)
            .into_string();
        assert!(markup.contains("value=\"cam&quot;1\""), "{markup}");
        assert!(
            markup.contains("aria-invalid=\"true\" aria-describedby=\"name-error name-hint\""),
            "{markup}"
        );
        assert!(
            markup.contains("id=\"name-error\">This name is taken."),
            "{markup}"
        );
    }

    #[test]
    fn what_was_typed_into_many_lines_stays_inside_them() {
        let field = Field::wrong("</textarea><b>", "That is no line.");
        let markup = Input::text("documents", "Signed line").kind(Kind::Lines);
        let markup = markup.render(&field).into_string();
        assert!(
            markup.contains("&lt;/textarea&gt;&lt;b&gt;</textarea>"),
            "{markup}"
        );
        assert!(markup.contains("aria-invalid=\"true\""), "{markup}");
    }

    #[test]
    fn a_password_never_travels_back() {
        let field = Field::new("hunter2hunter2");
        let markup = Input::text("password", "Password")
            .kind(Kind::CurrentPassword)
            .render(&field);
        assert!(!markup.into_string().contains("hunter2"));
    }
}
