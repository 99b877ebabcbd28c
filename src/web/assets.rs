//! The files of the page, which travel inside the program. In debug builds they are read from the source folder at
//! each request, so that whoever works on the page sees a change at once.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::refusal::Refusal;

#[derive(RustEmbed)]
#[folder = "src/web/assets"]
struct Assets;

/// A file of the page by its name; no other file can be named.
///
/// # Errors
/// A refusal where the page has no such file.
pub fn file(name: &str) -> Result<Response, Refusal> {
    let known = Assets::iter().any(|own| own == name);
    let file = Assets::get(name).filter(|_| known);
    let file = file.ok_or_else(|| Refusal::unknown("the page has no such file"))?;
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json; charset=utf-8",
        _ => "application/octet-stream",
    };
    Ok(([(header::CONTENT_TYPE, kind)], file.data.into_owned()).into_response())
}
