//! `ndsl viz`: pictures of models and schemas.

use crate::project::{Project, ndsl};

const NET: &str =
    "model Net {\n    input x: f32[4]\n    repeat 3 { residual { Dense(4, activation=relu) } }\n    Dense(2) as y\n}\n";

#[test]
fn a_picture_is_named_after_what_it_shows() {
    let project = Project::new();
    project.write("net.ndsl", NET);
    let drawn = ndsl().args(["viz", "net.ndsl"]).within(&project).succeeds();
    assert_eq!((drawn.stdout.as_str(), drawn.stderr.as_str()), ("", "Net.svg: Net: f32[4] → f32[2], 70 parameters\n"));
    let svg = std::fs::read_to_string(project.path("Net.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("repeat × 3") && svg.contains("<script>"), "{svg}");

    ndsl().args(["viz", "net.ndsl", "-o", "other.svg", "--theme", "dark"]).within(&project).succeeds();
    let dark = std::fs::read_to_string(project.path("other.svg")).unwrap();
    assert!(dark.contains("class=\"ndsl-diagram dark\""), "{dark}");

    let piped = ndsl().args(["viz", "-", "-o", "-", "--format", "svg"]).reads(NET).within(&project).succeeds();
    assert_eq!((piped.stdout.as_str(), piped.stderr.as_str()), (svg.as_str(), ""));
}

#[test]
fn blocks_are_closed_by_name_and_by_depth() {
    let project = Project::new();
    project.write("net.ndsl", NET);
    let drawn = |more: &[&str]| {
        let given = ["viz", "net.ndsl", "-o", "-"].iter().chain(more);
        ndsl().args(given.copied().collect::<Vec<_>>()).within(&project).succeeds().stdout
    };
    let layers = |svg: &str| svg.matches("class=\"node layer").count();
    assert_eq!(layers(&drawn(&[])), 2);
    assert_eq!(layers(&drawn(&["--collapse", "repeat"])), 1);
    assert_eq!(layers(&drawn(&["--depth", "0"])), 1);
    assert_eq!(layers(&drawn(&["--expand", "repeat", "round"])), 4);
    let unknown = ndsl().args(["viz", "net.ndsl", "--collapse", "Nope"]).within(&project).ends_with(2);
    assert!(unknown.stderr.contains("there is no block `Nope`; there are `repeat`"), "{}", unknown.stderr);
}

#[test]
fn of_several_one_is_chosen_or_all_go_into_a_folder() {
    let project = Project::new();
    project.write("all.ndsl", &format!("{NET}schema Shop {{ id: int key }}\n"));
    let unsaid = ndsl().args(["viz", "all.ndsl"]).within(&project).ends_with(2);
    let said = "all.ndsl declares several things to draw; there are `Net` and `Shop`: choose one with `--name`, or give a \
        folder with `-o` for a picture of each";
    assert!(unsaid.stderr.contains(said), "{}", unsaid.stderr);
    ndsl().args(["viz", "all.ndsl", "--name", "Shop"]).within(&project).succeeds();
    assert!(project.path("Shop.svg").exists());
    ndsl().args(["viz", "all.ndsl", "-o", "pictures/"]).within(&project).succeeds();
    assert!(project.path("pictures/Net.svg").exists() && project.path("pictures/Shop.svg").exists());
    let unknown = ndsl().args(["viz", "all.ndsl", "--name", "Nett"]).within(&project).ends_with(2);
    assert!(unknown.stderr.contains("all.ndsl has no model or schema `Nett`"), "{}", unknown.stderr);
}

#[test]
fn a_program_with_faults_is_not_drawn() {
    let project = Project::new();
    project.write("net.ndsl", &NET.replace("Dense(2)", "Desne(2)"));
    project.write("empty.ndsl", "const a = 1\n");
    let faulty = ndsl().args(["viz", "net.ndsl"]).within(&project).ends_with(1);
    assert!(faulty.stderr.contains("E0203"), "{}", faulty.stderr);
    assert!(!project.path("Net.svg").exists());
    let empty = ndsl().args(["viz", "empty.ndsl"]).within(&project).ends_with(2);
    assert!(empty.stderr.contains("declares neither a model nor a schema"), "{}", empty.stderr);
    ndsl().args(["viz", "missing.ndsl"]).within(&project).ends_with(2);
    project.write("net.ndsl", NET);
    ndsl().args(["viz", "net.ndsl", "-o", "no/such/folder.svg"]).within(&project).ends_with(2);
}
