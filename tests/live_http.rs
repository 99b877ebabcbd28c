//! Hostile requests to `fordel serve`, which are data: `tests/live/requests.txt`, and `tests/live/writes.txt` for one
//! that may write. Who stays on the line, or comes with a crowd, is in `live_crowd.rs`.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;

use crate::live_server::{Answer, Copy, Server, fjord};
use crate::support::project;

/// What every answer tells browsers.
const CAREFUL: [(&str, &str); 6] = [
    ("content-security-policy", "default-src 'none'"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// A request with the statuses that it may be answered with; none for a connection that is closed.
struct Case {
    name: String,
    expected: Vec<Option<u16>>,
    request: Vec<u8>,
}

fn cases(file: &str, server: &Server, token: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(project().join("tests/live").join(file)).unwrap();
    let cases: Vec<Case> = text.split("\n=== ").skip(1).map(|case| read_case(case, server, token)).collect();
    let count = text.lines().filter(|line| line.starts_with("===")).count();
    assert_eq!(cases.len(), count, "{file}: a case is not read");
    cases
}

fn read_case(case: &str, server: &Server, token: &str) -> Case {
    let (heading, request) = case.split_once('\n').unwrap();
    let (name, expected) = heading.rsplit_once(": ").unwrap();
    let status = |word: &str| (word != "closed").then(|| word.parse().unwrap());
    let (head, body) = request.trim_end_matches('\n').split_once("\n\n").unwrap_or((request.trim_end(), ""));
    let body = filled(body);
    let head = head
        .replace('\n', "\r\n")
        .replace("{host}", &format!("Host: 127.0.0.1:{}", server.port))
        .replace("{port}", &server.port.to_string())
        .replace("{token}", token)
        .replace("{length}", &body.len().to_string());
    let request = [filled(&head), b"\r\n\r\n".to_vec(), body].concat();
    Case { name: name.to_owned(), expected: expected.split(' ').map(status).collect(), request }
}

/// The text with `{repeat 3 x}` and `{bytes 0d 0a}` written out.
fn filled(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(start) = ["{repeat ", "{bytes "].iter().filter_map(|word| rest.find(word)).min() {
        bytes.extend(rest[..start].bytes());
        let (inner, after) = rest[start + 1..].split_once('}').unwrap();
        let (word, what) = inner.split_once(' ').unwrap();
        match word {
            "repeat" => {
                let (times, what) = what.split_once(' ').unwrap();
                let what = what.replace("\\r", "\r").replace("\\n", "\n");
                bytes.extend(what.repeat(times.parse().unwrap()).bytes());
            }
            _ => bytes.extend(what.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap())),
        }
        rest = after;
    }
    bytes.extend(rest.bytes());
    bytes
}

/// Sends a request and reads the answer; the other side may have closed before all is sent.
fn sent(server: &Server, request: &[u8]) -> Option<Answer> {
    let mut stream = server.connect();
    let _ = stream.write_all(request);
    answer(&mut stream)
}

fn answer(stream: &mut TcpStream) -> Option<Answer> {
    let answer = Answer::read(stream);
    let _ = stream.shutdown(Shutdown::Both);
    answer
}

/// What is wrong with an answer.
fn faults(case: &Case, answer: Option<&Answer>) -> Vec<String> {
    let status = answer.map(|answer| answer.status);
    let mut faults = Vec::new();
    if !case.expected.contains(&status) {
        let said = answer
            .map(|own| format!("{}{}", own.head, String::from_utf8_lossy(&own.body)))
            .unwrap_or_default();
        let said: String = said.chars().take(900).collect();
        faults.push(format!("answered with {status:?} and not {:?}: {said}", case.expected));
    }
    let Some(answer) = answer else { return faults };
    if answer.head.to_lowercase().contains("access-control-") {
        faults.push(format!("lets other pages in:\n{}", answer.head));
    }
    if answer.status / 100 == 3 || answer.header("location").is_some() {
        faults.push("sends to somewhere else".to_owned());
    }
    // What could not be read as a request at all is refused without a word.
    let is_read = answer.header("content-type").is_some();
    for (name, value) in CAREFUL {
        if is_read && !answer.header(name).is_some_and(|own| own.contains(value)) {
            faults.push(format!("says no {name}: {value}"));
        }
    }
    if is_read && answer.status >= 400 {
        let json = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap_or_default();
        if json["schema"] != "fordel.refusal/1" || !json["message"].is_string() {
            faults.push(format!("does not say why: {}", answer.text()));
        }
    } else if answer.status >= 400 && !answer.body.is_empty() {
        faults.push(format!("says something of no kind: {}", answer.text()));
    }
    faults
}

fn try_all(file: &str, server: &Server, token: &str) -> usize {
    let cases = cases(file, server, token);
    let mut all = Vec::new();
    for case in &cases {
        let answer = sent(server, &case.request);
        all.extend(faults(case, answer.as_ref()).into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    assert!(all.is_empty(), "{file}: {} faults\n{}", all.len(), all.join("\n"));
    assert_eq!(server.get("/api/state").status, 200);
    cases.len()
}

#[test]
fn hostile_requests_are_refused() {
    let server = Server::start(&fjord(), &[]);
    assert!(server.json("/api/state")["live"]["token"].is_null(), "who may not write gets no token");
    let count = try_all("requests.txt", &server, "");
    assert!(count >= 50, "{count}");
}

#[test]
fn hostile_wishes_to_write_are_refused_and_write_nothing() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &["--write"]);
    let live = server.json("/api/state")["live"].take();
    assert_eq!(live["can_write"], true);
    let token = live["token"].as_str().unwrap();
    assert!(token.len() >= 32, "{token}");
    let count = try_all("writes.txt", &server, token);
    assert!(count >= 30, "{count}");
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(copy.file(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|own| own.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("."), ["inhabitants.csv", "rules.rhai", "scenario.ron", "variants"]);
    assert_eq!(names("variants"), ["half-equally.ron"]);
}

/// A proper wish to save a variant.
fn wish(server: &Server, token: &str, body: &str) -> Answer {
    let head = server.head("POST", "/api/variants");
    let head = format!(
        "{head}Content-Type: application/json\r\nX-Fordel-Token: {token}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    sent(server, &[head.as_bytes(), body.as_bytes()].concat()).unwrap()
}

/// A rule with a parameter, and what is saved of trying another value; until rules know the word, it is refused.
#[test]
fn what_was_tried_is_saved_beside_the_scenario_and_never_over_anything() {
    let copy = Copy::of(&fjord());
    let rules = copy.read("rules.rhai");
    let equal = "param(\"equal_part\", 20.percent, 0.percent..100.percent)";
    let rules = rules.replace(
        "20.percent * equally() + 80.percent * by(\"inhabitants\")",
        &format!("let part = {equal};\n    part * equally() + (100.percent - part) * by(\"inhabitants\")"),
    );
    let has_parameters = fordel::rules::words::WORDS.iter().any(|(word, _)| *word == "param");
    if has_parameters {
        copy.write("rules.rhai", &rules);
    }
    let server = Server::start(&copy.folder(), &["--write"]);
    let token = server.json("/api/state")["live"]["token"].as_str().unwrap().to_owned();
    let save = |name: &str, title: &str| {
        let set = ["parameters.equal_part=0.5"];
        wish(&server, &token, &serde_json::json!({"name": name, "title": title, "set": set}).to_string())
    };
    let saved = save("half", "Halvparten \"likt\" \\ <b>");
    if !has_parameters {
        assert_eq!(saved.status, 422, "{}", saved.text());
        assert!(!copy.file("variants/half.ron").exists());
        return;
    }
    assert_eq!(saved.status, 201, "{}", saved.text());
    let written = copy.read("variants/half.ron");
    let run = |path: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fordel"));
        let output = command.arg("run").arg(copy.file(path)).args(["--format", "csv"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert!(run("variants/half.ron") == run("variants/half-equally.ron"), "{written}");
    let tried = server.json("/api/state?set=parameters.equal_part=0.5&figures=1");
    assert!(tried["figures"].as_array().is_some_and(|figures| !figures.is_empty()));
    let again = save("half", "Something else");
    assert_eq!(again.status, 409, "{}", again.text());
    assert_eq!(copy.read("variants/half.ron"), written, "nothing is written over");
    assert_eq!(save("half-equally", "Something else").status, 409);
    server.live_when("shows what was saved", |live| {
        live["subjects"]
            .as_array()
            .unwrap()
            .iter()
            .any(|own| own["id"].as_str().unwrap().ends_with("half.ron"))
    });
}

/// The token is another one each time, and only who may write has one.
#[test]
fn the_token_is_of_this_run_alone() {
    let copy = Copy::of(&fjord());
    let token = || {
        let server = Server::start(&copy.folder(), &["--write"]);
        server.json("/api/state")["live"]["token"].as_str().unwrap().to_owned()
    };
    assert_ne!(token(), token());
}

/// The page's own files are what they say, and nothing else of the page is loaded from elsewhere.
#[test]
fn the_page_is_all_here() {
    let server = Server::start(&fjord(), &[]);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/assets/page.js", "text/javascript; charset=utf-8"),
        ("/assets/page.css", "text/css; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/api/openapi.json", "application/json; charset=utf-8"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        let text = answer.text();
        let elsewhere = ["http://", "https://"].iter().flat_map(|word| text.split(word).skip(1));
        for address in elsewhere {
            let is_here = ["127.0.0.1", "localhost", "www.w3.org/2000/svg", "json-schema.org"];
            assert!(is_here.iter().any(|own| address.starts_with(own)), "{path} names {address:.60}");
        }
        assert!(!text.contains("<script>") && !text.contains(" onclick="), "{path}: a script in the text");
    }
}

/// What can be asked is written down, and each address of it is there.
#[test]
fn the_description_is_of_what_is_there() {
    let server = Server::start(&fjord(), &[]);
    let description = server.json("/api/openapi.json");
    let paths = description["paths"].as_object().unwrap();
    for path in ["/api/state", "/api/explain", "/api/diff", "/events", "/api/variants"] {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    for (path, ways) in paths {
        if path.contains('{') {
            continue;
        }
        for way in ways.as_object().unwrap().keys().filter(|way| ["get", "post"].contains(&way.as_str())) {
            let head = server.head(&way.to_uppercase(), path);
            let answer = sent(&server, format!("{head}Connection: close\r\n\r\n").as_bytes());
            let status = answer.map(|answer| answer.status);
            assert!(
                ![Some(404), Some(405), None].contains(&status) || path == "/api/diff",
                "{path}: {status:?}"
            );
        }
    }
}

#[test]
fn a_port_that_is_taken_or_none_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let serve = |port: &str, scenario: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fordel"));
        let output =
            command.args(["serve", scenario, "--port", port]).current_dir(project()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = serve(&port, "tests/live/fjord");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("error[cannot-serve]") && said.contains(&port) && said.contains("--port 0"),
        "{said}"
    );
    for wrong in ["99999", "-1", "web", "4280.5"] {
        let (code, said) = serve(wrong, "tests/live/fjord");
        assert_eq!(code, Some(2), "{wrong}: {said}");
        assert!(said.contains(wrong), "{said}");
    }
    let (code, said) = serve("0", "tests/live/nowhere");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("tests/live/nowhere"), "{said}");
}
