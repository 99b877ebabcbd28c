//! What can be asked: the state of the draft and what the page shows of it, why a figure is what it is, what differs,
//! and events. The page uses nothing else. What each address takes and gives is in `openapi.json`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};

use crate::cli::watch::SHARES_COMPARED_MAX;
use crate::ground::diagnostic::Diagnostic;
use crate::report::difference_json;
use crate::report::difference_text::Comparison;
use crate::report::explain::question::{self, Question};
use crate::report::explain::{Case, certificate, certificate_json};
use crate::report::figures::Figures;
use crate::report::language::Language;
use crate::whatif::difference::Difference;

use super::ask::Ask;
use super::assets;
use super::board::{Board, Shown};
use super::live;
use super::refusal::Refusal;
use super::showing;

const JSON: &str = "application/json; charset=utf-8";
const EVENTS: &str = "text/event-stream";
/// How often a quiet stream of events says that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(10);

/// The words that `/api/explain` takes, beside `set`.
pub const EXPLAIN_WORDS: [&str; 10] =
    ["party", "measure", "grant", "reserve", "from", "figure", "subject", "year", "show", "lang"];
/// The words that `/api/diff` takes, beside `set`.
pub const DIFF_WORDS: [&str; 3] = ["show", "against", "per"];

/// `GET /`: the page.
pub async fn page() -> Result<Response, Refusal> {
    assets::file("index.html")
}

/// `GET /assets/NAME`: a file of the page.
pub async fn asset(name: Result<Path<String>, PathRejection>) -> Result<Response, Refusal> {
    assets::file(&text(name)?)
}

/// `GET /api/openapi.json`: what can be asked.
pub async fn description() -> Result<Response, Refusal> {
    assets::file("openapi.json")
}

/// `GET /api/schemas/NAME`: the schema of a document.
pub async fn schema(name: Result<Path<String>, PathRejection>) -> Result<Response, Refusal> {
    assets::file(&format!("schemas/{}", text(name)?))
}

/// A name in an address, where it is a text at all.
fn text(name: Result<Path<String>, PathRejection>) -> Result<String, Refusal> {
    name.map(|Path(name)| name).map_err(|_| Refusal::unknown("there is no file of this name"))
}

/// `GET /api/state`: the budget as `fordel run --format json` gives it, how the draft stands, and what the page shows.
pub async fn state(State(board): State<Arc<Board>>, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let ask = Ask::read(query.as_deref(), &showing::WORDS)?;
    let shown = match (board.other(ask.get("show").unwrap_or_default(), &ask.set).await, ask.get("show")) {
        // A draft without any result has a state, and its faults stand in it.
        (Err(_), None) if ask.set.is_empty() => None,
        (shown, _) => Some(shown?),
    };
    let against = against(&board, &ask).await?;
    let live = board.live();
    on_a_thread(move || showing::state(&ask, shown.as_ref(), against.as_ref(), live)).await
}

/// `GET /api/explain`: why figures are what they are, schema `fordel.explain/1`.
pub async fn explain(
    State(board): State<Arc<Board>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let ask = Ask::read(query.as_deref(), &EXPLAIN_WORDS)?;
    let language = ask.one_of("lang", &showing::languages(), Language::English)?;
    let shown = board.other(ask.get("show").unwrap_or_default(), &ask.set).await?;
    on_a_thread(move || {
        let word = |word: &str| ask.get(word).map(str::to_owned);
        let question = Question {
            party: word("party"),
            measure: word("measure"),
            grant: word("grant"),
            reserve: word("reserve"),
            from: word("from"),
            figure: word("figure"),
            subject: word("subject"),
            year: word("year"),
        };
        let (outcome, inputs) = (&shown.good.outcome, &shown.good.inputs);
        let scope = question::scope(&question, outcome);
        let figures = Figures::of_some(outcome, &scope).map_err(Refusal::too_large)?;
        let unknown = |fault: Diagnostic| Refusal::faulty(vec![live::problem(&fault, &inputs.sources)]);
        let case = Case { outcome, inputs, figures: &figures, language };
        let mut nodes = Vec::new();
        for key in question::figures(&question, outcome, &figures).map_err(unknown)? {
            nodes.extend(certificate(&case, &key).map_err(Refusal::too_large)?);
        }
        Ok(certificate_json::write(&nodes, outcome, &inputs.sources, &shown.good.seals))
    })
    .await
}

/// `GET /api/diff`: what differs between two results, schema `fordel.diff/1`.
pub async fn diff(State(board): State<Arc<Board>>, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let ask = Ask::read(query.as_deref(), &DIFF_WORDS)?;
    let shown = board.other(ask.get("show").unwrap_or_default(), &ask.set).await?;
    let against = match against(&board, &ask).await? {
        Some(against) => against,
        None => board.previous()?,
    };
    on_a_thread(move || {
        let (before, after) = (&against.good, &shown.good);
        if before.share_count().max(after.share_count()) > SHARES_COMPARED_MAX {
            let message = "there are too many shares to list; fordel diff --party compares some of them";
            return Err(Refusal::unusable("too-many-shares", message));
        }
        let difference = Difference::of_budgets(&before.outcome, &after.outcome, ask.get("per"));
        let difference = difference.map_err(Refusal::too_large)?;
        let (old, new) = (against.version(), shown.version());
        let alterations = after.alterations_since(before);
        let comparison =
            Comparison { before: &old, after: &new, alterations: &alterations, difference: &difference };
        difference_json::write(comparison).map_err(Refusal::too_large)
    })
    .await
}

/// `GET /events`: an event for each run of the draft, with its number as id and how the draft stands as data.
pub async fn events(State(board): State<Arc<Board>>) -> Result<Response, Refusal> {
    let place = board.listen()?;
    let runs = WatchStream::new(board.generations());
    let stream = runs.filter(|generation| *generation > 0).map(move |generation| {
        let _ = &place;
        let data = serde_json::to_string(&board.live()).unwrap_or_default();
        let event =
            Event::default().id(generation.to_string()).event("generation").retry(Duration::from_secs(1));
        Ok::<Event, Infallible>(event.data(data))
    });
    Ok(streamed(stream))
}

fn streamed(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE_EVERY)).into_response()
}

/// Whether an answer is a stream of events, which goes on.
pub fn is_stream(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(EVENTS))
}

/// What is compared with; none where nothing is.
async fn against(board: &Arc<Board>, ask: &Ask) -> Result<Option<Shown>, Refusal> {
    match ask.get("against") {
        None | Some("none") => Ok(None),
        Some("previous") => board.previous().map(Some),
        Some(other) => match other.strip_prefix("pin:") {
            Some(number) => {
                let refusal = || Refusal::unusable("not-a-number", "write pin: and the number of a run");
                board.pinned(number.parse().map_err(|_| refusal())?).map(Some)
            }
            None => board.other(other, &[]).await.map(Some),
        },
    }
}

/// Writes an answer on a thread that may take its time.
async fn on_a_thread(
    write: impl FnOnce() -> Result<String, Refusal> + Send + 'static,
) -> Result<Response, Refusal> {
    let text = tokio::task::spawn_blocking(write).await.map_err(|_| Refusal::busy())??;
    Ok(([(header::CONTENT_TYPE, JSON)], text).into_response())
}
