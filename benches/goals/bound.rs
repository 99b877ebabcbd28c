//! The native bound, built and run as a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The bound on this machine.
pub struct Bound {
    program: PathBuf,
}

impl Bound {
    /// Builds the bound; says why where that is not possible.
    pub fn build() -> Result<Bound, String> {
        let manifest = project().join("benches/native/Cargo.toml");
        let target = project().join("target/native-bound");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "--manifest-path"])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(&target)
            .status();
        match built {
            Ok(status) if status.success() => {
                Ok(Bound { program: target.join("release/fordel-native-bound") })
            }
            Ok(status) => Err(format!("the native bound could not be built: {status}")),
            Err(fault) => Err(format!("the native bound could not be built: {fault}")),
        }
    }

    /// The median CPU time of some repetitions on one thread, in milliseconds; the tables of the size are in `folder`.
    pub fn cpu_ms(&self, folder: &Path, repetitions: usize) -> Result<f64, String> {
        let mut bound = Command::new(&self.program);
        let output = bound.arg(folder).arg("one-thread").arg(repetitions.to_string()).output();
        let output = output.map_err(|fault| fault.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let said: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|fault| fault.to_string())?;
        said["cpu_ms"].as_f64().ok_or_else(|| "the bound said no CPU time".to_owned())
    }
}

/// The folder of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
