//! The live page in a real browser: each trial is a function in `tests/browser/`, run on a server of its own.
//! Without Chromium, Node.js or what is in `package.json` they are skipped with a loud message, unless the environment
//! says `FORDEL_BROWSER=required`.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::live_server::{Copy, Server, fjord};
use crate::support::project;

/// Where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";

/// What the trials need and is not there.
fn missing() -> Option<String> {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    let chromium = std::env::var_os("FORDEL_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    let modules = project().join("tests/browser/node_modules");
    let wanted = [
        (chromium.exists(), format!("no {} (install the package chromium)", chromium.display())),
        (has_node, "no node (install Node.js 18 or newer)".to_owned()),
        (
            modules.join("playwright-core").exists(),
            "no node_modules (run npm ci in tests/browser)".to_owned(),
        ),
        (modules.join("axe-core").exists(), "no axe-core (run npm ci in tests/browser)".to_owned()),
    ];
    let missing: Vec<String> = wanted.into_iter().filter(|(is, _)| !is).map(|(_, what)| what).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The node process of a trial; it is ended with the test, and its browser with it.
struct Trial(Child);

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a trial on a copy of a scenario.
fn run(name: &str, copy: &Copy, more: &[&str]) {
    if let Some(missing) = missing() {
        let is_required = std::env::var("FORDEL_BROWSER").is_ok_and(|wish| wish == "required");
        assert!(!is_required, "the trials in the browser cannot be run: {missing}");
        // Past the capture of the test runner: nobody shall believe that this was tried.
        let note = format!("\n*** SKIPPED: {name} was not tried in a browser: {missing} ***\n\n");
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    }
    let mut server = Some(Server::start(&copy.folder(), more));
    let (port, address) = server.as_ref().map(|server| (server.port, server.address())).unwrap();
    let mut command = Command::new("node");
    command.arg("run.mjs").args([name, &address]).arg(copy.folder()).arg(project().join("target/pictures"));
    command.current_dir(project().join("tests/browser")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut trial = Trial(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut tell = trial.0.stdin.take().unwrap();
    let complaints = trial.0.stderr.take().unwrap();
    let complaints = std::thread::spawn(move || {
        BufReader::new(complaints).lines().map_while(Result::ok).collect::<Vec<String>>().join("\n")
    });
    for line in BufReader::new(trial.0.stdout.take().unwrap()).lines().map_while(Result::ok) {
        match line.as_str() {
            "please stop" => drop(server.take()),
            "please start" => server = Some(Server::start_at(port, &copy.folder(), more)),
            said => {
                eprintln!("{name}: {said}");
                continue;
            }
        }
        writeln!(tell, "done").unwrap();
    }
    let status = trial.0.wait().unwrap();
    let said = server.map(|server| server.running.said()).unwrap_or_default();
    assert!(status.success(), "{name}: {}\nThe server said:\n{said}", complaints.join().unwrap());
}

/// A trial on the scenario that most trials edit.
fn on_fjord(name: &str) {
    run(name, &Copy::of(&fjord()), &[]);
}

macro_rules! trials {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            on_fjord(stringify!($name));
        })*
        const ON_FJORD: &[&str] = &[$(stringify!($name)),*];
    };
}

trials! {
    shows_the_numbers
    a_click_opens_the_certificate
    the_year_slides
    the_language_changes
    the_address_holds_what_is_shown
    find_narrows_the_table
    tables_are_taken_out
    the_server_goes_and_comes
    works_without_a_network
    a_save_shows_new_numbers
    a_broken_file_leaves_the_last_good_numbers
    a_pin_is_compared_with
    a_variant_is_shown_and_compared
    a_pause_holds_the_page
    the_keyboard_is_enough
    no_serious_fault_in_light
    no_serious_fault_in_dark
    no_serious_fault_when_compared
    no_serious_fault_on_a_phone
    the_page_fits
    pictures
}

#[test]
fn a_scenario_broken_from_the_start_is_mended() {
    let copy = Copy::of(&fjord());
    copy.write("rules.rhai", &copy.read("rules.rhai").replace("80.percent", "80.percnt"));
    run("a_scenario_broken_from_the_start_is_mended", &copy, &[]);
}

#[test]
fn a_parameter_slides() {
    let copy = Copy::of(&fjord());
    if fordel::rules::words::WORDS.iter().any(|(word, _)| *word == "param") {
        let rules = copy.read("rules.rhai").replace(
            "20.percent * equally() + 80.percent *",
            "let part = param(\"equal_part\", 20.percent, 0.percent..100.percent);\n    part * equally() + (100.percent - part) *",
        );
        copy.write("rules.rhai", &rules);
    }
    run("a_parameter_slides", &copy, &["--write"]);
}

#[test]
fn a_large_scenario_is_paged() {
    run("a_large_scenario_is_paged", &large(), &[]);
}

#[test]
fn names_are_texts() {
    run("names_are_texts", &hostile(), &[]);
}

#[test]
fn errors_are_texts() {
    run("errors_are_texts", &hostile(), &[]);
}

#[test]
fn addresses_are_texts() {
    run("addresses_are_texts", &hostile(), &[]);
}

#[test]
fn saved_files_are_harmless() {
    run("saved_files_are_harmless", &hostile(), &[]);
}

/// Every trial in the folder is run by a test here.
#[test]
fn no_trial_is_forgotten() {
    let own = [
        "a_scenario_broken_from_the_start_is_mended",
        "a_parameter_slides",
        "a_large_scenario_is_paged",
        "names_are_texts",
        "errors_are_texts",
        "addresses_are_texts",
        "saved_files_are_harmless",
    ];
    let mut known: Vec<&str> = ON_FJORD.iter().chain(&own).copied().collect();
    known.sort_unstable();
    let mut written = Vec::new();
    for file in ["reading", "drafting", "hostile", "access", "large"] {
        let text = std::fs::read_to_string(project().join(format!("tests/browser/{file}.mjs"))).unwrap();
        let names = text.split("\nexport async function ").skip(1);
        written.extend(names.map(|rest| rest.split('(').next().unwrap().to_owned()));
    }
    written.sort();
    assert_eq!(known, written);
}

/// A text as RON and Rhai write it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A scenario whose names are scripts, or would be if they were not texts.
fn hostile() -> Copy {
    let texts = std::fs::read_to_string(project().join("tests/live/injections.txt")).unwrap();
    let texts: Vec<&str> = texts.lines().collect();
    let copy = Copy::empty();
    let (mut parties, mut measures, mut rules, mut table) =
        (String::new(), String::new(), String::new(), "party,value\n".to_owned());
    for (at, text) in texts.iter().enumerate() {
        writeln!(parties, "(id: \"p{at}\", name: {}),", quoted(text)).unwrap();
        writeln!(
            measures,
            "(id: \"m{at}\", title: {0}, costs: [(line: {0}, budget: {{2024: 1000, 2025: 1100}})], key: \"key_{at}()\"{1}),",
            quoted(text),
            if at == 0 { ", funding: [\"cover(50.percent).from(\\\"g\\\")\"]" } else { "" },
        )
        .unwrap();
        writeln!(rules, "/// {text}\nfn key_{at}() {{ by(\"inhabitants\") }}").unwrap();
        writeln!(table, "p{at},{}", at + 1).unwrap();
    }
    let title = quoted(&format!("{} \"../{}", texts[4], texts[0]));
    let grant = quoted(texts[1]);
    let scenario = format!(
        "(title: {title}, source: {0}, years: (first: 2024, last: 2025), rules: [\"rules.rhai\"], round_to: 0.01,\n\
         parties: [{parties}],\n\
         drivers: [(id: \"inhabitants\", unit: {0}, source: {0}, values: Csv(\"inhabitants.csv\"))],\n\
         measures: [{measures}],\n\
         grants: [(id: \"g\", title: {grant}, funder: {grant}, awards: {{2024: 300, 2025: 200}})],\n\
         reserves: [(id: \"r\", title: {grant}, opening: 100)])\n",
        quoted(texts[2]),
    );
    copy.write("scenario.ron", &scenario);
    copy.write("rules.rhai", &rules);
    copy.write("inhabitants.csv", &table);
    std::fs::create_dir(copy.file("variants")).unwrap();
    for (at, text) in texts.iter().take(3).enumerate() {
        let change = format!("Key(measure: \"m{at}\", key: \"equally()\")");
        let variant = format!(
            "(base: \"..\", title: {0}, author: {0}, reference: {0}, reason: {0}, changes: [{change}])\n",
            quoted(text)
        );
        copy.write(&format!("variants/v{at}.ron"), &variant);
    }
    copy
}

/// 357 parties, 200 measures, 5 years.
fn large() -> Copy {
    let copy = Copy::empty();
    let (mut parties, mut measures, mut table) = (String::new(), String::new(), "party,value\n".to_owned());
    for party in 1..=357 {
        writeln!(parties, "(id: \"k{party}\", name: \"Kommune {party}\"),").unwrap();
        writeln!(table, "k{party},{}", 400 + party * party % 9_973).unwrap();
    }
    for measure in 1..=200 {
        let budget: Vec<String> =
            (2024..2029).map(|year| format!("{year}: {}", 1_000_000 + measure * 7_919 + year)).collect();
        writeln!(
            measures,
            "(id: \"t{measure}\", title: \"Tiltak {measure}\", costs: [(line: \"Drift\", budget: {{{}}})], key: \"part()\"),",
            budget.join(", ")
        )
        .unwrap();
    }
    let scenario = format!(
        "(title: \"Heile landet\", years: (first: 2024, last: 2028), rules: [\"rules.rhai\"], round_to: 1,\n\
         parties: [{parties}],\n\
         drivers: [(id: \"inhabitants\", unit: \"persons\", values: Csv(\"inhabitants.csv\"))],\n\
         measures: [{measures}])\n"
    );
    copy.write("scenario.ron", &scenario);
    copy.write("rules.rhai", "fn part() { 10.percent * equally() + 90.percent * by(\"inhabitants\") }\n");
    copy.write("inhabitants.csv", &table);
    copy
}

/// The lock file names no host, so that it holds for every registry.
#[test]
fn the_lock_file_names_no_host() {
    let read = |path: &Path| std::fs::read_to_string(project().join("tests/browser").join(path)).unwrap();
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        assert!(!read(Path::new(file)).contains("://"), "{file}");
    }
}
