//! What a training run needs in memory, so that one that cannot fit is refused before it starts.

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{Optimizer, TrainPlan};

/// The bytes a run takes at its height, roughly: weights, the best epoch's copy, gradients, the optimizer's moments, and every
/// activation of a batch of the data's `rows` with its gradient.
pub fn estimate(plan: &TrainPlan, rows: usize) -> u64 {
    let moments = match plan.optimizer {
        Optimizer::Sgd { momentum: 0.0, .. } => 0,
        Optimizer::Sgd { .. } => 1,
        Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
    };
    let weights = plan.graph.parameter_counts().0 as u64 * 4;
    weights
        .saturating_mul(3 + moments)
        .saturating_add(activations(&plan.graph, plan.batch_size.min(rows)).saturating_mul(2))
}

fn activations(graph: &Graph, batch: usize) -> u64 {
    let bytes = |id| {
        let value = graph.value(id);
        let dims = value.shape.at_batch(batch).unwrap_or_default();
        dims.iter().fold(value.element.size() as u64, |bytes, dim| bytes.saturating_mul(*dim as u64))
    };
    graph.nodes.iter().map(|node| bytes(node.output)).fold(0, u64::saturating_add)
}

/// The bytes that can be taken without swapping; nothing where the system does not say.
pub fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_what_is_free() {
        assert!(available().is_some_and(|bytes| bytes > 1 << 20));
    }
}
