//! The layers: one file each, holding all there is to say about it.
//!
//! A layer is a [`LayerDef`]: the signature the checker, hover, completion and docs read, and a function that checks what
//! it is applied to and lowers it to the IR. Its output shape, its parameter count, its FLOPs and what every backend does
//! with it follow from the nodes it builds. To add a layer: a file here and a line in [`LAYERS`].

mod activation;
mod batch_normalization;
mod conv2d;
mod dense;
mod dropout;
mod flatten;
mod pooling;
mod window;

use ndsl_grammar::Span;

use crate::check::{Arguments, Context};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, ElementType, Initializer, Role, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// One layer of the language.
pub struct LayerDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What PyTorch and others call it: a use of such a name is an error whose fix is the name here.
    pub aliases: &'static [&'static str],
    /// Applies it; answers nothing where a fault was reported.
    pub build: fn(&mut Apply<'_, '_, '_>) -> Option<ValueId>,
}

/// Every layer, in the order the docs list them.
pub const LAYERS: &[&LayerDef] = &[
    &dense::DENSE,
    &conv2d::CONV2D,
    &pooling::MAX_POOLING2D,
    &pooling::AVERAGE_POOLING2D,
    &pooling::GLOBAL_AVERAGE_POOLING2D,
    &flatten::FLATTEN,
    &dropout::DROPOUT,
    &batch_normalization::BATCH_NORMALIZATION,
    &activation::ACTIVATION,
];

/// The layer called `name`.
pub fn find(name: &str) -> Option<&'static LayerDef> {
    LAYERS.iter().copied().find(|layer| layer.signature.name == name)
}

/// The layer that others call `name`.
pub fn find_alias(name: &str) -> Option<&'static LayerDef> {
    LAYERS.iter().copied().find(|layer| layer.aliases.contains(&name))
}

/// A layer being applied to a value.
pub struct Apply<'c, 'n, 'e> {
    /// Where it happens.
    pub cx: &'c mut Context<'n>,
    /// What the call gives.
    pub arguments: &'c Arguments<'e>,
    /// What it is applied to.
    pub input: ValueId,
    /// The call.
    pub span: Span,
    /// The layer's name in the model.
    pub name: String,
    /// What it is.
    pub def: &'static LayerDef,
}

impl Apply<'_, '_, '_> {
    /// The shape it is applied to, batch left out.
    pub fn row(&self) -> Shape {
        self.cx.row(self.input)
    }

    /// The height, width and channels it is applied to; another rank is reported.
    pub fn image(&mut self) -> Option<[Dim; 3]> {
        match self.row().0.as_slice() {
            [height, width, channels] => Some([height.clone(), width.clone(), channels.clone()]),
            _ => {
                let row = self.row();
                let mut fault = Diagnostic::new(
                    Code::Rank,
                    self.span,
                    format!("`{}` works on an image [height, width, channels], not on {row}", self.def.signature.name),
                )
                .label(format!("applied to {row}"));
                if let [height, width] = row.dims() {
                    fault = fault.help(format!(
                        "an image with one channel is [{height}, {width}, 1]: declare the input so, or `reshape` it"
                    ));
                }
                self.cx.report_with_origin(fault, self.input);
                None
            }
        }
    }

    /// Whether what it is applied to is `f32`; anything else is reported.
    pub fn float(&mut self) -> Option<()> {
        self.cx.require_float_as(self.input, self.def.signature.name, self.span, "it").map(|_| ())
    }

    /// A parameter of the layer in PyTorch's layout, under PyTorch's name; nothing while a dimension is not known.
    pub fn parameter(&mut self, name: &str, dims: &[Dim], initializer: Initializer, role: Role) -> Option<ValueId> {
        let Some(dims) = self.sizes(dims) else {
            self.cx.incomplete = true;
            return None;
        };
        let name = format!("{}.{name}", self.name);
        if let Some(known) = self.cx.known_weight(&name, &dims, self.span) {
            return known;
        }
        let count = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
        let total = count.and_then(|count| self.cx.parameter_count.checked_add(count));
        match total.filter(|total| *total <= crate::check::MAX_PARAMETERS) {
            Some(total) => self.cx.parameter_count = total,
            None => {
                let shape = Shape::known(dims);
                let fault = Diagnostic::new(
                    Code::ModelTooLarge,
                    self.span,
                    format!("the model's parameters would hold more than {} numbers", crate::check::MAX_PARAMETERS),
                )
                .label(format!("`{name}` would be {shape}"));
                self.cx.report_with_origin(fault, self.input);
                return None;
            }
        }
        let weight = self.cx.builder.parameter(name.clone(), dims, initializer, role, self.span);
        self.cx.weights.insert(name, weight);
        Some(weight)
    }

    /// The dimensions of a weight as numbers; that only a run knows one is reported.
    fn sizes(&mut self, dims: &[Dim]) -> Option<Vec<usize>> {
        if let Some(dim) = dims.iter().find(|dim| matches!(dim, Dim::Symbolic(_))) {
            let what = format!("a weight of `{}`", self.def.signature.name);
            self.cx.only_a_run_knows(dim, &what, self.span);
        }
        dims.iter().map(Dim::known).collect()
    }

    /// A value of which only the shape is known.
    pub fn unknown(&mut self, dims: impl IntoIterator<Item = Dim>) -> ValueId {
        self.cx.builder.unknown(ElementType::F32, Shape::batched(dims), self.span)
    }

    /// Applies the activation the call gives to `x`.
    pub fn activate(&mut self, x: ValueId) -> ValueId {
        self.arguments.activation("activation").apply(&mut self.cx.builder, x, self.span)
    }
}

/// The `activation` parameter that several layers share.
const ACTIVATION: Parameter =
    Parameter::new("activation", Kind::Activation, Default::Word("linear"), "Applied to the result.")
        .also(&["act", "nonlinearity"]);

/// The `use_bias` parameter that several layers share.
const USE_BIAS: Parameter =
    Parameter::new("use_bias", Kind::Bool, Default::Bool(true), "Whether a learnt number is added to each output.")
        .also(&["bias"]);

/// The `kernel_initializer` parameter that several layers share.
const KERNEL_INITIALIZER: Parameter = Parameter::new(
    "kernel_initializer",
    Kind::Choice(&["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "zeros", "ones"]),
    Default::Word("glorot_uniform"),
    "How the weights start.",
);

/// The initializer a call chose for weights of these fans.
fn kernel_initializer(arguments: &Arguments<'_>, fan_in: usize, fan_out: usize) -> Initializer {
    match arguments.word("kernel_initializer") {
        "glorot_normal" => Initializer::glorot_normal(fan_in, fan_out),
        "he_uniform" => Initializer::he_uniform(fan_in),
        "he_normal" => Initializer::he_normal(fan_in),
        "zeros" => Initializer::Zeros,
        "ones" => Initializer::Ones,
        _ => Initializer::glorot_uniform(fan_in, fan_out),
    }
}
