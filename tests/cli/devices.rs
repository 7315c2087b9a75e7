//! `--device`: what computes, and what is said where it is not there.

use crate::project::{Project, ndsl};

/// A project whose model is trained already.
fn project() -> Project {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    ndsl().args(["train", "hello/model.ndsl", "--set", "epochs=1", "--device", "cpu"]).within(&project).succeeds();
    project
}

#[test]
fn the_device_stands_in_what_a_run_says_of_itself() {
    let project = project();
    let told = ["train", "hello/model.ndsl", "--set", "epochs=1", "--device", "cpu", "--message-format", "json"];
    let told = ndsl().args(told).within(&project).succeeds();
    let start: serde_json::Value = serde_json::from_str(told.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(start["device"], "cpu");
    let metadata: serde_json::Value = serde_json::from_str(&project.read("hello/runs/moons/metadata.json")).unwrap();
    assert_eq!(metadata["environment"]["device"], "cpu");
    assert!(project.read("hello/runs/moons/report.html").contains("<th scope=\"row\">device</th><td>cpu</td>"));
    let dry = ndsl().args(["train", "hello/model.ndsl", "--dry-run", "--device", "cpu"]).within(&project).succeeds();
    assert!(dry.stdout.contains("\ndevice      cpu\n"), "{}", dry.stdout);
}

#[test]
fn what_is_no_device_is_a_fault_of_the_command() {
    let project = project();
    let asked =
        |name: &str| ndsl().args(["evaluate", "hello/runs/moons", "--device", name]).within(&project).ends_with(2);
    let said = asked("tpu").stderr;
    assert!(said.contains("a device is `auto`, `cpu`, `cuda`, `wgpu` or `vulkan`"), "{said}");
    assert!(asked("mps").stderr.contains("did you mean `wgpu`?"));
    asked("cuda:x");
    asked("cpu:1");
}

/// Every verb that runs a model.
fn verbs(device: &str) -> Vec<Vec<&str>> {
    let model = "hello/runs/moons";
    let verbs: [&[&str]; 6] = [
        &["train", "hello/model.ndsl", "-o", "new"],
        &["evaluate", model],
        &["predict", model, "hello/moons.csv", "-o", "new"],
        &["sample", model, "--from", "hidden", "-o", "new.csv"],
        &["report", model, "-o", "new"],
        &["tune", "hello/search.ndsl", "-o", "new"],
    ];
    verbs.iter().map(|verb| [verb, &["--device", device][..]].concat()).collect()
}

#[test]
#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn a_device_that_is_not_in_this_build_is_refused_by_every_verb_and_nothing_is_written() {
    let project = project();
    let program = project.read("hello/model.ndsl").replace("learning_rate=", "learning_rate=tune(0.1, 0.2), epsilon=");
    project.write("hello/search.ndsl", &program);
    for device in ["cuda:1", "wgpu", "vulkan"] {
        for verb in verbs(device) {
            let said = ndsl().args(verb.iter().copied()).within(&project).ends_with(1).stderr;
            let kind = device.split(':').next().unwrap();
            assert!(
                said.contains(&format!("this build computes on `cpu`: built with `--features {kind}`")),
                "{verb:?}: {said}"
            );
            assert!(!project.path("new").exists() && !project.path("new.csv").exists(), "{verb:?}");
        }
    }
}

#[test]
#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn a_device_that_the_program_names_is_refused_at_its_place_and_the_command_says_otherwise() {
    let project = project();
    let program = project.read("hello/model.ndsl").replace("epochs:", "device: \"cuda:1\", epochs:");
    assert!(program.contains("cuda:1"));
    project.write("hello/gpu.ndsl", &program);
    ndsl().args(["check", "hello/gpu.ndsl"]).within(&project).succeeds();
    let train = ["train", "hello/gpu.ndsl", "--message-format", "concise", "-o", "new"];
    let said = ndsl().args(train).within(&project).ends_with(1).stderr;
    let line = program.lines().position(|line| line.contains("cuda:1")).unwrap() + 1;
    assert!(said.contains(&format!("hello/gpu.ndsl:{line}:")) && said.contains("E0805"), "{said}");
    assert!(!project.path("new").exists());
    ndsl().args(train).args(["--device", "cpu", "--set", "epochs=1"]).within(&project).succeeds();
    // A model that was trained elsewhere is used on whatever there is.
    ndsl().args(["evaluate", "new"]).within(&project).succeeds();
}
