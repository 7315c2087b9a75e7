//! What convolutions and pools share: windows that slide over the spatial axes of a value.

use super::Apply;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::infer::reach;
use crate::ir::{Dim, same_padding};
use crate::signature::{Default, Kind, Parameter};

/// The `padding` parameter of everything that slides.
pub(super) const PADDING: Parameter = Parameter::new(
    "padding",
    Kind::Choice(&["valid", "same"]),
    Default::Word("valid"),
    "`valid` adds nothing; `same` adds a border, so that with strides of 1 the size stays.",
);

/// The same where what comes before counts alone.
pub(super) const CAUSAL_PADDING: Parameter = Parameter::new(
    "padding",
    Kind::Choice(&["valid", "same", "causal"]),
    Default::Word("valid"),
    "`valid` adds nothing; `same` adds a border, so that with strides of 1 the size stays; `causal` adds it before the \
     first step alone, so that no step sees a later one.",
);

pub(super) const fn strides(axes: usize, default: Default) -> Parameter {
    let summary = match default {
        Default::Absent(_) => "Steps from one window to the next; the window's own size where nothing is given.",
        _ => "Steps from one window to the next.",
    };
    Parameter::new("strides", Kind::Sizes { axes, min: 1 }, default, summary).also(&["stride"])
}

pub(super) const fn kernel_size(axes: usize) -> Parameter {
    Parameter::new("kernel_size", Kind::Sizes { axes, min: 1 }, Default::Required, "The size of the window.")
        .also(&["kernel", "size"])
}

pub(super) const fn dilation_rate(axes: usize) -> Parameter {
    let summary = "Steps from one element of the window to the next.";
    Parameter::new("dilation_rate", Kind::Sizes { axes, min: 1 }, Default::Int(1), summary).also(&["dilation"])
}

/// How a window slides.
pub(super) struct Window {
    pub(super) size: Vec<usize>,
    pub(super) strides: Vec<usize>,
    pub(super) dilation: Vec<usize>,
}

impl Window {
    /// The window that `kernel_size`, `strides` and `dilation_rate` say; nothing while they are not known.
    pub(super) fn of_kernel(layer: &mut Apply<'_, '_, '_>) -> Option<Self> {
        let arguments = layer.arguments;
        let sizes = [arguments.sizes("kernel_size"), arguments.sizes("strides"), arguments.sizes("dilation_rate")];
        let [Some(size), Some(strides), Some(dilation)] = sizes else {
            layer.cx.incomplete = true;
            return None;
        };
        Some(Self { size, strides, dilation })
    }

    /// Reports strides and dilation that are both above 1.
    pub(super) fn strided_or_dilated(&self, layer: &mut Apply<'_, '_, '_>) -> Option<()> {
        let above = |sizes: &[usize]| sizes.iter().any(|size| *size > 1);
        if !above(&self.strides) || !above(&self.dilation) {
            return Some(());
        }
        let message = "`strides` and `dilation_rate` cannot both be above 1";
        let fault = layer
            .refuse(Code::OutOfRange, "dilation_rate", message.into(), "dilated")
            .related(layer.arguments.span("strides", layer.span), "and strided");
        layer.cx.report(fault);
        None
    }

    /// The border that `padding` asks for around axes of those lengths; a window that then fits nowhere is reported.
    ///
    /// `same` pads so that the output is `ceil(length / stride)`, the odd one after, as Keras and TensorFlow do.
    pub(super) fn padding(&self, layer: &mut Apply<'_, '_, '_>, lengths: &[Dim]) -> Option<Vec<(usize, usize)>> {
        let how = layer.arguments.word("padding").to_owned();
        let mut border = Vec::new();
        for (axis, length) in lengths.iter().enumerate() {
            let (size, stride, dilation) = (self.size[axis], self.strides[axis], self.dilation[axis]);
            if dilation.checked_mul(size - 1).and_then(|reach| reach.checked_add(1)).is_none() {
                self.too_large(layer, lengths);
                return None;
            }
            let reach = reach(size, dilation);
            border.push(match how.as_str() {
                "same" => match same_padding(layer.cx.builder.facts(), length, size, stride, dilation) {
                    Some(border) => border,
                    None if *length == Dim::Unknown => (0, 0),
                    None => {
                        self.not_known(layer, length, stride);
                        return None;
                    }
                },
                "causal" => (reach - 1, 0),
                _ if length.known().is_some_and(|length| reach > length) => {
                    self.too_large(layer, lengths);
                    return None;
                }
                _ => (0, 0),
            });
        }
        Some(border)
    }

    fn not_known(&self, layer: &mut Apply<'_, '_, '_>, length: &Dim, stride: usize) {
        let message = format!("how much `padding=same` adds depends on `{length}`, which is known in a run only");
        let fault = layer.refuse(Code::OnlyInARun, "padding", message, &format!("`{length}` may be any number")).help(
            format!("`check {length} % {stride} == 0` in the model's body says that it is a multiple of the stride"),
        );
        layer.cx.report_with_origin(fault, layer.input);
    }

    fn too_large(&self, layer: &mut Apply<'_, '_, '_>, lengths: &[Dim]) {
        let name = if layer.def.signature.parameter("kernel_size").is_some() { "kernel_size" } else { "pool_size" };
        let at = layer.arguments.span(name, layer.span);
        let by = |sizes: Vec<String>| sizes.join(" by ");
        let size =
            by(self.size.iter().zip(&self.dilation).map(|(size, step)| reach(*size, *step).to_string()).collect());
        let place = match lengths {
            [steps] => format!("a sequence of {steps}"),
            [_, _] => format!("an image of {}", by(lengths.iter().map(Dim::to_string).collect())),
            _ => format!("a volume of {}", by(lengths.iter().map(Dim::to_string).collect())),
        };
        let row = layer.cx.row(layer.input);
        let message = format!("a window of {size} does not fit in {place}");
        let mut fault = Diagnostic::new(Code::WindowTooLarge, at, message)
            .label(format!("reaches {size}"))
            .help("`padding=same` adds a border; or the layers before make the value too small");
        if let ([Dim::Known(1 | 3), Dim::Known(height)], Some(Dim::Known(width))) = (lengths, row.0.last())
            && *height > 8
            && *width > 8
        {
            let channels = lengths[0].clone();
            fault = fault.help(format!("images are channels-last: `[{height}, {width}, {channels}]`"));
        }
        if let Some(padding) = layer.arguments.expr("padding") {
            fault = fault.fix("pad it with `same`", padding.span, "same", Applicability::Guess);
        }
        layer.cx.report_with_origin(fault, layer.input);
    }
}
