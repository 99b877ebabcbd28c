//! Saves in all the ways that editors save: what is shown ends as what the command line says of the final bytes, and
//! nothing is ever shown that belongs to no complete version.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::live_server::{Copy, PATIENCE, Running, Server, fjord};
use crate::support::Random;

/// How many times each way to save is tried.
const SAVES: u64 = 200;
/// How long it may take in general after a save until its numbers are shown. A single save may wait for the machine.
const SHOWN_WITHIN: Duration = Duration::from_secs(1);

/// A way to save a file.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The file is written over.
    Plain,
    /// A new file takes its place.
    Rename,
    /// The old file is put aside, and a new one is written.
    Backup,
    /// The file is emptied, and written after a while.
    Truncate,
    /// The file is removed, and written after a while.
    Recreate,
}

const WAYS: [Way; 5] = [Way::Plain, Way::Rename, Way::Backup, Way::Truncate, Way::Recreate];

impl Way {
    fn save(self, file: &Path, text: &str, random: &mut Random) {
        let aside = file.with_extension("aside~");
        match self {
            Way::Plain => fs::write(file, text).unwrap(),
            Way::Rename => {
                fs::write(&aside, text).unwrap();
                fs::rename(&aside, file).unwrap();
            }
            Way::Backup => {
                fs::rename(file, &aside).unwrap();
                fs::write(file, text).unwrap();
            }
            Way::Truncate => {
                let mut open = File::create(file).unwrap();
                std::thread::sleep(Duration::from_millis(random.below(60)));
                open.write_all(text.as_bytes()).unwrap();
            }
            Way::Recreate => {
                fs::remove_file(file).unwrap();
                std::thread::sleep(Duration::from_millis(random.below(60)));
                fs::write(file, text).unwrap();
            }
        }
    }
}

/// A version of the scenario: which of four texts each of its three files has.
type Version = [u64; 3];

/// The texts of the versions, and what the command line says of each.
struct Versions {
    originals: [String; 3],
    told: Mutex<BTreeMap<Version, String>>,
}

const FILES: [&str; 3] = ["scenario.ron", "rules.rhai", "inhabitants.csv"];

impl Versions {
    fn new() -> Versions {
        let originals = FILES.map(|file| fs::read_to_string(fjord().join(file)).unwrap());
        Versions { originals, told: Mutex::default() }
    }

    fn text(&self, file: usize, number: u64) -> String {
        let original = &self.originals[file];
        let text = match file {
            0 => original.replace("2027: 32_600_000", &format!("2027: 32_600_00{number}")),
            1 => original
                .replace("20.percent", &format!("{}.percent", 20 + number))
                .replace("80.percent", &format!("{}.percent", 80 - number)),
            // The last digits of the file: what is cut off leaves another number.
            _ => original.replace("970,961", &format!("970,{}", 961 + number)),
        };
        assert!(number == 0 || text != *original);
        text
    }

    /// What the command line says of a version.
    fn told(&self, version: Version) -> String {
        if let Some(told) = self.told.lock().unwrap().get(&version) {
            return told.clone();
        }
        let copy = Copy::of(&fjord());
        for (file, name) in FILES.iter().enumerate() {
            copy.write(name, &self.text(file, version[file]));
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_fordel"));
        let output = command.arg("run").arg(copy.folder()).args(["--format", "json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = numbers(&serde_json::from_slice(&output.stdout).unwrap());
        self.told.lock().unwrap().insert(version, told.clone());
        told
    }
}

/// All figures with the seal of what they are from.
fn numbers(document: &serde_json::Value) -> String {
    assert!(document["figures"].as_array().is_some_and(|figures| figures.len() > 50), "{document}");
    format!("{} {}", document["seal"], document["figures"])
}

/// What is seen by somebody who asks all the time.
#[derive(Default)]
struct Seen {
    /// What may be shown.
    allowed: Vec<String>,
    /// The last that was shown, and how the draft stood.
    numbers: String,
    status: String,
    /// What should never have been shown.
    strange: Vec<String>,
}

struct Observer {
    seen: Mutex<Seen>,
    is_over: AtomicBool,
}

impl Observer {
    fn new(first: String) -> Observer {
        let seen = Seen { allowed: vec![first], ..Seen::default() };
        Observer { seen: Mutex::new(seen), is_over: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Asks all the time, until it is over.
    fn look(&self, server: &Server) {
        let mut stream = server.connect();
        while !self.is_over.load(Ordering::Relaxed) {
            let Some(answer) = server.get_over(&mut stream, "/api/state?figures=1") else {
                stream = server.connect();
                continue;
            };
            let document = answer.json();
            let numbers = numbers(&document);
            let mut seen = self.lock();
            if !seen.allowed.contains(&numbers) {
                seen.strange.push(format!("{} {numbers:.200}", document["live"]["generation"]));
            }
            seen.numbers = numbers;
            seen.status = document["live"]["status"].as_str().unwrap().to_owned();
            drop(seen);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until a good result with these numbers is shown; how long that took.
    fn sees(&self, numbers: &str, what: &str) -> Duration {
        let begun = Instant::now();
        loop {
            let seen = self.lock();
            if seen.numbers == numbers && seen.status == "good" {
                return begun.elapsed();
            }
            let status = seen.status.clone();
            drop(seen);
            assert!(begun.elapsed() < PATIENCE, "{what}: never shown; it stands {status}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends when it is dropped, also where a trial fails.
    fn end(&self) -> Over<'_> {
        Over(self)
    }
}

struct Over<'o>(&'o Observer);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

/// A machine that saves in five ways at once tells nothing of how long a save takes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Saves again and again in these ways, and waits after each save until it is shown.
fn save_and_see(ways: &[Way], saves: u64, more: &[&str]) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (versions, copy) = (Versions::new(), Copy::of(&fjord()));
    let server = Server::start(&copy.folder(), more);
    let mut random = Random(saves);
    let mut version = Version::default();
    let observer = Observer::new(versions.told(version));
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        let _over = observer.end();
        scope.spawn(|| observer.look(&server));
        observer.sees(&versions.told(version), "the beginning");
        for save in 0..saves {
            let way = ways[usize::try_from(save).unwrap() % ways.len()];
            let file = usize::try_from(random.below(3)).unwrap();
            version[file] = (version[file] + 1 + random.below(3)) % 4;
            let told = versions.told(version);
            observer.lock().allowed.push(told.clone());
            way.save(&copy.file(FILES[file]), &versions.text(file, version[file]), &mut random);
            let what = format!("save {save} of {}, {way:?}", FILES[file]);
            times.push(observer.sees(&told, &what));
            let mut seen = observer.lock();
            assert!(seen.strange.is_empty(), "{what}: shown and of no complete version: {:?}", seen.strange);
            seen.allowed = vec![told];
        }
    });
    times.sort();
    let late = times.iter().filter(|time| **time > SHOWN_WITHIN).count();
    let median = times[times.len() / 2];
    eprintln!(
        "{ways:?}: {saves} saves, shown after {median:?} in the middle, {:?} at most, {late} late",
        times[times.len() - 1]
    );
    assert!(median < SHOWN_WITHIN, "{median:?}");
}

#[test]
fn plain_writes_end_as_on_the_command_line() {
    save_and_see(&[Way::Plain], SAVES, &[]);
}

#[test]
fn new_files_in_the_place_of_old_ones_end_as_on_the_command_line() {
    save_and_see(&[Way::Rename], SAVES, &[]);
}

#[test]
fn backups_and_new_files_end_as_on_the_command_line() {
    save_and_see(&[Way::Backup], SAVES, &[]);
}

#[test]
fn emptied_files_end_as_on_the_command_line() {
    save_and_see(&[Way::Truncate], SAVES, &[]);
}

#[test]
fn removed_files_end_as_on_the_command_line() {
    save_and_see(&[Way::Recreate], SAVES, &[]);
}

/// Where nothing is heard of saves, they are found all the same.
#[test]
fn polling_finds_all_saves() {
    save_and_see(&WAYS, 15, &["--poll"]);
}

/// Somebody saves faster than anything is run, all files in all ways, and stops.
#[test]
fn a_storm_of_saves_ends_as_on_the_command_line() {
    let (versions, copy) = (Versions::new(), Copy::of(&fjord()));
    let server = Server::start(&copy.folder(), &[]);
    let mut random = Random(7);
    let mut version = Version::default();
    let observer = Observer::new(versions.told(version));
    // So that saving does not wait for the command line.
    for number in 0..64 {
        versions.told([number % 4, number / 4 % 4, number / 16]);
    }
    std::thread::scope(|scope| {
        let _over = observer.end();
        scope.spawn(|| observer.look(&server));
        for storm in 0..6 {
            let saves = 40 + random.below(40);
            for _ in 0..saves {
                let file = usize::try_from(random.below(3)).unwrap();
                version[file] = (version[file] + 1 + random.below(3)) % 4;
                observer.lock().allowed.push(versions.told(version));
                let way = WAYS[usize::try_from(random.below(2)).unwrap()];
                way.save(&copy.file(FILES[file]), &versions.text(file, version[file]), &mut random);
                std::thread::sleep(Duration::from_millis(random.below(25)));
            }
            let took = observer.sees(&versions.told(version), &format!("storm {storm}"));
            eprintln!("storm {storm}: {saves} saves, shown after {took:?}");
            let mut seen = observer.lock();
            assert!(seen.strange.is_empty(), "storm {storm}: of no complete version: {:?}", seen.strange);
            seen.allowed = vec![versions.told(version)];
        }
    });
}

/// Thousands of other files come and go beside the scenario: neither it nor a variant is run for them, and its own
/// saves are seen.
#[test]
fn other_files_are_of_no_account() {
    let (versions, copy) = (Versions::new(), Copy::of(&fjord()));
    let server = Server::start(&copy.folder(), &[]);
    let of_variant = Server::start(&copy.file("variants/half-equally.ron"), &[]);
    let generation = |server: &Server| server.json("/api/state")["live"]["generation"].as_u64().unwrap();
    let (before, of_variant_before) = (generation(&server), generation(&of_variant));
    for number in 0..5_000 {
        copy.write(&format!("other-{number}.tmp"), "of no account");
    }
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(generation(&server), before, "run for files that it did not read");
    assert_eq!(generation(&of_variant), of_variant_before, "the variant");
    for number in 0..5_000 {
        fs::remove_file(copy.file(&format!("other-{number}.tmp"))).unwrap();
        if number == 2_500 {
            copy.write("rules.rhai", &versions.text(1, 3));
        }
    }
    let live = server.live_when("shows the save", |live| live["generation"].as_u64().unwrap() > before);
    assert_eq!(live["status"], "good");
    assert!(live["generation"].as_u64().unwrap() <= before + 2, "{live}");
    assert_eq!(numbers(&server.json("/api/state?figures=1")), versions.told([0, 3, 0]));
}

/// A variant that comes is listed as soon as it is there, and by its title once who writes it is done; a title that is
/// changed is listed anew.
#[test]
fn a_variant_that_comes_is_listed_by_its_title() {
    let copy = Copy::of(&fjord());
    let server = Server::start(&copy.folder(), &[]);
    let lists = |title: &'static str| {
        move |live: &serde_json::Value| {
            let subjects = live["subjects"].as_array().unwrap();
            subjects.iter().any(|listed| listed["kind"] == "variant" && listed["title"] == title)
        }
    };
    let text = copy.read("variants/half-equally.ron");
    let titled = |title: &str| text.replace("Halvparten likt", title);
    let mut file = File::create(copy.file("variants/slow.ron")).unwrap();
    server.live_when("lists the empty file", lists("slow"));
    file.write_all(titled("Kommer seint").as_bytes()).unwrap();
    server.live_when("lists what was written", lists("Kommer seint"));
    copy.write("variants/slow.ron", &titled("Heiter noko anna"));
    server.live_when("lists the new title", lists("Heiter noko anna"));
}

/// The folder goes away and comes back, and another one comes in its place.
#[test]
fn a_folder_that_is_renamed_is_found_again() {
    let (versions, copy) = (Versions::new(), Copy::of(&fjord()));
    let server = Server::start(&copy.folder(), &[]);
    let away = copy.folder().with_file_name("away");
    let is = |status: &'static str| move |live: &serde_json::Value| live["status"] == status;
    let shown = |server: &Server| numbers(&server.json("/api/state?figures=1"));
    for round in 1..=2 {
        let good = shown(&server);
        fs::rename(copy.folder(), &away).unwrap();
        let live = server.live_when("says that it is gone", is("stale"));
        assert!(!live["problems"].as_array().unwrap().is_empty(), "{live:#}");
        assert_eq!(shown(&server), good, "the last good result stands");
        if round == 1 {
            fs::rename(&away, copy.folder()).unwrap();
        } else {
            // A new folder with the files of the old one, as a program that keeps folders in step makes it.
            fs::create_dir(copy.folder()).unwrap();
            for file in FILES {
                fs::copy(away.join(file), copy.file(file)).unwrap();
            }
        }
        server.live_when("is good again", is("good"));
        copy.write("rules.rhai", &versions.text(1, round));
        let until = Instant::now() + PATIENCE;
        while shown(&server) != versions.told([0, round, 0]) {
            assert!(Instant::now() < until, "round {round}: the save is not seen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A file that cannot be read as it is, or is gone, leaves the last good result with what is wrong.
#[test]
fn a_broken_file_leaves_the_last_good_result() {
    let (versions, copy) = (Versions::new(), Copy::of(&fjord()));
    let server = Server::start(&copy.folder(), &[]);
    let good = versions.told([0, 0, 0]);
    let broken: [(&str, Option<Vec<u8>>, &str); 6] = [
        ("rules.rhai", Some(b"fn twenty_eighty() { loop {} }".to_vec()), "rules.rhai"),
        ("rules.rhai", Some(vec![0, 159, 146, 150, 0, 1, 2]), "rules.rhai"),
        ("inhabitants.csv", Some(b"party,2024\nfjellvik,9186\n".to_vec()), "strand"),
        ("scenario.ron", Some(b"(title: \"".to_vec()), "scenario.ron"),
        ("scenario.ron", Some(vec![b'('; 100_000]), "scenario.ron"),
        ("rules.rhai", None, "rules.rhai"),
    ];
    for (name, bytes, said) in broken {
        let text = copy.read(name);
        match bytes {
            Some(bytes) => fs::write(copy.file(name), bytes).unwrap(),
            None => fs::remove_file(copy.file(name)).unwrap(),
        }
        let live = server.live_when("is stale", |live| live["status"] == "stale");
        let problems = live["problems"].to_string();
        assert!(problems.contains(said), "{name}: {problems}");
        assert_eq!(numbers(&server.json("/api/state?figures=1")), good, "{name}");
        copy.write(name, &text);
        let live = server.live_when("is good again", |live| live["status"] == "good");
        assert!(live["problems"].as_array().unwrap().is_empty(), "{live:#}");
        assert_eq!(numbers(&server.json("/api/state?figures=1")), good, "{name}");
    }
}

/// `fordel watch` says the sum of every version that is saved, in whatever way.
#[test]
fn watch_tells_of_every_save() {
    for more in [None, Some("--poll")] {
        let (copy, mut random) = (Copy::of(&fjord()), Random(3));
        let scenario = copy.folder().to_str().unwrap().to_owned();
        let arguments = [Some("watch"), Some(&scenario), more];
        let arguments: Vec<&str> = arguments.into_iter().flatten().collect();
        let mut watch = Running::start(&arguments, &copy.folder());
        let first = watch.hears("Ctrl-C ends").replace('\u{a0}', " ");
        assert!(first.contains("] ok "), "{first}");
        let sum: u64 =
            first.split("Σ ").nth(1).unwrap().split(" ·").next().unwrap().replace(' ', "").parse().unwrap();
        let text = copy.read("scenario.ron");
        let saves = if more.is_none() { 25 } else { 5 };
        for save in 1..=saves {
            let way = WAYS[usize::try_from(save).unwrap() % WAYS.len()];
            let changed = text.replace("2027: 32_600_000", &format!("2027: {}", 32_600_000 + save));
            way.save(&copy.file("scenario.ron"), &changed, &mut random);
            let wanted = fordel::ground::numerals::integer_norwegian(&(sum + save).into());
            watch.hears(&format!("Σ {wanted} "));
        }
        let last = copy.read("scenario.ron");
        copy.write("scenario.ron", "(");
        watch.hears("FAULTY");
        let said = watch.hears("scenario.ron:1");
        assert!(said.contains(" stands"), "{said}");
        assert!(!said.contains('\u{1b}'), "the terminal is left as it is");
        copy.write("scenario.ron", &last);
        watch.hears("nothing changed since");
        let (status, elapsed) = watch.interrupt();
        assert!(elapsed < Duration::from_secs(1), "{status} {elapsed:?}");
    }
}
