//! Every schema of the project's own programs, and what fuzzing found: its rows are what it says, or it is said why there are none.

#[path = "../../grammar/tests/sound/files.rs"]
mod files;
mod oracle;

#[test]
fn rows_of_every_program_are_what_it_says() {
    let folders = ["examples", "fuzz/corpus/seeds", "grammar/tests", "compiler/tests", "generate", ".ci"];
    let programs = files::below(&folders, "ndsl");
    assert!(programs.len() > 100, "only {} programs are found", programs.len());
    for path in programs {
        let bytes = std::fs::read(&path).expect("a file");
        oracle::sound::rows(&String::from_utf8_lossy(&bytes));
    }
}
