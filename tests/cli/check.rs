//! `ndsl check`: programs of several files, the forms of what is found, and what it mends.

use crate::project::{Project, ndsl};

/// A project whose program uses a file of another folder, which has a fault.
fn project() -> Project {
    let project = Project::new();
    std::fs::create_dir_all(project.path("parts")).unwrap();
    std::fs::create_dir_all(project.path("runs")).unwrap();
    project.write("ndsl.toml", "");
    project.write("parts/net.ndsl", "model Net {\n    input columns: f32[2]\n    Desne(1) as out\n}\n");
    project.write("runs/main.ndsl", "use Net from \"../parts/net.ndsl\"\n\nconst spare = 1\ntrain t { model: Net }\n");
    project
}

#[test]
fn faults_of_used_files_are_told_where_they_are() {
    let project = project();
    let checked = ndsl().args(["check", "runs/main.ndsl", "--format", "concise"]).within(&project).ends_with(1);
    assert!(
        checked.stderr.contains("parts/net.ndsl:3:5: error[E0203]: there is no layer `Desne`"),
        "{}",
        checked.stderr
    );
    assert!(checked.stderr.contains("runs/main.ndsl:4:7: error[E0302]"), "{}", checked.stderr);

    // What is wrong with a file is said once, however many of the given ones use it.
    let both = ["check", "runs/main.ndsl", "parts/net.ndsl", "--message-format", "json"];
    let both = ndsl().args(both).within(&project).ends_with(1);
    assert_eq!(both.stdout.matches("there is no layer").count(), 1, "{}", both.stdout);

    // Without its mark the project is the program's own folder.
    std::fs::remove_file(project.path("ndsl.toml")).unwrap();
    let outside = ndsl().args(["check", "runs/main.ndsl", "--format", "concise"]).within(&project).ends_with(1);
    assert!(outside.stderr.contains("runs/main.ndsl:1:14: error[E0222]"), "{}", outside.stderr);
}

#[test]
fn what_is_found_is_written_for_other_programs() {
    let project = project();
    let log = ndsl().args(["check", "runs/main.ndsl", "--message-format", "sarif"]).within(&project).ends_with(1);
    assert_eq!(log.stderr, "");
    let log: serde_json::Value = serde_json::from_str(&log.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let uris: Vec<&str> = results
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"runs/main.ndsl") && uris.contains(&"parts/net.ndsl"), "{uris:?}");

    let clean = ndsl().args(["check", "-", "--format", "sarif"]).reads("const a = 1\n").within(&project).succeeds();
    let clean: serde_json::Value = serde_json::from_str(&clean.stdout).unwrap();
    assert_eq!(clean["runs"][0]["results"], serde_json::json!([]));
    ndsl().args(["check", "runs/main.ndsl", "--format", "sarif", "--summary"]).within(&project).ends_with(2);

    let lines = ndsl().args(["check", "runs/main.ndsl", "--format", "github"]).within(&project).ends_with(1);
    let annotation =
        "::error file=parts/net.ndsl,line=3,endLine=3,col=5,endColumn=10,title=E0203 A layer that does not exist::";
    assert!(lines.stdout.contains(annotation), "{}", lines.stdout);
    assert!(lines.stdout.lines().all(|line| line.starts_with("::")), "{}", lines.stdout);
}

const FAULTY: &str =
    "const width = 4\r\nmodel M {\r\n    input x: f32[2]\r\n    Linear(widht, bias=false)\r\n    Desne(1)\r\n}\r\n";

#[test]
fn safe_fixes_are_applied_and_guesses_when_asked_for() {
    let project = Project::new();
    project.write("m.ndsl", FAULTY);
    let fixed = ndsl().args(["check", "m.ndsl", "--fix"]).within(&project).ends_with(1);
    assert!(fixed.stderr.contains("m.ndsl:4:5: fixed E0203: replace `Linear` with `Dense`"), "{}", fixed.stderr);
    assert!(fixed.stderr.contains("m.ndsl: 1 fault more may be fixed by `--unsafe-fixes`"), "{}", fixed.stderr);
    assert!(fixed.stderr.contains("nothing here is called `widht`"), "what is left is shown: {}", fixed.stderr);
    let safe = FAULTY.replace("Linear", "Dense").replace("bias=", "use_bias=").replace("Desne", "Dense");
    assert_eq!(project.read("m.ndsl"), safe);

    let fixed = ndsl().args(["check", "m.ndsl", "--fix", "--unsafe-fixes"]).within(&project).succeeds();
    assert!(fixed.stderr.contains("m.ndsl is sound"), "{}", fixed.stderr);
    assert_eq!(project.read("m.ndsl"), safe.replace("widht", "width"));
    let again = ndsl().args(["check", "m.ndsl", "--fix", "--unsafe-fixes"]).within(&project).succeeds();
    assert!(!again.stderr.contains("fixed"), "{}", again.stderr);
    // Nothing is left beside it.
    assert_eq!(std::fs::read_dir(project.path(".")).unwrap().count(), 1);
}

#[test]
fn a_diff_shows_what_would_be_fixed_and_writes_nothing() {
    let project = Project::new();
    let text = FAULTY.replace('\r', "");
    project.write("m.ndsl", &text);
    let shown = ndsl().args(["check", "m.ndsl", "--diff"]).within(&project).ends_with(1);
    assert!(
        shown.stdout.starts_with("--- m.ndsl\n+++ m.ndsl\n@@ -1,6 +1,6 @@\n const width = 4\n"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("-    Desne(1)\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("+    Dense(widht, use_bias=false)\n+    Dense(1)\n"), "{}", shown.stdout);
    assert_eq!(project.read("m.ndsl"), text);
    project.write("good.ndsl", "const a = 1\n");
    assert_eq!(ndsl().args(["check", "good.ndsl", "--diff"]).within(&project).succeeds().stdout, "");
}

#[test]
fn a_program_from_stdin_is_fixed_to_stdout() {
    let project = Project::new();
    let fixed = ndsl().args(["check", "-", "--fix"]).reads(FAULTY).within(&project).ends_with(1);
    assert!(fixed.stdout.contains("    Desne").eq(&false) && fixed.stdout.contains("Dense(1)\r\n"), "{}", fixed.stdout);
    assert!(fixed.stderr.contains("nothing here is called `widht`"), "{}", fixed.stderr);
    let sound = ndsl().args(["check", "-", "--fix", "--unsafe-fixes"]).reads(FAULTY).within(&project).succeeds();
    assert!(sound.stdout.contains("Dense(width, use_bias=false)"), "{}", sound.stdout);
    ndsl().args(["check", "-", "--fix", "--format", "json"]).reads(FAULTY).within(&project).ends_with(2);
    ndsl().args(["check", "-", "--unsafe-fixes"]).reads(FAULTY).within(&project).ends_with(2);
}

#[test]
fn only_the_files_that_were_given_are_fixed() {
    let project = project();
    ndsl().args(["check", "runs/main.ndsl", "--fix", "--unsafe-fixes"]).within(&project).ends_with(1);
    assert!(project.read("parts/net.ndsl").contains("Desne"));
    ndsl().args(["check", "parts/net.ndsl", "--fix"]).within(&project).succeeds();
    assert!(project.read("parts/net.ndsl").contains("Dense"));
}

#[cfg(unix)]
#[test]
fn a_fixed_file_keeps_its_link_and_its_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new();
    project.write("real.ndsl", FAULTY);
    std::fs::set_permissions(project.path("real.ndsl"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.ndsl", project.path("link.ndsl")).unwrap();
    ndsl().args(["check", "link.ndsl", "--fix"]).within(&project).ends_with(1);
    assert!(std::fs::symlink_metadata(project.path("link.ndsl")).unwrap().is_symlink());
    assert!(!project.read("real.ndsl").contains("Desne"));
    assert_eq!(std::fs::metadata(project.path("real.ndsl")).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn every_code_is_listed_and_explained() {
    let project = Project::new();
    let listed = ndsl().args(["explain"]).within(&project).succeeds().stdout;
    assert_eq!(listed, ndsl().args(["explain", "--list"]).within(&project).succeeds().stdout);
    assert!(listed.contains("E0221  error    Files that use one another in a circle\n"), "{listed}");
    for line in listed.lines() {
        let code = line.split_whitespace().next().unwrap();
        let page = ndsl().args(["explain", code]).within(&project).succeeds().stdout;
        assert!(page.starts_with("# ") && page.contains("```ndsl"), "{code}: {page}");
    }
}
