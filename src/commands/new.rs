//! `ndsl new`: a small project that trains as it is.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Failure;

/// Start a project: a model, a small data set and a training that runs as it is
#[derive(clap::Args)]
#[command(after_help = "Example:\n  ndsl new hello && cd hello && ndsl train model.ndsl")]
pub struct Arguments {
    /// The folder to make
    path: PathBuf,
}

const PROGRAM: &str = r#"/// Two interleaved half circles: from a point, which one it lies on.
dataset Moons = csv("moons.csv", columns=[x, y], target=moon)

model Classifier(width: int = 32) {
    input point: f32[2]

    Dense(width, activation=relu)
    Dense(width, activation=relu)
    Dense(2) as logits
}

train moons {
    model: Classifier()
    dataset: Moons
    loss: cross_entropy(logits, moon)
    metrics: [accuracy]
    optimizer: Adam(learning_rate=1e-2)
    epochs: 30
    batch_size: 32
    validation_split: 0.2
    seed: 1
}
"#;

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.is_empty() {
            return Err(Failure::Command(format!("{} is not a name for a folder", self.path.display())));
        }
        if self.path.exists() {
            return Err(Failure::Command(format!("{} is already there", self.path.display())));
        }
        let io = |error: &std::io::Error| Failure::io("make", &self.path, error);
        // Made beside and renamed, so that a failure leaves nothing half-made.
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|error| io(&error))?;
        let beside = tempfile::Builder::new().prefix(".ndsl-new-").tempdir_in(parent).map_err(|error| io(&error))?;
        let write = |file: &str, text: &str| std::fs::write(beside.path().join(file), text);
        write("model.ndsl", PROGRAM).map_err(|error| io(&error))?;
        write("moons.csv", &moons()).map_err(|error| io(&error))?;
        write(".gitignore", "/runs\n").map_err(|error| io(&error))?;
        make_readable(beside.path()).map_err(|error| io(&error))?;
        std::fs::rename(beside.path(), &self.path).map_err(|error| io(&error))?;
        let _renamed = beside.keep();
        eprintln!("made {0}: now `cd {0} && ndsl train model.ndsl`", self.path.display());
        Ok(())
    }
}

/// Temporary folders are for their owner alone; a project is an ordinary folder.
#[cfg(unix)]
fn make_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// 400 points on two half circles, moved a little by a fixed sequence, so that every project starts from the same file.
fn moons() -> String {
    let mut out = "x,y,moon\n".to_owned();
    let mut state: u32 = 7;
    let mut noise = || {
        // Numerical Recipes' linear congruential generator: enough for scatter.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / f64::from(1u32 << 24) - 0.5) * 0.3
    };
    for index in 0..400 {
        let angle = std::f64::consts::PI * f64::from(index / 2) / 199.0;
        let (x, y, moon) = match index % 2 {
            0 => (angle.cos(), angle.sin(), 0),
            _ => (1.0 - angle.cos(), 0.5 - angle.sin(), 1),
        };
        let (x, y) = (x + noise(), y + noise());
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{x:.4},{y:.4},{moon}");
    }
    out
}
