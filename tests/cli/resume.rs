//! Runs that are killed and interrupted, and go on.
#![cfg(unix)]

use std::time::Duration;

use crate::project::{Project, ndsl};

/// Twenty epochs of twenty steps, with something of everything that is remembered.
const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x*"], target=kind)

model Net() {
    input x: f32[4]

    Dense(32, activation=relu)
    BatchNormalization()
    Dropout(0.2)
    Dense(3) as logits
}

train net {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    metrics: [accuracy]
    optimizer: AdamW(3e-3)
    schedule: plateau(patience=3, factor=0.5)
    ema: { decay: 0.9, every: 3 }
    checkpoints: { every: 5, every_steps: 7, keep: 2 }
    epochs: 20, batch_size: 20, validation_split: 0.2, seed: 3
}
"#;

fn project() -> Project {
    let project = Project::new();
    let mut rows = "x1,x2,x3,x4,kind\n".to_owned();
    let mut state = 1u64;
    for row in 0..500 {
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 23) - 1.0
        };
        let x = [draw(), draw(), draw(), draw()];
        let kind = ["a", "b", "c"][(row % 3).min(if x[0] > 0.0 { 2 } else { 1 })];
        rows += &format!("{},{},{},{},{kind}\n", x[0], x[1], x[2], x[3]);
    }
    project.write("rows.csv", &rows);
    project.write("net.ndsl", PROGRAM);
    project
}

/// Kills the process some times, `NDSL_KILLS` of them where that is set, and lets it go on each time.
#[test]
fn a_run_that_is_killed_at_any_moment_goes_on_to_the_same_bytes() {
    let kills: u64 = std::env::var("NDSL_KILLS").ok().map_or(3, |kills| kills.parse().unwrap());
    let project = project();
    let began = std::time::Instant::now();
    ndsl().args(["train", "net.ndsl", "-o", "whole"]).within(&project).succeeds();
    let whole = u64::try_from(began.elapsed().as_millis()).unwrap();
    let (mut killed, mut draw) = (0, 12_345u64);
    for attempt in 0..20 * kills {
        let resumes = project.path("run/checkpoints").exists() && has_checkpoint(&project);
        let arguments = if resumes { vec!["train", "--resume", "run"] } else { vec!["train", "net.ndsl", "-o", "run"] };
        let running = ndsl().args(arguments).within(&project).starts();
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(attempt);
        // At any moment of the time that a whole run takes, however fast this machine is.
        std::thread::sleep(Duration::from_millis((draw >> 33) % (whole / 2 + 1)));
        if running.killed() {
            killed += 1;
        }
        if killed == kills {
            break;
        }
        if project.path("run/metadata.json").exists() && !resumes {
            std::fs::remove_dir_all(project.path("run")).unwrap();
        }
    }
    assert_eq!(killed, kills);
    if has_checkpoint(&project) {
        let ended = ndsl().args(["train", "--resume", "run"]).within(&project).ends_either();
        assert!(ended.code == Some(0) || ended.stderr.contains("it has done its 20 epochs"), "{}", ended.stderr);
    } else {
        ndsl().args(["train", "net.ndsl", "-o", "run"]).within(&project).succeeds();
    }
    assert!(project.bytes("run/model.safetensors") == project.bytes("whole/model.safetensors"), "after {kills} kills");
    let epochs = |run: &str| -> Vec<serde_json::Value> {
        let history: serde_json::Value = serde_json::from_str(&project.read(&format!("{run}/history.json"))).unwrap();
        history["epochs"].as_array().unwrap().iter().map(|epoch| epoch["validation"].clone()).collect()
    };
    assert_eq!(epochs("run"), epochs("whole"));
}

fn has_checkpoint(project: &Project) -> bool {
    let Ok(mut entries) = std::fs::read_dir(project.path("run/checkpoints")) else { return false };
    entries.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("step-"))
}

#[test]
fn a_run_that_is_interrupted_says_how_it_goes_on() {
    let project = project();
    let plain = PROGRAM.replace("    checkpoints: { every: 5, every_steps: 7, keep: 2 }\n", "");
    project.write("net.ndsl", &plain.replace("epochs: 20", "epochs: 4000"));
    let mut running = ndsl().args(["train", "net.ndsl", "--set", "seed=5", "-o", "run"]).within(&project).starts();
    running.wait_for_line("epoch    2/4000");
    running.interrupt();
    let ended = running.ends();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("`ndsl train --resume run` goes on"), "{}", ended.stderr);

    // Whoever forgets to say so does not lose what was done.
    let kept = project.bytes("run/model.safetensors");
    let refused = ndsl().args(["train", "net.ndsl", "-o", "run"]).within(&project).fails();
    assert!(refused.stderr.contains("`run` holds a run that has not ended, after step "), "{}", refused.stderr);
    assert!(refused.stderr.contains("`ndsl train --resume run` goes on with it, `--overwrite` begins anew"));
    assert!(project.bytes("run/model.safetensors") == kept && has_checkpoint(&project));
    std::fs::create_dir_all(project.path("other/checkpoints")).unwrap();
    for entry in std::fs::read_dir(project.path("run/checkpoints")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), project.path("other/checkpoints").join(entry.file_name())).unwrap();
    }
    let anew = ["train", "net.ndsl", "-o", "other", "--overwrite", "--set", "epochs=30"];
    let anew = ndsl().args(anew).within(&project).succeeds();
    assert!(anew.stderr.contains("epoch  1/30"), "{}", anew.stderr);

    // As it was begun, overridden settings and all; only its length may be another.
    let refused = ndsl().args(["train", "--resume", "run", "--set", "seed=6"]).within(&project).fails();
    assert!(refused.stderr.contains("`run` is not this run: `seed` was 5 and is 6"), "{}", refused.stderr);
    let resumed = ndsl().args(["train", "--resume", "run", "--set", "epochs=12"]).within(&project).succeeds();
    assert!(resumed.stderr.contains("goes on"), "{}", resumed.stderr);
    assert!(!resumed.stderr.contains("epoch  1/12") && resumed.stderr.contains("epoch 12/12"), "{}", resumed.stderr);
    assert!(!project.path("run/checkpoints").exists());
    let over = ndsl().args(["train", "--resume", "run"]).within(&project).fails();
    assert!(over.stderr.contains("there is no checkpoint in `run`"), "{}", over.stderr);
}
