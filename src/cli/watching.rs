//! Waiting until somebody saves a file that was asked for. Folders are watched and not files, since an editor that puts
//! a new file in the place of the old one would leave a watched file behind; and whatever is heard or not heard, the
//! files are looked at every second, so that a folder that was made anew or a link to elsewhere is not missed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::asked::Look;

/// How often files are looked at where folders are watched.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often they are looked at where nothing is heard of changes.
const POLL_EVERY: Duration = Duration::from_millis(400);
/// How long a file that is gone or empty is waited for, since some editors delete and write again.
const RETURN_WITHIN: Duration = Duration::from_millis(200);
/// How long files that are written all the time are waited for.
const SETTLE_WITHIN: Duration = Duration::from_millis(800);
const TICK: Duration = Duration::from_millis(10);

/// File systems that tell nothing of changes made elsewhere.
const SILENT_FILE_SYSTEMS: [&str; 14] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "drvfs",
    "vboxsf",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.onedriver",
    "virtiofs",
];
/// Folders that programs keep in step with a cloud, by how their names begin.
const CLOUD_FOLDERS: [&str; 6] =
    ["OneDrive", "Dropbox", "Google Drive", "GoogleDrive", "iCloud Drive", "Nextcloud"];

/// Somebody who waits for changes.
pub struct Watching {
    /// None where the files are only looked at now and then.
    watcher: Option<RecommendedWatcher>,
    heard: Receiver<()>,
    /// The files, with how they looked when they were read.
    followed: BTreeMap<PathBuf, Look>,
    /// The folders that are watched, with how they looked then.
    folders: BTreeMap<PathBuf, Look>,
    /// Why nothing is heard of changes, to be told once.
    why_polling: Option<String>,
}

impl Watching {
    /// Begins to wait, for no file yet; `poll` for looking at files now and then, whatever the folders are.
    pub fn new(poll: bool) -> Watching {
        // One note that something happened is enough, however much happens.
        let (tell, heard) = mpsc::sync_channel(1);
        let watcher = notify::recommended_watcher(move |_| {
            let _ = tell.try_send(());
        });
        let (watcher, why_polling) = match (poll, watcher) {
            (true, _) => (None, Some("as asked".to_owned())),
            (false, Ok(watcher)) => (Some(watcher), None),
            (false, Err(fault)) => (None, Some(fault.to_string())),
        };
        let (followed, folders) = (BTreeMap::new(), BTreeMap::new());
        Watching { watcher, heard, followed, folders, why_polling }
    }

    /// Whether files are only looked at now and then.
    pub fn is_polling(&self) -> bool {
        self.watcher.is_none()
    }

    /// Why files are only looked at now and then; says it once.
    pub fn why_polling(&mut self) -> Option<String> {
        self.why_polling.take()
    }

    /// Follows these files from now on, and no others.
    pub fn follow(&mut self, looks: BTreeMap<PathBuf, Look>) {
        self.followed = looks;
        let Some(watcher) = &mut self.watcher else { return };
        let wanted: BTreeMap<PathBuf, Look> = self.followed.keys().map(|file| folder_of(file)).collect();
        if let Some(silent) = wanted.keys().find_map(|folder| silent_folder(folder)) {
            (self.watcher, self.why_polling) = (None, Some(silent));
            return;
        }
        for folder in self.folders.keys().filter(|folder| !wanted.contains_key(*folder)) {
            let _ = watcher.unwatch(folder);
        }
        for (folder, look) in &wanted {
            // A folder that was made anew is another one.
            let is_same = self.folders.get(folder).is_some_and(|known| known.is_same_file(*look));
            if is_same {
                continue;
            }
            if let Err(fault) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                (self.watcher, self.why_polling) = (None, Some(format!("{}: {fault}", folder.display())));
                return;
            }
        }
        self.folders = wanted;
    }

    /// Waits until a file is not as it was when it was read, and has been left alone for a moment. Whether it was;
    /// not where `patience` ended first.
    pub fn wait(&mut self, patience: Option<Duration>) -> bool {
        let begun = Instant::now();
        let every = if self.watcher.is_some() { LOOK_EVERY } else { POLL_EVERY };
        loop {
            let left = patience.map(|patience| patience.saturating_sub(begun.elapsed()));
            if left == Some(Duration::ZERO) {
                return false;
            }
            let pause = left.map_or(every, |left| left.min(every));
            match self.heard.recv_timeout(pause) {
                Err(mpsc::RecvTimeoutError::Disconnected) => std::thread::sleep(pause),
                Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            if self.differs() {
                settle(&self.followed);
                if self.differs() {
                    return true;
                }
            }
        }
    }

    fn differs(&self) -> bool {
        self.followed.iter().any(|(file, look)| Look::at(file) != *look)
    }
}

/// Waits until who saves is done; `looks` are of the files as they were read.
pub fn settle(looks: &BTreeMap<PathBuf, Look>) {
    let begun = Instant::now();
    while begun.elapsed() < SETTLE_WITHIN {
        let (now, may_return) = (SystemTime::now(), begun.elapsed() < RETURN_WITHIN);
        let is_restless = |(file, before): (&PathBuf, &Look)| {
            let look = Look::at(file);
            look.is_fresh(now) || may_return && before.has_content() && !look.has_content()
        };
        if !looks.iter().any(is_restless) {
            return;
        }
        std::thread::sleep(TICK);
    }
}

/// The folder of a file, or the nearest one above it that is there.
fn folder_of(file: &Path) -> (PathBuf, Look) {
    let above = file.ancestors().skip(1);
    let named = |folder: &Path| match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_owned(),
    };
    let mut folders = above.map(|folder| (named(folder), Look::at(&named(folder))));
    folders
        .find(|(_, look)| look.is_there())
        .unwrap_or_else(|| (PathBuf::from("."), Look::at(Path::new("."))))
}

/// Why nothing is heard of changes in a folder, where that is so.
fn silent_folder(folder: &Path) -> Option<String> {
    let real = folder.canonicalize().ok()?;
    let shown = folder.display();
    let is_of_cloud = |part: &str| CLOUD_FOLDERS.iter().any(|cloud| part.starts_with(cloud));
    if real.components().any(|part| is_of_cloud(&part.as_os_str().to_string_lossy())) {
        return Some(format!("{shown} is kept in step with a cloud"));
    }
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = |line: &str| {
        let mut fields = line.split(' ').skip(1);
        let (point, system) = (fields.next()?.replace("\\040", " "), fields.next()?.to_owned());
        real.starts_with(&point).then_some((point.len(), system))
    };
    let (_, system) = mounts.lines().filter_map(mount).max()?;
    SILENT_FILE_SYSTEMS.contains(&system.as_str()).then(|| format!("{shown} is on a network disk ({system})"))
}
