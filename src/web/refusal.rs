//! Why a request is not answered as asked: a status, a stable code, and a sentence that says what to do.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::live::Problem;

/// Why a request is not answered.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// What is wrong with what was asked, with excerpts.
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    code: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "<[Problem]>::is_empty")]
    problems: &'r [Problem],
}

impl Refusal {
    /// A refusal with a status, a code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), problems: vec![] }
    }

    /// What was asked has faults: 422.
    pub fn unusable(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// What was asked could not be run: 422, with all faults.
    pub fn faulty(problems: Vec<Problem>) -> Refusal {
        let message = "what was asked for has faults; nothing was changed";
        Refusal { problems, ..Refusal::unusable("faulty", message) }
    }

    /// There is nothing of this name: 404.
    pub fn unknown(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "unknown", message)
    }

    /// Too much was asked at once: 503.
    pub fn busy() -> Refusal {
        let message = "too much is asked at once; ask again in a moment";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    /// A number does not fit: 422.
    pub fn too_large(fault: crate::ground::money::TooLarge) -> Refusal {
        Refusal::unusable("amount-too-large", format!("a sum: {fault}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let document = Document {
            schema: "fordel.refusal/1",
            code: self.code,
            message: &self.message,
            problems: &self.problems,
        };
        let text = serde_json::to_string(&document).unwrap_or_default();
        let kind = (header::CONTENT_TYPE, "application/json; charset=utf-8");
        (self.status, [kind], text).into_response()
    }
}
