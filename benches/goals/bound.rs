//! The native bound, built and run as a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The bound on this machine.
pub struct Bound {
    program: PathBuf,
}

/// What one run of the bound said.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The median CPU time of its repetitions, in milliseconds.
    pub cpu_ms: f64,
    /// The median time on the wall, in milliseconds.
    pub wall_ms: f64,
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

    /// Runs a mode of the bound on a size, whose tables are in `folder`.
    pub fn run(&self, folder: &Path, mode: &str, repetitions: usize) -> Result<Said, String> {
        let output = Command::new(&self.program).arg(folder).arg(mode).arg(repetitions.to_string()).output();
        let output = output.map_err(|fault| fault.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let said: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|fault| fault.to_string())?;
        let number = |name: &str| said[name].as_f64().ok_or_else(|| format!("the bound said no {name}"));
        Ok(Said { cpu_ms: number("cpu_ms")?, wall_ms: number("wall_ms")? })
    }
}

/// The folder of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
