//! A step of training beside PyTorch's: the same models, first weights and batches, step by step.
//!
//! `NDSL_BENCH_PYTHON=… cargo bench --workspace --bench training` starts, for each model and number of threads, a process of ours, one of
//! PyTorch and one of `torch.compile`, and has them make some steps each by turns, so that what else the machine does falls on all
//! alike. It prints the medians of the processor time of a step, all threads together, the memory each process took at its height, and how
//! far the losses are apart. Words behind `--` choose models, and numbers among them the threads: `-- mlp cnn 2`. Without a Python that has
//! `torch`, `numpy` and `safetensors` its columns are left out, and that is said.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]
#![cfg(feature = "burn")]

mod clock;
mod models;
mod side;
mod worker;

use side::Side;

/// The command's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 9;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, model, ..] = &words[..]
        && first == worker::WORKER
    {
        return worker::serve(models::named(model).expect("the driver names a model"));
    }
    let words: Vec<String> = words.into_iter().filter(|word| !word.starts_with('-')).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let threads = if numbers.is_empty() { vec![1, 2] } else { numbers };
    let names: Vec<&String> = words.iter().filter(|word| word.parse::<usize>().is_err()).collect();
    let chosen = models::ALL.iter().filter(|model| names.is_empty() || names.iter().any(|name| *name == model.name));
    let chosen: Vec<&models::Model> = chosen.collect();
    let version = side::version();
    match &version {
        Some(version) => println!("{version}"),
        None => println!("PyTorch is left out: {} names no Python with torch, numpy and safetensors", side::PYTHON),
    }
    println!(
        "{:<9} {:>7} | {:>8} {:>8} {:>8} | {:>6} {:>8} | {:>6} {:>6} {:>8} | losses apart by",
        "ms a step", "threads", "ndsl", "eager", "compiled", "eager:", "compiled:", "MB", "eager", "compiled"
    );
    for model in chosen {
        let folder = tempfile::tempdir().expect("a temporary folder");
        models::write(model, folder.path());
        for threads in &threads {
            row(model, *threads, folder.path(), version.is_some());
        }
    }
    println!(
        "losses are apart by that share of the first one at the most, in the first {} steps; medians of {ROUNDS} rounds",
        side::COMPARED
    );
    println!(
        "eager: and compiled: are PyTorch's time over ours; MB is a process at its height, all that it has loaded included"
    );
}

/// Measures one model with some threads and prints it.
fn row(model: &models::Model, threads: usize, folder: &std::path::Path, peer: bool) {
    let mut sides = vec![Side::ours(model, threads)];
    if peer {
        sides.push(Side::pytorch(model, threads, folder, false));
        sides.push(Side::pytorch(model, threads, folder, true));
    }
    for round in 0..=ROUNDS {
        for side in &mut sides {
            side.run(model.steps, round > 0);
        }
    }
    let times: Vec<f64> = sides.iter().map(Side::median).collect();
    let cell = |at: usize| times.get(at).map_or("-".to_owned(), |time| format!("{time:.2}"));
    let ratio = |at: usize| times.get(at).map_or("-".to_owned(), |time| format!("{:.2}", time / times[0]));
    let memory: Vec<u64> = sides.iter_mut().map(Side::memory).collect();
    let megabytes = |at: usize| memory.get(at).map_or("-".to_owned(), |bytes| format!("{:.0}", *bytes as f64 / 1e6));
    let apart = match sides.get(1) {
        Some(peer) => format!("{:.1e}", sides[0].apart(peer)),
        None => "-".to_owned(),
    };
    println!(
        "{:<9} {threads:>7} | {:>8} {:>8} {:>8} | {:>6} {:>9} | {:>6} {:>6} {:>8} | {apart}",
        model.name,
        cell(0),
        cell(1),
        cell(2),
        ratio(1),
        ratio(2),
        megabytes(0),
        megabytes(1),
        megabytes(2)
    );
}
