//! What the README shows is what the command prints.

use crate::project::{Project, ndsl};

#[test]
fn the_diagnostic_in_the_readme_is_the_one_that_is_printed() {
    let readme = include_str!("../../README.md");
    let blocks: Vec<&str> =
        readme.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap_or_default()).collect();
    let [program, shown] = blocks.as_slice() else { panic!("the README has a program and its diagnostic") };
    let project = Project::new();
    project.write("cnn.ndsl", program);
    let checked = ndsl().args(["check", "cnn.ndsl"]).within(&project).ends_with(1);
    let lines = |text: &str| text.trim().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let printed = lines(&checked.stderr);
    let shown = lines(shown);
    assert_eq!(printed[..shown.len()], shown[..], "{}", checked.stderr);
    assert!(checked.stderr.contains("1 error\n"), "{}", checked.stderr);
}

#[test]
fn every_verb_in_the_readme_is_one() {
    let project = Project::new();
    let help = ndsl().args(["--help"]).within(&project).succeeds();
    for verb in [
        "new",
        "check",
        "fmt",
        "train",
        "evaluate",
        "predict",
        "sample",
        "validate",
        "profile",
        "compile",
        "lsp",
        "serve",
        "explain",
        "completions",
    ] {
        assert!(help.stdout.contains(&format!("  {verb} ")), "{verb}: {}", help.stdout);
        ndsl().args([verb, "--help"]).within(&project).succeeds();
    }
}
