//! The choice between light and dark, kept in a cookie of its own.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use ui::layout::Theme;

use crate::web::forms::PageForm;
use crate::web::frame::THEME_COOKIE;
use crate::web::gate::local_path;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeForm {
    theme: String,
    #[serde(default)]
    next: String,
}

pub async fn choose(PageForm(form): PageForm<ThemeForm>) -> Response {
    let theme = Theme::parse(&form.theme).slug();
    let cookie =
        format!("{THEME_COOKIE}={theme}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000");
    let next = local_path(&form.next).unwrap_or("/");
    let mut response = Redirect::to(next).into_response();
    let cookie = HeaderValue::from_str(&cookie).expect("a theme is a short word");
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
