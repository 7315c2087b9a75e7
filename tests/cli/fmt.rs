//! `ndsl fmt` as a person meets it.

use crate::project::{Project, ndsl};

const MESSY: &str = "model  A{ // the first\ninput x:f32[4]\n\n\n\tDense( 3 )}\r\n";
const TIDY: &str = "model A {  // the first\n    input x: f32[4]\n\n    Dense(3)\n}\n";
const BROKEN: &str = "model B { input x f32[4] }\n";

#[test]
fn programs_are_laid_out_in_place_and_those_in_order_are_not_touched() {
    let project = Project::new();
    std::fs::create_dir_all(project.path("deep/er")).unwrap();
    project.write("messy.ndsl", MESSY);
    project.write("deep/er/messy.ndsl", MESSY);
    project.write("deep/tidy.ndsl", TIDY);
    project.write("deep/notes.txt", MESSY);
    let touched = |name: &str| std::fs::metadata(project.path(name)).unwrap().modified().unwrap();
    let before = touched("deep/tidy.ndsl");
    let done = ndsl().args(["fmt", "messy.ndsl", "deep"]).within(&project).succeeds();
    assert_eq!(done.stderr, "2 programs laid out anew, 1 in order\n");
    assert_eq!(project.read("messy.ndsl"), TIDY);
    assert_eq!(project.read("deep/er/messy.ndsl"), TIDY);
    assert_eq!(touched("deep/tidy.ndsl"), before);
    assert_eq!(project.read("deep/notes.txt"), MESSY);
    let again = ndsl().args(["fmt"]).within(&project).succeeds();
    assert_eq!(again.stderr, "3 programs in order\n");
}

#[test]
fn check_names_what_is_not_in_order_and_writes_nothing() {
    let project = Project::new();
    project.write("messy.ndsl", MESSY);
    project.write("tidy.ndsl", TIDY);
    let checked = ndsl().args(["fmt", "--check"]).within(&project).ends_with(1);
    assert_eq!(checked.stdout, "messy.ndsl\n");
    assert_eq!(project.read("messy.ndsl"), MESSY);
    ndsl().args(["fmt", "--check", "tidy.ndsl"]).within(&project).succeeds();
}

#[test]
fn a_difference_is_shown_as_diff_shows_it() {
    let project = Project::new();
    project.write("a.ndsl", "const a = 1\nconst b=2\n");
    let shown = ndsl().args(["fmt", "--diff"]).within(&project).succeeds();
    assert_eq!(shown.stdout, "--- a.ndsl\n+++ a.ndsl\n@@ -1,2 +1,2 @@\n const a = 1\n-const b=2\n+const b = 2\n");
    assert_eq!(project.read("a.ndsl"), "const a = 1\nconst b=2\n");
    let checked = ndsl().args(["fmt", "--diff", "--check"]).within(&project).ends_with(1);
    assert_eq!(checked.stdout, shown.stdout);
}

#[test]
fn stdin_goes_to_stdout() {
    let project = Project::new();
    let laid_out = ndsl().args(["fmt", "-"]).within(&project).reads(MESSY).succeeds();
    assert_eq!((laid_out.stdout.as_str(), laid_out.stderr.as_str()), (TIDY, ""));
    let refused = ndsl().args(["fmt", "-"]).within(&project).reads(BROKEN).ends_with(1);
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.contains("E0101"), "{}", refused.stderr);
    ndsl().args(["fmt", "-", "--check"]).within(&project).reads(TIDY).succeeds();
}

#[test]
fn a_program_with_syntax_errors_is_reported_and_left_alone_and_the_others_are_not() {
    let project = Project::new();
    project.write("bad.ndsl", BROKEN);
    project.write("messy.ndsl", MESSY);
    // A name that does not exist is no matter of form.
    project.write("unknown.ndsl", "model C { input x: f32[4]\nDesne(3) }\n");
    let refused = ndsl().args(["fmt", "--message-format", "concise"]).within(&project).ends_with(1);
    assert!(refused.stderr.starts_with("bad.ndsl:1:19: error[E0101]: expected `:`"), "{}", refused.stderr);
    assert_eq!(project.read("bad.ndsl"), BROKEN);
    assert_eq!(project.read("messy.ndsl"), TIDY);
    assert!(project.read("unknown.ndsl").contains("\n    Desne(3)\n"));
}

#[test]
fn what_cannot_be_read_ends_with_two_after_all_else_is_done() {
    let project = Project::new();
    project.write("messy.ndsl", MESSY);
    project.write("bad.ndsl", BROKEN);
    let missing = ndsl().args(["fmt", "missing.ndsl", "bad.ndsl", "messy.ndsl"]).within(&project).ends_with(2);
    assert!(missing.stderr.contains("cannot read missing.ndsl"), "{}", missing.stderr);
    assert!(missing.stderr.contains("E0101"), "{}", missing.stderr);
    assert_eq!(project.read("messy.ndsl"), TIDY);
}

#[test]
fn the_programs_of_trained_models_and_hidden_folders_are_left_alone() {
    let project = Project::new();
    for folder in ["run", ".hidden"] {
        std::fs::create_dir(project.path(folder)).unwrap();
        project.write(&format!("{folder}/model.ndsl"), MESSY);
    }
    project.write("run/metadata.json", "{}");
    project.write("run/model.safetensors", "");
    let done = ndsl().args(["fmt"]).within(&project).succeeds();
    assert_eq!(done.stderr, "no programs here\n");
    assert_eq!(project.read("run/model.ndsl"), MESSY);
}

#[test]
#[cfg(unix)]
fn a_file_keeps_its_permissions_and_a_link_stays_one() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.write("messy.ndsl", MESSY);
    std::fs::set_permissions(project.path("messy.ndsl"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("messy.ndsl", project.path("link.ndsl")).unwrap();
    ndsl().args(["fmt", "link.ndsl"]).within(&project).succeeds();
    assert_eq!(project.read("messy.ndsl"), TIDY);
    assert_eq!(std::fs::metadata(project.path("messy.ndsl")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(project.path("link.ndsl")).unwrap().is_symlink());
}

#[test]
fn a_new_project_and_every_example_are_in_order() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    ndsl().args(["fmt", "--check", "hello"]).within(&project).succeeds();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let listed = ndsl().args(["fmt", "--check", examples]).within(&project).ends_with(1);
    // This one is there to show that `Model` and `Input(…)` are taken as they were announced.
    assert_eq!(listed.stdout, format!("{examples}/my_model/my_model.ndsl\n"));
}
