//! Who stays on the line of `fordel serve`: those that listen to events, crowds, slow ones, and those that say half.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::live_server::{Answer, Copy, PATIENCE, Server, fjord};

/// Who says nothing more is waited for so long at most; the server waits 10 seconds.
const CLOSED_WITHIN: Duration = Duration::from_secs(15);

/// Somebody who listens to events.
struct Listener(BufReader<TcpStream>);

/// An event: its number, what happened, how the draft stands.
struct Event {
    id: u64,
    what: String,
    live: serde_json::Value,
}

impl Listener {
    fn at(server: &Server, more: &[u8]) -> Result<Listener, Answer> {
        let mut stream = server.connect();
        stream.write_all(server.head("GET", "/events").as_bytes()).unwrap();
        stream.write_all(&[more, b"\r\n"].concat()).unwrap();
        let mut stream = BufReader::new(stream);
        let head = Answer::read_head(&mut stream).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let answer = Answer { status, head, body: vec![] };
        if status != 200 {
            return Err(answer);
        }
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        assert!(answer.header("content-security-policy").is_some() && !answer.head.contains("ccess-"));
        Ok(Listener(stream))
    }

    fn next(&mut self) -> Event {
        let (mut id, mut what) = (0, String::new());
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream has ended");
            let Some((field, value)) = line.trim_end().split_once(": ") else { continue };
            match field {
                "id" => id = value.parse().unwrap(),
                "event" => what = value.to_owned(),
                "data" => {
                    // What comes in the same piece after the text is of the next event.
                    let live = serde_json::from_str(value).unwrap_or_else(|fault| panic!("{fault}: {value}"));
                    return Event { id, what, live };
                }
                _ => {}
            }
        }
    }
}

#[test]
fn an_event_comes_with_every_save() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &[]);
    let mut plain = Listener::at(&server, b"").ok().unwrap();
    let mut strange =
        Listener::at(&server, b"Last-Event-ID: \xff';--99999999999999999999999\r\n").ok().unwrap();
    let rules = copy.read("rules.rhai");
    for (round, text) in [
        (1, rules.clone()),
        (2, rules.replace("20.", "30.").replace("80.", "70.")),
        (3, rules.replace("80", "8x")),
    ] {
        if round > 1 {
            copy.write("rules.rhai", &text);
        }
        for listener in [&mut plain, &mut strange] {
            let mut event = listener.next();
            // Files may be looked at once more than they are saved.
            while round > 1 && event.live["status"] == "good" && round == 3 {
                event = listener.next();
            }
            assert_eq!(event.what, "generation");
            assert_eq!(event.live["generation"], event.id);
            assert_eq!(event.live["status"], if round == 3 { "stale" } else { "good" });
            assert_eq!(event.live["problems"].as_array().unwrap().is_empty(), round < 3);
        }
    }
    let state = server.json("/api/state");
    assert_eq!(state["live"]["status"], "stale");
    let problem = &state["live"]["problems"][0];
    assert!(problem["excerpt"].as_str().unwrap().contains("8x"), "{problem:#}");
    assert_eq!((&problem["line"], &problem["severity"]), (&4.into(), &"error".into()));
    assert!(problem["file"].as_str().unwrap().ends_with("rules.rhai"));
}

#[test]
fn who_leaves_makes_room_for_others_to_listen() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &[]);
    let mut listeners: Vec<Listener> = (0..32).map(|_| Listener::at(&server, b"").ok().unwrap()).collect();
    for listener in &mut listeners {
        assert_eq!(listener.next().live["status"], "good");
    }
    let refused = Listener::at(&server, b"").err().map(|answer| answer.status);
    assert_eq!(refused, Some(503), "the 33rd");
    assert_eq!(server.get("/api/state").status, 200, "who asks is answered all the same");
    for left in [1, 32] {
        listeners.truncate(listeners.len() - left.min(listeners.len()));
        let until = Instant::now() + PATIENCE;
        loop {
            match Listener::at(&server, b"") {
                Ok(mut listener) => {
                    assert_eq!(listener.next().live["status"], "good");
                    listeners.push(listener);
                    break;
                }
                Err(answer) => assert_eq!(answer.status, 503),
            }
            assert!(Instant::now() < until, "who has left keeps a place");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    // Those that are left still hear of saves.
    copy.write("rules.rhai", &copy.read("rules.rhai").replace("20.", "30.").replace("80.", "70."));
    for listener in &mut listeners {
        assert_eq!(listener.next().what, "generation");
    }
}

#[test]
fn two_thousand_that_say_nothing_keep_nobody_out() {
    let server = Server::start(&fjord(), &[]);
    let mut silent = Vec::new();
    for count in 1..=2_000 {
        silent.push(server.connect());
        if count % 100 == 0 {
            let begun = Instant::now();
            assert_eq!(server.get("/api/state").status, 200, "after {count}");
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?} after {count}", begun.elapsed());
        }
    }
}

/// How long it takes until the server has closed.
fn closed_after(stream: &mut TcpStream, begun: Instant) -> (Duration, Vec<u8>) {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    (begun.elapsed(), answer)
}

#[test]
fn who_says_half_is_not_waited_for() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &["--write"]);
    let token = server.json("/api/state")["live"]["token"].as_str().unwrap().to_owned();
    let wish = format!(
        "{}X-Fordel-Token: {token}\r\nContent-Type: application/json\r\n",
        server.head("POST", "/api/variants")
    );
    let halves = [
        String::new(),
        "GET /api/state HTTP/1.1\r\nHost: 127".to_owned(),
        format!("{}\r\n", server.head("GET", "/api/state")),
        format!("{wish}Content-Length: 90\r\n\r\n{{\"name\": \"x"),
    ];
    std::thread::scope(|scope| {
        let server = &server;
        for half in &halves {
            scope.spawn(move || {
                let mut stream = server.connect();
                let begun = Instant::now();
                stream.write_all(half.as_bytes()).unwrap();
                let (elapsed, answer) = closed_after(&mut stream, begun);
                assert!(elapsed < CLOSED_WITHIN, "{elapsed:?} after `{half}`");
                let answer = String::from_utf8_lossy(&answer);
                assert!(!half.contains("POST") || answer.starts_with("HTTP/1.1 408"), "{answer}");
            });
        }
        // One that says something all the time and comes to no end.
        scope.spawn(move || {
            let mut stream = server.connect();
            let begun = Instant::now();
            stream.write_all(server.head("GET", "/api/state").as_bytes()).unwrap();
            while begun.elapsed() < CLOSED_WITHIN && stream.write_all(b"X: y\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(400));
            }
            assert!(begun.elapsed() < CLOSED_WITHIN, "who never comes to an end is listened to");
        });
    });
    assert!(!copy.file("variants/x.ron").exists());
    assert_eq!(server.get("/api/state").status, 200);
}

#[test]
fn a_hundred_that_try_something_at_once_are_answered_or_told_to_come_back() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &[]);
    let tries: Vec<String> = (0..100)
        .map(|number| match number % 2 {
            0 => format!("/api/state?set=parameters.equal_part=0.{number:02}"),
            _ => format!(
                "/api/state?view=page&find={number}&show={}/variants/half-equally.ron",
                copy.folder().display()
            ),
        })
        .collect();
    let statuses: Vec<Option<u16>> = std::thread::scope(|scope| {
        let server = &server;
        let ask = |path: &String| {
            let path = path.clone();
            scope.spawn(move || {
                let mut stream = server.connect();
                server.get_over(&mut stream, &path).map(|answer| answer.status)
            })
        };
        let asked: Vec<_> = tries.iter().map(ask).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let count = |wanted: &[u16]| statuses.iter().flatten().filter(|own| wanted.contains(own)).count();
    eprintln!("100 at once: {} answered, {} told to come back", count(&[200, 422]), count(&[503]));
    assert_eq!(count(&[200, 422, 503]), 100, "{statuses:?}");
    assert!(count(&[200, 422]) >= 16, "{statuses:?}");
    assert_eq!(server.get(&tries[0]).status, server.get(&tries[2]).status);
    assert_eq!(server.get(&tries[1]).status, 200, "everything is as it was afterwards");
}

#[test]
fn who_reads_slowly_or_asks_without_reading_holds_nobody_up() {
    let server = Server::start(&fjord(), &[]);
    let request = format!("{}\r\n", server.head("GET", "/api/state?figures=1&view=page"));
    let mut slow: Vec<TcpStream> = (0..63).map(|_| server.connect()).collect();
    for stream in &mut slow {
        let _ = stream.write_all(request.as_bytes());
    }
    // A flood of requests on one connection, none of whose answers is read; until it is stopped.
    let mut flood = server.connect();
    flood.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let asked = (0..5_000).take_while(|_| flood.write_all(request.as_bytes()).is_ok()).count();
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            let begun = Instant::now();
            assert_eq!(server.get("/api/state").status, 200);
            begun.elapsed()
        })
        .collect();
    times.sort();
    eprintln!(
        "beside 63 slow readers and {asked} requests in a row: median {:?}, 99 of 100 within {:?}",
        times[50], times[98]
    );
    assert!(times[98] < Duration::from_secs(2), "{times:?}");
    flood.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(Answer::read(&mut flood).unwrap().status, 200);
}

#[test]
fn ctrl_c_ends_at_once_with_a_page_open() {
    let copy = Copy::of(&fjord());
    let mut server = Server::start(&copy.folder(), &[]);
    let mut listener = Listener::at(&server, b"").ok().unwrap();
    listener.next();
    let half = server.connect();
    let (status, elapsed) = server.running.interrupt();
    eprintln!("ended after {elapsed:?}");
    assert!(status.success(), "{status}");
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    drop(half);
    // The port is free for the next one at once.
    let next = Server::start_at(server.port, &copy.folder(), &[]);
    assert_eq!(next.port, server.port);
}
