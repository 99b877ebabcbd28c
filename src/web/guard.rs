//! Who may ask: the page that this server has sent, and programs of this machine. A page of somewhere else that is
//! open in the same browser may not, whatever name it has given this machine.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// The longest address of a request, in bytes.
const ADDRESS_BYTES_MAX: usize = 16 << 10;

/// What a browser may do with what it gets: show it, run the page's own script, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SENT_WITH_ALL: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The port that is served.
#[derive(Clone, Copy, Debug)]
pub struct Port(pub u16);

/// Lets a request through that may ask, and sends what tells browsers to be careful with every answer.
pub async fn guard(State(port): State<Port>, request: Request, next: Next) -> Response {
    let mut response = match check(&request, port) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in SENT_WITH_ALL {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check(request: &Request, port: Port) -> Result<(), Refusal> {
    let (headers, address) = (request.headers(), request.uri());
    let bad = |code, message: &str| Err(Refusal::new(StatusCode::BAD_REQUEST, code, message));
    let forbidden = |code, message: &str| Err(Refusal::new(StatusCode::FORBIDDEN, code, message));
    if request.version() != Version::HTTP_11 {
        return bad("http-version", "ask in HTTP/1.1");
    }
    if address.scheme().is_some() || address.authority().is_some() {
        return bad("absolute-address", "ask for a path, as in /api/state");
    }
    if address.path_and_query().is_some_and(|path| path.as_str().len() > ADDRESS_BYTES_MAX) {
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, "long-address", "the address is too long"));
    }
    // Where the length is said in two ways, the one that is not believed is gone by now.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return bad("length", "say the length of a body with Content-Length, and in no other way");
    }
    let Some(host) = only(headers, &header::HOST) else {
        return bad("host", "say once to which host this is sent");
    };
    if !own_hosts(port).iter().any(|own| own == host) {
        return forbidden("foreign-host", "this server answers to 127.0.0.1 and localhost only");
    }
    if headers.contains_key(header::ORIGIN) {
        let own = format!("http://{host}");
        if only(headers, &header::ORIGIN) != Some(own.as_str()) {
            return forbidden("foreign-origin", "another page may not ask");
        }
    }
    match only(headers, &HeaderName::from_static("sec-fetch-site")) {
        None | Some("same-origin" | "none") => Ok(()),
        // Somebody who follows a link to the page is welcome.
        Some(_) if is_visit(request) => Ok(()),
        Some(_) => forbidden("foreign-page", "another page may not ask"),
    }
}

/// Whether a browser goes to the page, as when a link is followed.
fn is_visit(request: &Request) -> bool {
    let says = |name: &'static str, value: &str| {
        only(request.headers(), &HeaderName::from_static(name)).is_some_and(|said| said == value)
    };
    let to_page = request.method() == Method::GET && request.uri().path() == "/";
    to_page && says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
}

/// How this server may be called.
fn own_hosts(Port(port): Port) -> Vec<String> {
    let names = ["127.0.0.1", "localhost", "[::1]"];
    let with_port = names.iter().map(|name| format!("{name}:{port}"));
    // Browsers leave out port 80.
    let plain = names.iter().filter(|_| port == 80).map(|name| (*name).to_owned());
    with_port.chain(plain).collect()
}

/// The value of a header that is sent once.
pub fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}
