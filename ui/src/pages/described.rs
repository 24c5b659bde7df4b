//! What people say of a device: its site, its tags, and a name and a class where no membership says them.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, summary};
use crate::parts::sentence::sentence;
use crate::parts::text::foreign;

pub mod fields {
    pub const SITE: &str = "site";
    pub const TAGS: &str = "tags";
    pub const NAME: &str = "name";
    pub const CLASS: &str = "class";
}

#[derive(Debug, Clone)]
pub struct DescribedView {
    pub id: String,
    pub name: String,
    /// The page of the device.
    pub back: String,
    pub site: Field,
    /// With commas between them.
    pub tags: Field,
    /// Nothing for members.
    pub own: Option<Own>,
    /// Offered while typing.
    pub sites: Vec<String>,
    pub classes: Vec<String>,
}

/// What only a device without a node is given here.
#[derive(Debug, Clone, Default)]
pub struct Own {
    pub name: Field,
    pub class: Field,
}

pub fn page(shell: &Shell, view: &DescribedView) -> Markup {
    let head = Head {
        title: say!("Site and tags"),
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    };
    let actions = html! { a.button href=(view.back) { (say!("Back to the device")) } };
    let body = html! {
        (heading(&sentence!("Site and tags of {name}", name = foreign(&view.name)), &actions))
        (form(view))
    };
    shell_page(shell, &head, &body)
}

fn form(view: &DescribedView) -> Markup {
    let site = Input::text(fields::SITE, say!("device|Site"))
        .choices(&view.sites)
        .optional()
        .hint(say!("The place it stands at, in one line. Empty for none."));
    let tags = Input::text(fields::TAGS, say!("Tags"))
        .optional()
        .hint(say!(
            "Words with commas between them, such as `floor2, night shift`: at most 32."
        ));
    let mut errors = Vec::new();
    if let Some(own) = &view.own {
        errors.extend([(fields::NAME, &own.name), (fields::CLASS, &own.class)]);
    }
    errors.extend([(fields::SITE, &view.site), (fields::TAGS, &view.tags)]);
    html! {
        (summary(&errors))
        form.steps-form method="post" action=(links::describe(&view.id)) {
            @if let Some(own) = &view.own { (own_fields(own, &view.classes)) }
            (site.render(&view.site))
            (tags.render(&view.tags))
            button.primary { (say!("verb|Save")) }
        }
    }
}

fn own_fields(own: &Own, classes: &[String]) -> Markup {
    let name = Input::text(fields::NAME, say!("Name"))
        .optional()
        .hint(say!("Empty for the name that it gives itself."));
    let class = Input::text(fields::CLASS, say!("Class"))
        .choices(classes)
        .optional()
        .hint(say!(
            "Decides how gently it is treated: `plc` and `medical` are not scanned unasked. Empty leaves it as it is."
        ));
    html! { (name.render(&own.name)) (class.render(&own.class)) }
}
