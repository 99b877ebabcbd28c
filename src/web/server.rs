//! The server: it listens on this machine alone, answers a bounded number of connections, waits for nobody for long,
//! and ends at once when it is told to.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::api;
use super::board::Board;
use super::guard::{self, Port};
use super::refusal::Refusal;
use super::save;

/// How many connections are answered at a time.
const CONNECTIONS_MAX: usize = 64;
/// How long a connection has at least to say what it wants, and an answer to be sent.
const WAITS_AT_LEAST: Duration = Duration::from_millis(250);
/// How long the head of a request may take, and how long a connection may be idle.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How many headers a request may have.
const HEADERS_MAX: usize = 100;
/// How long the head of a request may be, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// How long a body may be, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Opens a port on this machine; 0 for any that is free.
///
/// # Errors
/// What the system says.
pub async fn open(port: u16) -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Answers until the task is dropped.
pub async fn serve(listener: TcpListener, port: u16, board: Arc<Board>) {
    let router = router(port, board);
    let connections = Arc::new(Connections::default());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No files left: others have to end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Until there is room, those who come wait where the system lets them.
        while !connections.has_room() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        connections.take(stream, router.clone());
    }
}

fn router(port: u16, board: Arc<Board>) -> Router {
    let nothing =
        || async { Refusal::unknown("there is nothing at this address; /api/openapi.json lists all") };
    let wrong = || async {
        let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
        Refusal::new(status, "method", "this address is not asked in this way")
    };
    Router::new()
        .route("/", get(api::page))
        .route("/assets/{name}", get(api::asset))
        .route("/events", get(api::events))
        .route("/api/state", get(api::state))
        .route("/api/explain", get(api::explain))
        .route("/api/diff", get(api::diff))
        .route("/api/openapi.json", get(api::description))
        .route("/api/schemas/{name}", get(api::schema))
        .route("/api/variants", post(save::save.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))))
        .method_not_allowed_fallback(wrong)
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Port(port), guard::guard))
        .with_state(board)
}

/// The connections that are open. When there are too many, the oldest one that has waited for a request for a while
/// makes room.
#[derive(Default)]
struct Connections(Mutex<BTreeMap<u64, Connection>>);

struct Connection {
    waits: Waits,
    task: AbortHandle,
}

/// Since when a connection has waited for a request; nothing while one is answered.
type Waits = Arc<Mutex<Option<Instant>>>;

impl Connections {
    fn has_room(&self) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |own: &Connection| *own.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let has_waited = |(number, own): (&u64, &Connection)| {
            waits(own).filter(|since| since.elapsed() >= WAITS_AT_LEAST).map(|_| *number)
        };
        if open.len() < CONNECTIONS_MAX {
            return true;
        }
        let oldest = open.iter().find_map(has_waited).and_then(|oldest| open.remove(&oldest));
        oldest.inspect(|connection| connection.task.abort()).is_some()
    }

    fn take(self: &Arc<Connections>, stream: TcpStream, router: Router) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = open.last_key_value().map_or(0, |(last, _)| last + 1);
        let waits: Waits = Arc::new(Mutex::new(Some(Instant::now())));
        let (own, of_answers) = (Arc::clone(self), Arc::clone(&waits));
        let task = tokio::spawn(async move {
            answer(stream, router, of_answers).await;
            own.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        });
        open.insert(number, Connection { waits, task: task.abort_handle() });
    }
}

/// Answers the requests of one connection, one after another.
async fn answer(stream: TcpStream, router: Router, waits: Waits) {
    let marked = router.layer(middleware::from_fn(move |request: Request, next: middleware::Next| {
        let waits = Arc::clone(&waits);
        let set = move |since| *waits.lock().unwrap_or_else(PoisonError::into_inner) = since;
        async move {
            set(None);
            let response = next.run(request).await;
            // A stream of events goes on; any other answer is sent soon.
            set((!api::is_stream(&response)).then(Instant::now));
            response
        }
    }));
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(marked))
        .await;
}
