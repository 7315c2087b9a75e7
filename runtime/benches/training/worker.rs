//! Our side: a process that trains one of the programs.

use std::io::BufRead;

use ndsl_compiler::Weights;
use ndsl_runtime::engine::{EngineOptions, engine};

use super::clock;
use super::models::{self, Model};
use super::side::Steps;

/// The word that makes this program such a process.
pub(crate) const WORKER: &str = "--worker";

/// Answers what is asked on the standard input until it ends.
pub(crate) fn serve(model: &Model) {
    let plan = models::plan(model);
    let weights = Weights::initial(&plan.graph, plan.seed);
    let options = EngineOptions { seed: plan.seed, ..EngineOptions::default() };
    let engine = engine().expect("the bench is built with an engine");
    let mut session = engine.load(&plan.graph, &weights, options).expect("the program runs");
    let mut made = 0;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("run", steps)) => {
                let steps: usize = steps.parse().expect("a number of steps");
                let batches: Vec<_> =
                    (made..made + steps).map(|step| models::fed(&plan.graph, &models::batch(model, step))).collect();
                made += steps;
                let before = clock::now();
                let step = |batch| f64::from(session.train_step(batch, &plan.optimizer).expect("a step").loss);
                let losses = batches.into_iter().map(step).collect();
                let seconds = clock::now().saturating_sub(before).as_secs_f64();
                println!("{}", serde_json::to_string(&Steps { seconds, losses }).expect("numbers are JSON"));
            }
            _ => println!("{}", clock::peak_memory()),
        }
    }
}
