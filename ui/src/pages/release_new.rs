//! The form that takes an image of firmware in.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};

pub mod fields {
    pub const PRODUCT: &str = "product";
    pub const VERSION: &str = "version";
    pub const COUNTER: &str = "counter";
    pub const HARDWARE: &str = "hardware";
    pub const SBOM: &str = "sbom";
    pub const IMAGE: &str = "image";
}

/// What was typed. A browser gives its files anew each time.
#[derive(Debug, Clone, Default)]
pub struct NewReleaseView {
    pub product: Field,
    pub version: Field,
    pub counter: Field,
    pub hardware: Field,
    pub sbom: Field,
    pub image: Field,
    /// Products that were released before, and models that they run on.
    pub products: Vec<String>,
    pub models: Vec<String>,
}

pub fn page(shell: &Shell, view: &NewReleaseView) -> Markup {
    let head = Head {
        title: say!("New release"),
        nav: Some(Nav::Firmware),
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("New release")) }, &html! { a.button href=(links::firmware()) { (say!("Firmware")) } }))
        (summary(&[
            (fields::PRODUCT, &view.product),
            (fields::VERSION, &view.version),
            (fields::COUNTER, &view.counter),
            (fields::HARDWARE, &view.hardware),
            (fields::SBOM, &view.sbom),
            (fields::IMAGE, &view.image),
        ]))
        p { (say!("The image becomes a draft. It is signed on other machines, and no device is told of it before enough people have signed.")) }
        (form(view))
    };
    shell_page(shell, &head, &body)
}

fn form(view: &NewReleaseView) -> Markup {
    let product = Input::text(fields::PRODUCT, say!("Product")).choices(&view.products);
    let version = Input::text(fields::VERSION, say!("Version"))
        .hint(say!("As people call it: letters, digits and . _ + -"));
    let counter = Input::text(fields::COUNTER, say!("Counter")).hint(say!(
        "Orders a product's releases: above that of every release before."
    ));
    let hardware = Input::text(fields::HARDWARE, say!("Hardware"))
        .choices(&view.models)
        .hint(say!(
            "The models that it runs on, with commas between them."
        ));
    let sbom = Input::text(fields::SBOM, say!("List of its parts"))
        .kind(Kind::File)
        .optional()
        .hint(say!(
            "CycloneDX as JSON. Findings are made of it, and releases compared."
        ));
    let image = Input::text(fields::IMAGE, say!("Image"))
        .kind(Kind::File)
        .hint(say!("512 MiB at most. It is neither run nor opened here."));
    html! {
        form.steps-form method="post" action=(links::releases()) enctype="multipart/form-data" {
            (product.render(&view.product))
            (version.render(&view.version))
            (counter.render(&view.counter))
            (hardware.render(&view.hardware))
            (sbom.render(&view.sbom))
            (image.render(&view.image))
            button { (say!("Take it in")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Theme;
    use crate::samples;

    #[test]
    fn files_travel_with_it_and_none_travels_back() {
        let shell = samples::shell("/firmware/new", Theme::Auto);
        let view = NewReleaseView {
            image: Field::wrong("camera.img", "The file is empty."),
            ..NewReleaseView::default()
        };
        let drawn = page(&shell, &view).into_string();
        assert!(drawn.contains("enctype=\"multipart/form-data\""), "{drawn}");
        assert!(drawn.contains("type=\"file\""), "{drawn}");
        assert!(drawn.contains("The file is empty."), "{drawn}");
        assert!(!drawn.contains("camera.img"), "{drawn}");
    }
}
