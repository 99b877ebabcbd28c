//! Saving what was tried as a variant file, where the server was started to: the only request that writes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::cli::disk;
use crate::cli::draft::{Draft, variants_folder};
use crate::cli::subject::is_variant;

use super::ask::settable;
use super::board::Board;
use super::guard::only;
use super::live;
use super::refusal::Refusal;
use super::subjects;

/// The longest body, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;
/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// The longest name of a file, in characters.
const NAME_CHARACTERS_MAX: usize = 60;
/// The longest title, in characters.
const TITLE_CHARACTERS_MAX: usize = 200;

/// What is to be saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// The name of the file, without its ending.
    name: String,
    /// What the variant is called.
    title: String,
    /// What is set, as in `parameters.equal_part=0.3`.
    set: Vec<String>,
}

#[derive(Serialize)]
struct Saved {
    schema: &'static str,
    id: String,
}

/// Saves a variant of what is served.
///
/// # Errors
/// Refusals of who may not, of what is not understood, and of variants that have faults.
pub async fn save(State(board): State<Arc<Board>>, request: Request) -> Result<Response, Refusal> {
    let refuse = |status, code, message: &str| Refusal::new(status, code, message);
    let Some(token) = &board.token else {
        let message = "nothing may be saved; start fordel serve with --write";
        return Err(refuse(StatusCode::FORBIDDEN, "read-only", message));
    };
    if only(request.headers(), &HeaderName::from_static("x-fordel-token")) != Some(token.as_str()) {
        let message = "send the token of this run in X-Fordel-Token";
        return Err(refuse(StatusCode::FORBIDDEN, "token", message));
    }
    let kind = only(request.headers(), &header::CONTENT_TYPE).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        let message = "send JSON, as application/json";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", message));
    }
    let announced =
        only(request.headers(), &header::CONTENT_LENGTH).and_then(|own| own.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "large", "the body is too large"));
    }
    let wish = read(request.into_body()).await?;
    let written = tokio::task::spawn_blocking(move || write(&board.draft, &wish)).await;
    let id = written.map_err(|_| Refusal::busy())??;
    let text = serde_json::to_string(&Saved { schema: "fordel.saved/1", id }).unwrap_or_default();
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], text)
        .into_response())
}

async fn read(body: Body) -> Result<Wish, Refusal> {
    let late = || Refusal::new(StatusCode::REQUEST_TIMEOUT, "late", "the body did not come in time");
    let bytes = tokio::time::timeout(BODY_WITHIN, body::to_bytes(body, BODY_BYTES_MAX)).await;
    let large =
        |_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "large", "the body is too large, or broke off");
    let bytes = bytes.map_err(|_| late())?.map_err(large)?;
    let text = std::str::from_utf8(&bytes);
    let text =
        text.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "not-text", "the body is not UTF-8"))?;
    serde_json::from_str(text).map_err(|fault| Refusal::unusable("not-understood", fault.to_string()))
}

/// Writes the variant and reads it again; one with faults is taken away. Gives its id.
fn write(draft: &Draft, wish: &Wish) -> Result<String, Refusal> {
    let is_sign = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_');
    let count = wish.name.chars().count();
    if !wish.name.chars().all(is_sign) || !(1..=NAME_CHARACTERS_MAX).contains(&count) {
        let message = "a name has letters, digits, - and _, at most 60";
        return Err(Refusal::unusable("name", message));
    }
    let title = wish.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_CHARACTERS_MAX || title.chars().any(char::is_control)
    {
        return Err(Refusal::unusable("title", "a title has one line of at most 200 characters"));
    }
    if wish.set.is_empty() {
        return Err(Refusal::unusable("nothing-set", "nothing is set, so there is nothing to save"));
    }
    let changes: Vec<String> = wish.set.iter().map(|set| change(set)).collect::<Result<_, Refusal>>()?;
    let cannot = |fault: std::io::Error| {
        let message = format!("the variant could not be written: {fault}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot-write", message)
    };
    let folder = variants_folder(&subjects::scenario_of(draft));
    let path = folder.join(format!("{}.ron", wish.name));
    if path.exists() {
        let message = format!("there is a {} already; choose another name", path.display());
        return Err(Refusal::new(StatusCode::CONFLICT, "name-taken", message));
    }
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    let base = base(draft, &folder)?;
    let quoted = |text: &str| ron::to_string(text).unwrap_or_default();
    let text = format!(
        "(\n    base: {},\n    title: {},\n    changes: [\n{}    ],\n)\n",
        quoted(&base),
        quoted(title),
        changes.concat()
    );
    disk::write_whole(&path, &text).map_err(cannot)?;
    let run = Draft { scenario: path.clone(), set: vec![] }.run();
    if run.good.is_none() {
        let _ = std::fs::remove_file(&path);
        return Err(Refusal::faulty(live::problems(&run)));
    }
    Ok(path.to_string_lossy().into_owned())
}

/// A change as it stands in a variant file.
fn change(set: &str) -> Result<String, Refusal> {
    settable(set)?;
    let parts = set.split_once('=').map(|(path, value)| (path.trim().split_once('.'), value.trim()));
    let Some((Some((_, name)), value)) = parts else {
        return Err(Refusal::unusable("not-settable", "set a parameter, as in parameters.equal_part=0.3"));
    };
    let is_number =
        !value.is_empty() && value.chars().all(|sign| sign.is_ascii_digit() || "-._/".contains(sign));
    if !is_number {
        return Err(Refusal::unusable("not-a-number", format!("`{value}` is not a number")));
    }
    let name = ron::to_string(name).unwrap_or_default();
    Ok(format!("        Parameter(name: {name}, value: {value}),\n"))
}

/// What a new variant in a folder stands on, as its file says it.
fn base(draft: &Draft, folder: &Path) -> Result<String, Refusal> {
    if !is_variant(&draft.scenario) {
        return Ok("..".to_owned());
    }
    let is_beside =
        draft.scenario.parent().is_some_and(|own| own.canonicalize().ok() == folder.canonicalize().ok());
    let name = draft.scenario.file_name().map(|name| name.to_string_lossy().into_owned());
    name.filter(|_| is_beside).ok_or_else(|| {
        let message = "the variant that is served is not in the folder variants of its scenario";
        Refusal::unusable("other-folder", message)
    })
}
