//! A real `fordel serve` for trials: started on a copy of a scenario, asked over a bare connection, ended with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::project;

/// How long anything may take on a machine that has other work.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A command that runs until it is ended, with all that it has said; it is ended when it is dropped.
pub struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts fordel.
    pub fn start(arguments: &[&str], folder: &Path) -> Running {
        // Both streams go through one pipe, as on a terminal: what is said first is heard first.
        let (hears, says) = std::io::pipe().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fordel"));
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.stdout(says.try_clone().unwrap()).stderr(says);
        let child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in BufReader::new(hears).split(b'\n').map_while(Result::ok) {
                let mut said = kept.lock().unwrap();
                said.push_str(&String::from_utf8_lossy(&line));
                said.push('\n');
            }
        });
        Running { child, said }
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it has said something; all that it has said.
    pub fn hears(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if said.contains(text) {
                return said;
            }
            let has_ended = self.child.try_wait().unwrap().is_some();
            assert!(!has_ended && Instant::now() < until, "it never said `{text}`:\n{said}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as Ctrl-C does; how it ended and how long that took.
    pub fn interrupt(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let signal = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < PATIENCE, "it did not end:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server on a port of its own.
pub struct Server {
    /// Its process.
    pub running: Running,
    /// Its port.
    pub port: u16,
}

impl Server {
    /// Serves a scenario.
    pub fn start(scenario: &Path, more: &[&str]) -> Server {
        Server::start_at(0, scenario, more)
    }

    /// Serves a scenario at a port.
    pub fn start_at(port: u16, scenario: &Path, more: &[&str]) -> Server {
        let (port, scenario) = (port.to_string(), scenario.to_str().unwrap());
        let arguments = [&["serve", scenario, "--port", &port], more].concat();
        let mut running = Running::start(&arguments, &project());
        let said = running.hears("; Ctrl-C ends");
        let address = said.split("http://127.0.0.1:").nth(1).unwrap();
        let port = address.split('/').next().unwrap().parse().unwrap();
        Server { running, port }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The head of a proper request, without the empty line.
    pub fn head(&self, method: &str, path: &str) -> String {
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", self.port)
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Answer {
        let mut stream = self.connect();
        self.get_over(&mut stream, path).unwrap_or_else(|| panic!("{path}: no answer"))
    }

    /// Asks for a path over a connection that stays open.
    pub fn get_over(&self, stream: &mut TcpStream, path: &str) -> Option<Answer> {
        stream.write_all(format!("{}\r\n", self.head("GET", path)).as_bytes()).ok()?;
        Answer::read(stream)
    }

    /// Asks for a path and reads the JSON.
    pub fn json(&self, path: &str) -> serde_json::Value {
        self.get(path).json()
    }

    /// How the draft stands, as soon as that is so; a panic where it never is.
    pub fn live_when(&self, what: &str, is_so: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let live = self.json("/api/state")["live"].take();
            if is_so(&live) {
                return live;
            }
            assert!(Instant::now() < until, "never {what}: {live:#}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its status line and headers.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads one answer; none where the connection is closed first.
    pub fn read(stream: &mut impl Read) -> Option<Answer> {
        let head = Answer::read_head(stream)?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer { status, head, body: vec![] };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        answer.body = body;
        Some(answer)
    }

    /// Reads the status line and the headers of an answer, and nothing after them.
    pub fn read_head(stream: &mut impl Read) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        String::from_utf8(head).ok()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|fault| panic!("{fault}: {}", self.text()))
    }
}

/// The scenario that most trials edit.
pub fn fjord() -> PathBuf {
    project().join("tests/live/fjord")
}

/// A copy of a scenario folder, in a folder that is gone with the test.
pub struct Copy {
    whole: tempfile::TempDir,
}

impl Copy {
    /// An empty folder for a scenario.
    pub fn empty() -> Copy {
        let copy = Copy { whole: tempfile::tempdir().unwrap() };
        std::fs::create_dir(copy.folder()).unwrap();
        copy
    }

    /// Copies a scenario folder with its variants.
    pub fn of(scenario: &Path) -> Copy {
        let copy = Copy { whole: tempfile::tempdir().unwrap() };
        copy_into(scenario, &copy.folder());
        copy
    }

    /// The copy of the scenario.
    pub fn folder(&self) -> PathBuf {
        self.whole.path().join("scenario")
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The text of a file of it.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    /// Writes a file of it.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }
}

fn copy_into(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy_into(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
