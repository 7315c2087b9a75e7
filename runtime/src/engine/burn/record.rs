//! Operations of our own on Burn's record, so that it differentiates through them.

use ::burn::backend::autodiff::checkpoint::base::Checkpointer;
use ::burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use ::burn::backend::autodiff::grads::Gradients;
use ::burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use ::burn::backend::flex::FlexTensor;
use ::burn::backend::{
    Autodiff, AutodiffBackend, BackendTensor, DispatchAutodiffContext, DispatchTensorKind, Flex, TensorData,
};

use super::Primitive;
use super::transfer::dims;

/// A float tensor of the record.
type Tracked = <Autodiff<Flex> as ::burn::backend::BackendTypes>::FloatTensorPrimitive;

/// Numbers that lie one behind the other; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Numbers(FlexTensor);

impl Numbers {
    /// The numbers of a tensor, moved together where they lie apart.
    pub(super) fn of(tensor: FlexTensor) -> Self {
        match tensor.as_slice::<f32>() {
            Some(_) => Self(tensor),
            None => Self(tensor.to_contiguous()),
        }
    }

    /// The numbers to be changed: moved out where nothing else holds them, else copied.
    pub(super) fn into_vec(self) -> Vec<f32> {
        if !self.0.is_unique() {
            return self.to_vec();
        }
        self.0.into_data().try_into_vec().expect("numbers are floats of 32 bits")
    }
}

impl std::ops::Deref for Numbers {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.0.as_slice().expect("numbers that lie together")
    }
}

/// A tensor of these numbers.
pub(super) fn tensor(numbers: Vec<f32>, shape: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, dims(shape)))
}

/// What stands for an input that is not there: no number, and no gradient.
pub(super) fn absent() -> Primitive {
    plain(tensor(Vec::new(), &[0]))
}

fn plain(tensor: FlexTensor) -> Primitive {
    let kind = DispatchTensorKind::Flex(BackendTensor::Float(tensor));
    Primitive { kind, autodiff: DispatchAutodiffContext::Disabled }
}

/// The tensor of an input that is not recorded.
fn unrecorded(input: Primitive) -> FlexTensor {
    match input.kind {
        DispatchTensorKind::Flex(tensor) => tensor.float(),
        // Of one that is recorded, [`recorded`] is asked.
        DispatchTensorKind::Autodiff(kind) => match *kind {
            DispatchTensorKind::Flex(tensor) => tensor.autodiff_inner(),
            _ => foreign(),
        },
        #[allow(unreachable_patterns, reason = "there are others in a build that reaches GPUs")]
        _ => foreign(),
    }
}

/// Our kernels are not asked for what is elsewhere, and a record has no other within it.
fn foreign() -> ! {
    panic!("numbers that are not plain ones in memory")
}

/// An input on the record, as a constant where it is not on it yet.
fn recorded(input: Primitive) -> Tracked {
    match input.kind {
        DispatchTensorKind::Autodiff(kind) => match *kind {
            DispatchTensorKind::Flex(tensor) => tensor.autodiff(),
            _ => foreign(),
        },
        DispatchTensorKind::Flex(tensor) => Autodiff::<Flex>::from_inner(tensor.float()),
        #[allow(unreachable_patterns, reason = "there are others in a build that reaches GPUs")]
        _ => foreign(),
    }
}

/// Does `run` to the inputs. It answers what comes out; what makes of that one's gradient those of the inputs, as far as they are wanted;
/// and whatever else there is to say.
pub(super) fn record<const N: usize, B, T>(
    inputs: [Primitive; N],
    run: impl FnOnce([FlexTensor; N]) -> (FlexTensor, B, T),
) -> (Primitive, T)
where
    B: FnOnce(FlexTensor, [bool; N]) -> [Option<FlexTensor>; N] + Send + 'static,
{
    let context = inputs.iter().map(|input| input.autodiff).fold(DispatchAutodiffContext::Disabled, |all, one| {
        if all == DispatchAutodiffContext::Disabled { one } else { all }
    });
    if context == DispatchAutodiffContext::Disabled {
        let (output, _, rest) = run(inputs.map(unrecorded));
        return (plain(output), rest);
    }
    let inputs = inputs.map(recorded);
    let guards = inputs.each_ref().map(Tracked::node);
    let (output, backward, rest) = run(inputs.map(Tracked::into_primitive));
    let output = match Own(backward).prepare::<NoCheckpointing>(guards).compute_bound().stateful() {
        OpsKind::Tracked(step) => step.finish((), output),
        OpsKind::UnTracked(step) => step.finish(output),
    };
    let kind = DispatchTensorKind::Autodiff(Box::new(DispatchTensorKind::Flex(BackendTensor::Autodiff(output))));
    (Primitive { kind, autodiff: context }, rest)
}

/// A step of the record that is one of ours.
struct Own<B>(B);

impl<B> std::fmt::Debug for Own<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Own")
    }
}

impl<B, const N: usize> Backward<Flex, N> for Own<B>
where
    B: FnOnce(FlexTensor, [bool; N]) -> [Option<FlexTensor>; N] + Send + 'static,
{
    type State = ();

    fn backward(self, ops: Ops<(), N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        for (parent, gradient) in ops.parents.into_iter().zip((self.0)(gradient, wanted)) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                gradients.register::<Flex>(parent.id, gradient);
            }
        }
    }
}
