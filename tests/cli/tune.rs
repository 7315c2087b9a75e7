//! Searches, as people run them.

use crate::project::{Project, ndsl};

#[test]
fn the_example_is_searched_and_its_best_model_is_made_again_by_its_values() {
    let project = Project::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    std::fs::create_dir(project.path("tuning")).unwrap();
    std::fs::create_dir(project.path("digits")).unwrap();
    for file in ["tuning/tuning.ndsl", "digits/digits.csv"] {
        std::fs::copy(format!("{examples}/{file}"), project.path(file)).unwrap();
    }
    let fixed = ["--set", "epochs=1", "--set", "width=16", "--set", "groups=1"];
    let dry = ["tune", "tuning/tuning.ndsl", "--dry-run"].into_iter().chain(fixed);
    let dry = ndsl().args(dry).within(&project).succeeds().stdout;
    assert!(dry.contains("searches    hidden: one of 2: 32, 64\n") && !dry.contains("width"), "{dry}");

    let run = ["tune", "tuning/tuning.ndsl", "-o", "run", "--trials", "3"];
    let searched = ndsl().args(run.into_iter().chain(fixed)).within(&project).succeeds();
    assert!(searched.stderr.contains("trial 3/3  val_accuracy 0."), "{}", searched.stderr);
    assert!(searched.stdout.contains("┆ val_accuracy ┆ hidden ┆ activation ┆"), "{}", searched.stdout);
    let again = ndsl().args(run.into_iter().chain(fixed)).within(&project).fails();
    assert!(again.stderr.contains("`--resume` goes on with it, `--overwrite` begins anew"), "{}", again.stderr);

    // Scripts are told of every trial, and of those that were done before.
    let longer = ["--resume", "--trials", "4", "--message-format", "json"];
    let longer = ["tune", "tuning/tuning.ndsl", "-o", "run"].into_iter().chain(longer).chain(fixed);
    let told = ndsl().args(longer).within(&project).succeeds().stdout;
    let events: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["done"].as_array().map(Vec::len), Some(3));
    let best = &events.last().unwrap()["result"]["trials"][0];
    let sets: Vec<String> = best["values"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
        .collect();
    let sets = sets.iter().flat_map(|set| ["--set", set.as_str()]);
    let train = ["train", "tuning/tuning.ndsl", "-o", "again"].into_iter().chain(fixed).chain(sets);
    ndsl().args(train).within(&project).succeeds();
    assert!(project.bytes("again/model.safetensors") == project.bytes("run/best/model.safetensors"));
}
