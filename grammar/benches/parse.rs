//! How fast a large file is read, in megabytes a second of processor time: `cargo bench -p ndsl-grammar`.
//!
//! With the name of a file as its argument it only writes the program it measures there, for the comparison in `lark/`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

#[path = "parse/clock.rs"]
mod clock;
#[path = "parse/program.rs"]
mod program;

use clock::median;
use ndsl_grammar::ast::DeclarationKind;
use ndsl_grammar::{FileId, lex, parse};
use std::time::Duration;

fn main() {
    let good = program::whole(1_500_000);
    if let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        std::fs::write(path, good).expect("the file can be written");
        return;
    }
    let flat = program::flat(1_500_000);
    let faulty = flat.replace("Flatten()", "Flatten( 3 4");
    let broken = program::with_tokens_deleted(&good, 400);
    let read = |text: &str| parse(text, FileId(0));
    assert_eq!(read(&good).errors, []);
    assert_eq!(read(&flat).errors, []);
    let line = |name: &str, text: &str, time: Duration| {
        let speed = text.len() as f64 / 1e6 / time.as_secs_f64();
        println!(
            "{name:<36} {:>6.2} MB {:>8.2} ms {speed:>8.1} MB/s",
            text.len() as f64 / 1e6,
            time.as_secs_f64() * 1e3
        );
    };
    println!("{} lines; medians of processor time", good.lines().count());
    line("lex", &good, median(&|| lex(&good)));
    let whole = median(&|| read(&good));
    line("parse, the whole language", &good, whole);
    line("parse, layers and settings", &flat, median(&|| read(&flat)));
    line("parse, a fault in each model", &faulty, median(&|| read(&faulty)));
    let time = median(&|| read(&broken.text));
    line("parse, one token in 400 deleted", &broken.text, time);
    let parse = read(&broken.text);
    let named = parse.file.declarations.iter().filter(|own| !matches!(own.kind, DeclarationKind::Error { .. })).count();
    println!(
        "{:<36} {:>8.2} times, {} errors",
        "  against none deleted",
        time.as_secs_f64() / whole.as_secs_f64(),
        parse.errors.len()
    );
    println!(
        "{:<36} {named} of {} declarations, {} intact ones lost",
        "  still read",
        broken.declarations,
        broken.lost(&parse)
    );
}
