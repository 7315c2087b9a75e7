//! The reference as an engine: what every other must answer, slowly. It does not train, as it knows no gradients.

use std::collections::BTreeMap;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{ElementType, Graph, Sizes};
use ndsl_compiler::plan::Optimizer;
use ndsl_compiler::reference::{self, EvaluateError, Mode, Seeded};

use super::{
    Device, DeviceChoice, Engine, EngineError, EngineOptions, See, Session, SessionState, StepOutcome, labels,
};
use crate::tensor::{Tensor, TensorData};

/// The evaluator of `ndsl_compiler::reference`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReferenceEngine;

impl Engine for ReferenceEngine {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn device(&self, choice: DeviceChoice) -> Result<Device, EngineError> {
        match choice {
            DeviceChoice::Auto | DeviceChoice::One(Device::Cpu) => Ok(Device::Cpu),
            DeviceChoice::One(device) => Err(EngineError::NotBuilt { device, built: vec!["cpu"] }),
        }
    }

    fn device_name(&self, _: Device) -> Option<String> {
        None
    }

    fn load(&self, graph: &Graph, weights: &Weights, options: EngineOptions) -> Result<Box<dyn Session>, EngineError> {
        if !graph.is_complete() {
            return Err(EngineError::Incomplete { name: graph.name.clone() });
        }
        if let Some(reason) = weights.mismatch(graph) {
            return Err(EngineError::Weights(reason));
        }
        let weights = own(graph, weights);
        Ok(Box::new(ReferenceSession { graph: graph.clone(), weights, draws: Seeded::new(options.seed) }))
    }

    // Every value stays to the end, as f64.
    fn height(&self, graph: &Graph, sizes: &Sizes, _: bool) -> Result<u64, EngineError> {
        graph.nodes.iter().try_fold(0u64, |sum, node| {
            let dims = graph.value(node.output).shape.dims().iter();
            let bytes = dims.map(|dim| dim.at(sizes).ok_or_else(|| EngineError::Size { dim: dim.to_string() }));
            let bytes = bytes
                .map(|size| size.map(|size| size as u64))
                .try_fold(8u64, |product, size| Ok::<u64, EngineError>(product.saturating_mul(size?)))?;
            Ok(sum.saturating_add(bytes))
        })
    }
}

struct ReferenceSession {
    graph: Graph,
    weights: Weights,
    draws: Seeded,
}

impl Session for ReferenceSession {
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError> {
        let graph = &self.graph;
        if inputs.len() != graph.inputs.len() {
            return Err(EngineError::InputCount { expected: graph.inputs.len(), found: inputs.len() });
        }
        let name = |id: &ndsl_compiler::ir::ValueId| graph.value(*id).name.to_string();
        for (id, tensor) in graph.inputs.iter().zip(&inputs) {
            if !tensor.is_consistent() {
                let expected = graph.value(*id).shape.to_string();
                return Err(EngineError::InputShape { name: name(id), expected, found: tensor.shape.clone() });
            }
        }
        labels::check(&labels::label_inputs(graph), &inputs)?;
        let inputs: BTreeMap<String, reference::Tensor> =
            graph.inputs.iter().map(name).zip(inputs.iter().map(given)).collect();
        let outcome = reference::evaluate(graph, &inputs, &self.weights, Mode::Inference, &mut self.draws)?;
        let made = |output: &ndsl_compiler::ir::Output| outcome.outputs.get(&output.name).map(answered);
        let outputs: Option<Vec<Tensor>> = graph.outputs.iter().map(made).collect();
        outputs.ok_or_else(|| EngineError::Internal("an output was not made".to_owned()))
    }

    fn differentiate(&mut self, _: Vec<Tensor>, _: f32) -> Result<StepOutcome, EngineError> {
        Err(EngineError::NoTraining { engine: "reference" })
    }

    fn inspect(&mut self, _: Vec<Tensor>, _: See<'_>) -> Result<(), EngineError> {
        Err(EngineError::NoTraining { engine: "reference" })
    }

    fn gradients(&self) -> Vec<Option<f64>> {
        vec![None; self.graph.parameters.len()]
    }

    fn step(&mut self, _: &Optimizer) -> Result<(), EngineError> {
        Err(EngineError::NoTraining { engine: "reference" })
    }

    fn average(&mut self, _: Option<f64>) -> Result<(), EngineError> {
        Err(EngineError::NoTraining { engine: "reference" })
    }

    fn exchange_average(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn weights(&self) -> Result<Weights, EngineError> {
        Ok(self.weights.clone())
    }

    fn set_weights(&mut self, weights: &Weights) -> Result<(), EngineError> {
        if let Some(reason) = weights.mismatch(&self.graph) {
            return Err(EngineError::Weights(reason));
        }
        self.weights = own(&self.graph, weights);
        Ok(())
    }

    fn state(&self) -> SessionState {
        SessionState::default()
    }

    fn set_state(&mut self, _: &SessionState) -> Result<(), EngineError> {
        Err(EngineError::NoTraining { engine: "reference" })
    }
}

/// Those of the weights that are the graph's.
fn own(graph: &Graph, weights: &Weights) -> Weights {
    let own = |parameter: &ndsl_compiler::ir::Parameter| {
        weights.get(&parameter.name).map(|weight| (parameter.name.clone(), weight.clone()))
    };
    Weights(graph.parameters.iter().filter_map(own).collect())
}

/// A tensor as the reference has it.
pub fn given(tensor: &Tensor) -> reference::Tensor {
    let data = match &tensor.data {
        TensorData::F32(data) => data.iter().map(|number| f64::from(*number)).collect(),
        TensorData::I64(data) => data.iter().map(|number| *number as f64).collect(),
        TensorData::U8(data) => data.iter().map(|number| f64::from(*number)).collect(),
        TensorData::Bool(data) => data.iter().map(|truth| f64::from(u8::from(*truth))).collect(),
    };
    reference::Tensor { element: tensor.data.element(), shape: tensor.shape.clone(), data }
}

/// A tensor of the reference as engines have it.
pub fn answered(tensor: &reference::Tensor) -> Tensor {
    let data = &tensor.data;
    let data = match tensor.element {
        ElementType::F32 => TensorData::F32(data.iter().map(|number| *number as f32).collect()),
        ElementType::I64 => TensorData::I64(data.iter().map(|number| *number as i64).collect()),
        ElementType::U8 => TensorData::U8(data.iter().map(|number| *number as u8).collect()),
        ElementType::Bool => TensorData::Bool(data.iter().map(|number| *number != 0.0).collect()),
    };
    Tensor { shape: tensor.shape.clone(), data }
}

impl From<EvaluateError> for EngineError {
    fn from(fault: EvaluateError) -> Self {
        match fault {
            EvaluateError::Incomplete { name } => Self::Incomplete { name },
            EvaluateError::InputType { name, expected, found } => Self::InputType { name, expected, found },
            EvaluateError::Shapes(fault) => fault.into(),
            EvaluateError::Weights(reason) => Self::Weights(reason),
            other => Self::Internal(other.to_string()),
        }
    }
}
