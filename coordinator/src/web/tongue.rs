//! Which language a request is answered in: what the account has chosen, else what the browser asks for.
//!
//! Programs are answered in English, whatever they send.

use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use language::Language;
use language::accepted::of_accepted;
use language::present::Speaking;
use protocol::text::Name;

use super::Web;
use super::error::WebError;
use super::origin::Origin;
use super::session::cookie;

/// Carries the account's choice, so that the pages before the login and every error speak it too.
pub const LANGUAGE_COOKIE: &str = "__Host-palisade-language";

/// The layer around everything that draws a page.
pub async fn speak(request: Request, next: Next) -> Response {
    if Origin::of(&request).is_program() {
        return next.run(request).await;
    }
    let language = of(request.headers());
    let mut response = Speaking::new(language, next.run(request)).await;
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        let tag = HeaderValue::from_static(language.tag());
        response.headers_mut().insert(CONTENT_LANGUAGE, tag);
    }
    response
}

fn of(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(|tag| tag.parse().ok());
    chosen.unwrap_or_else(|| {
        let asked = headers.get(ACCEPT_LANGUAGE);
        let asked = asked.and_then(|value| value.to_str().ok());
        asked.map(of_accepted).unwrap_or_default()
    })
}

/// The answer to a login, which brings the account's language to the browser.
pub fn greeted(web: &Web, name: &Name, response: Response) -> Result<Response, WebError> {
    Ok(carry(web.reader.language(name)?, response))
}

/// The same answer with the choice in the browser's keeping; with none, the browser forgets it.
pub fn carry(chosen: Option<Language>, mut response: Response) -> Response {
    let (tag, age) = chosen.map_or(("", 0), |language| (language.tag(), 31_536_000));
    let cookie =
        format!("{LANGUAGE_COOKIE}={tag}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}");
    let cookie = HeaderValue::from_str(&cookie).expect("a tag is a short word");
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn asked(cookie: &'static str, accepted: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
        of(&headers)
    }

    #[test]
    fn the_choice_goes_before_the_browser() {
        assert_eq!(
            asked("__Host-palisade-language=en", "fr"),
            Language::English
        );
        assert_eq!(asked("__Host-palisade-language=fr", "en"), Language::French);
        assert_eq!(asked("other=1", "fr-CH, en;q=0.5"), Language::French);
        assert_eq!(asked("__Host-palisade-language=xx", "fr"), Language::French);
        assert_eq!(of(&HeaderMap::new()), Language::English);
    }
}
