//! Floor 6: the page. A server for one person at one machine, with one read-only API that the page and anybody else
//! asks; it opens no file that a request names, and writes only when it was started to.

#![allow(clippy::disallowed_methods, reason = "this is the floor that touches disk and clock")]

pub mod api;
pub mod ask;
pub mod assets;
pub mod board;
pub mod guard;
pub mod live;
pub mod refusal;
pub mod save;
pub mod server;
pub mod showing;
pub mod subjects;
