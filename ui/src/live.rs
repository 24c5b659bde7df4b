//! Live updates: where a page connects to its event stream, and the form of a message on it.

use maud::{Markup, html};

use crate::links::{self, LivePage};

/// The event a server sends last when the session behind a stream has ended; the page then offers the login.
pub const SIGNED_OUT: &str = "signed-out";

/// The element that holds a page's event stream. Its id follows its URL, so that a morph
/// which changes the URL replaces the element, and with it the stream.
pub fn connect(page: &LivePage<'_>) -> Markup {
    let url = links::events(page);
    html! {
        div id={ "live-" (fingerprint(&url)) } hx-sse:connect=(url) hx-sse:close=(SIGNED_OUT)
            hx-trigger="load, resume" hx-swap="none" hidden {}
    }
}

/// One region of a page, as an event stream or a partial answer carries it: the content morphs into `target`.
pub fn partial(target: &str, content: &Markup) -> Markup {
    html! { hx-partial hx-target={ "#" (target) } hx-swap="innerMorph" { (content) } }
}

fn fingerprint(text: &str) -> String {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", fnv >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_names_its_target_and_escapes_its_content() {
        let name = "</hx-partial><script>";
        let partial = partial("chips", &html! { (name) }).into_string();
        assert_eq!(
            partial,
            "<hx-partial hx-target=\"#chips\" hx-swap=\"innerMorph\">&lt;/hx-partial&gt;&lt;script&gt;</hx-partial>"
        );
    }

    #[test]
    fn another_filter_is_another_stream() {
        let filter = links::DeviceFilter {
            search: Some("x".into()),
            ..Default::default()
        };
        let narrowed = connect(&LivePage::Devices(&filter)).into_string();
        assert!(
            narrowed.contains("hx-sse:connect=\"/events?page=devices&amp;q=x\""),
            "{narrowed}"
        );
        assert_ne!(
            narrowed,
            connect(&LivePage::Devices(&links::DeviceFilter::default())).into_string()
        );
    }
}
