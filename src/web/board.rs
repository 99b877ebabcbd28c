//! What everybody who asks sees: the last run of the draft, the good results that stand and stood, and what else has
//! been run to be shown beside them. Whoever runs the draft publishes here; whoever is asked looks here.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::cli::asked::{Asked, Look};
use crate::cli::draft::{Draft, Good, Run};
use crate::report::difference_text::Version;

use super::live::{self, Live, Pin};
use super::refusal::Refusal;
use super::subjects::{self, Listed};

/// How many good results are kept to be compared with.
const KEPT_MAX: usize = 20;
/// How many shares the results that are kept may have together.
const SHARES_KEPT_MAX: usize = 40_000_000;
/// How many other results are kept.
const OTHERS_MAX: usize = 24;
/// How many are run at a time, beside the draft.
const RUN_AT_A_TIME: usize = 2;
/// How many may wait to be run.
const WAITING_MAX: usize = 16;

/// How many may listen to events.
const LISTENERS_MAX: usize = 32;

/// What everybody who asks sees.
pub struct Board {
    /// What is drafted.
    pub draft: Draft,
    /// What has to be sent to save a variant; none where nothing may be saved.
    pub token: Option<String>,
    stands: Mutex<Stands>,
    /// Tells the number of the last run.
    tell: watch::Sender<u64>,
    turns: Semaphore,
    waiting: AtomicUsize,
    listeners: Arc<Semaphore>,
}

#[derive(Default)]
struct Stands {
    generation: u64,
    latest: Option<Arc<Run>>,
    /// The run before, for files that are gone.
    before: Option<Arc<Run>>,
    /// Good results with the numbers of their runs, the oldest first.
    kept: VecDeque<Kept>,
    others: BTreeMap<Other, Arc<Run>>,
    listing: Asked,
    live: Option<Live>,
}

/// A good result with the number of its run.
type Kept = (u64, Arc<Good>);

/// What else is run: by its id, empty for the draft itself, and what is set.
type Other = (String, Vec<String>);

/// A result to be shown or compared with.
#[derive(Clone)]
pub struct Shown {
    /// The result.
    pub good: Arc<Good>,
    /// The number of its run; none for what is not the draft.
    pub generation: Option<u64>,
}

impl Shown {
    /// How it is named in a comparison.
    pub fn version(&self) -> Version {
        let version = self.good.subject.version(&self.good.outcome.scenario.title);
        match self.generation {
            Some(_) => Version { notes: vec![format!("as at {}", self.good.time)], ..version },
            None => version,
        }
    }
}

impl Board {
    /// A board with nothing on it yet.
    pub fn new(draft: Draft, token: Option<String>) -> Board {
        Board {
            draft,
            token,
            stands: Mutex::default(),
            tell: watch::Sender::new(0),
            turns: Semaphore::new(RUN_AT_A_TIME),
            waiting: AtomicUsize::new(0),
            listeners: Arc::new(Semaphore::new(LISTENERS_MAX)),
        }
    }

    /// Puts a run of the draft on the board and tells everybody. Everything else that was run may be of files that
    /// have been saved since, and is run again when it is asked for.
    pub fn publish(&self, run: Run, polling: bool) -> Arc<Run> {
        let (run, listing) = (Arc::new(run), Asked::default());
        let subjects = subjects::beside(&self.draft, &subjects::scenario_of(&self.draft), &listing);
        let mut stands = self.lock();
        stands.generation += 1;
        let generation = stands.generation;
        stands.before = stands.latest.replace(Arc::clone(&run));
        if let Some(good) = &run.good {
            stands.keep(generation, good);
        }
        stands.others.clear();
        stands.listing = listing;
        stands.live = Some(stands.live_now(&run, subjects, polling, self.token.clone()));
        drop(stands);
        self.tell.send_replace(generation);
        run
    }

    /// All files that what is on the board was made from.
    pub fn looks(&self) -> BTreeMap<PathBuf, Look> {
        let stands = self.lock();
        let runs = stands.latest.iter().chain(stands.others.values());
        let mut looks = stands.listing.looks();
        for (file, look) in runs.flat_map(|run| run.asked.looks()) {
            looks.entry(file).or_insert(look);
        }
        looks
    }

    /// The numbers of runs, as they come.
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.tell.subscribe()
    }

    /// A place among those that listen to events, given back when it is dropped.
    ///
    /// # Errors
    /// A refusal where all are taken.
    pub fn listen(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.listeners).try_acquire_owned().map_err(|_| Refusal::busy())
    }

    /// How the draft stands; none before it was run.
    pub fn live(&self) -> Option<Live> {
        self.lock().live.clone()
    }

    /// The good result of the draft that stands, where there is one.
    pub fn stands(&self) -> Option<Shown> {
        self.lock().kept.back().map(shown)
    }

    /// The good result of the draft before the one that stands.
    ///
    /// # Errors
    /// A refusal where there was none.
    pub fn previous(&self) -> Result<Shown, Refusal> {
        let found = self.lock().kept.iter().rev().nth(1).map(shown);
        found.ok_or_else(|| Refusal::unknown("there is no earlier result yet"))
    }

    /// The good result of the draft of a run.
    ///
    /// # Errors
    /// A refusal where it is not kept.
    pub fn pinned(&self, generation: u64) -> Result<Shown, Refusal> {
        let found = self.lock().kept.iter().find(|(own, _)| *own == generation).map(shown);
        found.ok_or_else(|| {
            let gone = axum::http::StatusCode::GONE;
            Refusal::new(gone, "gone", format!("the result of run {generation} is not kept any more"))
        })
    }

    /// What is listed under an id.
    ///
    /// # Errors
    /// A refusal where nothing is.
    pub fn listed(&self, id: &str) -> Result<Listed, Refusal> {
        let live = self.live();
        let found = live.and_then(|live| live.subjects.into_iter().find(|listed| listed.id == id));
        found.ok_or_else(|| Refusal::unknown(format!("there is nothing to show called `{id}`")))
    }

    /// Another result: what is listed under an id, or the draft where that is empty, with something set for this
    /// once. It is run where it has not been.
    ///
    /// # Errors
    /// A refusal where there is no such thing, it has faults, or too much is asked at once.
    pub async fn other(self: &Arc<Board>, id: &str, set: &[String]) -> Result<Shown, Refusal> {
        let draft = match id {
            "" => self.draft.with(set),
            id => self.listed(id)?.draft().with(set),
        };
        if set.is_empty() && draft == self.draft {
            let absent = || Refusal::faulty(self.live().map(|live| live.problems).unwrap_or_default());
            return self.stands().ok_or_else(absent);
        }
        let key = (id.to_owned(), set.to_vec());
        let known = self.lock().others.get(&key).cloned();
        let run = match known {
            Some(run) => run,
            None => self.run(key, draft).await?,
        };
        let good = run.good.clone().ok_or_else(|| Refusal::faulty(live::problems(&run)))?;
        Ok(Shown { good, generation: None })
    }

    /// Waits for its turn and runs something.
    async fn run(self: &Arc<Board>, key: Other, draft: Draft) -> Result<Arc<Run>, Refusal> {
        let _place = Place::take(&self.waiting)?;
        let _turn = self.turns.acquire().await.map_err(|_| Refusal::busy())?;
        let generation = self.lock().generation;
        let run = tokio::task::spawn_blocking(move || Arc::new(draft.run())).await;
        let run = run.map_err(|_| Refusal::busy())?;
        let mut stands = self.lock();
        // Of files that have been saved meanwhile nothing is kept.
        if stands.generation == generation {
            if stands.others.len() >= OTHERS_MAX {
                stands.others.pop_first();
            }
            stands.others.insert(key, Arc::clone(&run));
        }
        Ok(run)
    }

    fn lock(&self) -> MutexGuard<'_, Stands> {
        self.stands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stands {
    /// How the draft stands after a run of it.
    fn live_now(&self, run: &Run, subjects: Vec<Listed>, polling: bool, token: Option<String>) -> Live {
        let good = self.kept.back();
        let earlier = self.kept.iter().rev().nth(1);
        let changed = |(good, earlier): (&Kept, &Kept)| live::changes(&good.1, &earlier.1);
        Live {
            generation: self.generation,
            good: good.map(|(generation, _)| *generation),
            status: match good {
                None => "none",
                Some(_) if run.good.is_none() => "stale",
                Some(_) => "good",
            },
            at: run.time.clone(),
            milliseconds: u64::try_from(run.milliseconds).unwrap_or_default(),
            problems: live::problems(run),
            files: live::files(run, self.before.as_deref()),
            tests: good.and_then(|(_, good)| live::tests(good)),
            pins: self.kept.iter().map(|(number, good)| pin(*number, good)).collect(),
            subjects,
            can_write: token.is_some(),
            token,
            polling,
            changes: good.zip(earlier).map(changed).unwrap_or_default(),
        }
    }

    fn keep(&mut self, generation: u64, good: &Arc<Good>) {
        self.kept.push_back((generation, Arc::clone(good)));
        let shares =
            |kept: &VecDeque<Kept>| -> usize { kept.iter().map(|(_, good)| good.share_count()).sum() };
        // The one that stands and the one before it are kept, however large they are.
        while self.kept.len() > 2 && (self.kept.len() > KEPT_MAX || shares(&self.kept) > SHARES_KEPT_MAX) {
            self.kept.pop_front();
        }
    }
}

fn shown((generation, good): &Kept) -> Shown {
    Shown { good: Arc::clone(good), generation: Some(*generation) }
}

fn pin(generation: u64, good: &Good) -> Pin {
    Pin { generation, at: good.time.clone() }
}

/// A place among those that wait, given back when it is dropped.
struct Place<'b>(&'b AtomicUsize);

impl<'b> Place<'b> {
    fn take(waiting: &'b AtomicUsize) -> Result<Place<'b>, Refusal> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(waiting);
        if before < WAITING_MAX { Ok(place) } else { Err(Refusal::busy()) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
