//! Prints what is wrong with the programs named, and what their models hold: `cargo run -p ndsl-compiler --example concise -- FILES`.
use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::ir::cost;
use ndsl_compiler::{Source, analyze};

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let began = std::time::Instant::now();
        let analysis = analyze(&Source::new(path.as_str(), text.as_str()));
        println!("{path}: {:?}", began.elapsed());
        for diagnostic in &analysis.diagnostics {
            println!("  {}", concise(diagnostic, &analysis.sources));
        }
        for model in &analysis.models {
            let (all, trainable) = model.graph.parameter_counts();
            println!(
                "  {} {all} ({trainable}) complete={} flops={:?} layers={}",
                model.name,
                model.complete,
                cost::total_flops(&model.graph),
                model.graph.layers.len()
            );
        }
    }
}
