//! The threads that rules run on: with a large stack, so that a rule which nests too deep is stopped and not the
//! program. They are kept, since a new thread costs more than asking many rules. What works in parallel should do so
//! on these threads too: then rules are asked where they are needed, and nobody waits for another thread.

use std::cell::Cell;
use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use super::sandbox::STACK_BYTES;

thread_local! {
    /// Whether this thread has a large stack.
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// As many threads as the machine has.
static ALL: LazyLock<Result<ThreadPool, ThreadPoolBuildError>> = LazyLock::new(|| pool(0));

/// So many threads with a large stack; 0 for as many as the machine has.
///
/// # Errors
/// What the system says where it refuses them.
pub fn pool(count: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let large = |_| IS_LARGE.set(true);
    ThreadPoolBuilder::new().num_threads(count).stack_size(STACK_BYTES).start_handler(large).build()
}

/// Does work on a thread with a large stack: this one, where it has one.
///
/// # Panics
/// When the system refuses the threads, or where the work does.
pub fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if IS_LARGE.get() {
        return work();
    }
    #[expect(clippy::panic, reason = "without threads there is nothing left to report to")]
    match &*ALL {
        // A worker of another pool would begin more and more other work while it waits.
        Ok(_) if rayon::current_thread_index().is_some() => on_a_thread_of_its_own(work),
        Ok(threads) => threads.install(work),
        Err(fault) => panic!("no threads for the rules: {fault}"),
    }
}

fn on_a_thread_of_its_own<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(threads, work);
        let result = thread.map(std::thread::ScopedJoinHandle::join);
        #[expect(clippy::panic, reason = "no thread or a panic in it: there is nothing left to report to")]
        match result {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(fault) => panic!("no thread for the rules: {fault}"),
        }
    })
}
