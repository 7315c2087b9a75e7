//! `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`.

use super::apply::Weight;
use super::convolution::{FILTERS, bias};
use super::settings::{
    ACTIVATION, BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE, USE_BIAS,
};
use super::window::{PADDING, Window, dilation_rate, kernel_size, strides};
use super::{Apply, LayerDef};
use crate::diagnostics::Code;
use crate::ir::infer::reach;
use crate::ir::{Dim, Op, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const fn parameters(axes: usize) -> [Parameter; 14] {
    [
        FILTERS,
        kernel_size(axes),
        strides(axes, Default::Int(1)),
        PADDING,
        Parameter::new(
            "output_padding",
            Kind::Sizes { axes, min: 0 },
            Default::Absent("what makes the size the input's times the strides"),
            "How many steps are added after each axis.",
        ),
        dilation_rate(axes),
        ACTIVATION,
        USE_BIAS,
        KERNEL_INITIALIZER,
        BIAS_INITIALIZER,
        KERNEL_REGULARIZER,
        BIAS_REGULARIZER,
        NAME,
        TRAINABLE,
    ]
}

const DETAILS: &str = "The opposite of a convolution of the same settings, which makes a value larger by its strides. With \
                       `padding=same` each axis becomes its length times the stride; with `valid` it becomes \
                       `(length - 1) * stride + max(kernel_size, stride)`.";

/// `Conv1DTranspose(filters, kernel_size, …)`
pub const CONV1D_TRANSPOSE: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv1DTranspose",
        summary: "A transposed convolution over a sequence [steps, channels].",
        details: DETAILS,
        parameters: &parameters(1),
        example: "Conv1DTranspose(32, 4, strides=2, padding=same)",
    },
    aliases: &["ConvTranspose1d", "LazyConvTranspose1d"],
    build: |layer| build(layer, 1),
};

/// `Conv2DTranspose(filters, kernel_size, …)`
pub const CONV2D_TRANSPOSE: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv2DTranspose",
        summary: "A transposed convolution over an image [height, width, channels].",
        details: DETAILS,
        parameters: &parameters(2),
        example: "Conv2DTranspose(32, 2, strides=2)",
    },
    aliases: &["ConvTranspose2d", "LazyConvTranspose2d", "Deconvolution2D"],
    build: |layer| build(layer, 2),
};

/// `Conv3DTranspose(filters, kernel_size, …)`
pub const CONV3D_TRANSPOSE: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv3DTranspose",
        summary: "A transposed convolution over a volume [depth, height, width, channels].",
        details: DETAILS,
        parameters: &parameters(3),
        example: "Conv3DTranspose(8, 2, strides=2)",
    },
    aliases: &["ConvTranspose3d", "LazyConvTranspose3d"],
    build: |layer| build(layer, 3),
};

/// The furthest a window may reach: further than any value is long.
const MAX_REACH: usize = 1 << 31;

/// What is cut off before and after an axis, and what is added after it, of `(length - 1) * stride + reach`: Keras's rule.
fn border(reach: usize, stride: usize, same: bool, more: Option<usize>) -> Option<((usize, usize), usize)> {
    // How much of the padding that a full correlation would have stays, before and after.
    let (before, after) = match (same, more) {
        (false, more) => (reach - 1, reach - 1 + more.unwrap_or(reach.max(stride) - reach)),
        (true, more) => {
            let total = match more {
                None => stride + reach - 2,
                Some(more) => (reach + reach % 2 + more).checked_sub(2)?,
            };
            let before = (total / 2 + total % 2).min(reach - 1);
            (before, total - before)
        }
    };
    let cut = (reach - 1 - before, (reach - 1).saturating_sub(after));
    Some((cut, after.saturating_sub(reach - 1)))
}

fn build(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (lengths, channels) = layer.spatial(axes)?;
    let filters = layer.arguments.int("filters").map_or(Dim::Unknown, Dim::Known);
    let unknown = || vec![Dim::Unknown; axes].into_iter().chain([filters.clone()]);
    let Some(window) = Window::of_kernel(layer) else { return Some(layer.unknown(unknown())) };
    window.strided_or_dilated(layer)?;
    let Window { size, strides, dilation } = window;
    let arguments = layer.arguments;
    let more = arguments.sizes("output_padding");
    let same = arguments.word("padding") == "same";
    let (mut padding, mut output_padding) = (Vec::new(), Vec::new());
    for axis in 0..axes {
        let (stride, more) = (strides[axis], more.as_ref().map(|more| more[axis]));
        if let Some(more) = more.filter(|more| *more >= stride) {
            let message = format!("`output_padding` is less than the stride of {stride}, not {more}");
            let fault = layer.refuse(Code::OutOfRange, "output_padding", message, "no window would reach it");
            layer.cx.report(fault);
            return None;
        }
        let reach = reach(size[axis], dilation[axis]);
        if reach.max(stride) > MAX_REACH {
            let message = format!("a window reaches at most {MAX_REACH} steps, this one {}", reach.max(stride));
            let fault = layer.refuse(Code::WindowTooLarge, "kernel_size", message, "too large");
            layer.cx.report(fault);
            return None;
        }
        let Some((cut, added)) = border(reach, stride, same, more) else {
            let message = "this `output_padding` leaves nothing of a window of 1".to_owned();
            let fault = layer.refuse(Code::OutOfRange, "output_padding", message, "too small");
            layer.cx.report(fault);
            return None;
        };
        padding.push(cut);
        output_padding.push(added);
    }
    let nothing = lengths.iter().enumerate().find(|(axis, length)| {
        let cut = padding[*axis].0 + padding[*axis].1;
        let whole = |length: usize| {
            (length.saturating_sub(1)).saturating_mul(strides[*axis])
                + reach(size[*axis], dilation[*axis])
                + output_padding[*axis]
        };
        length.known().is_some_and(|length| whole(length) <= cut)
    });
    if nothing.is_some() {
        let message = format!("nothing is left of {} when the border is cut off", layer.row());
        let fault = layer.refuse(Code::WindowTooLarge, "padding", message, "cuts off more than there is");
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    }
    let shape: Vec<Dim> = size.iter().copied().map(Dim::Known).chain([filters.clone(), channels]).collect();
    let order: Vec<usize> = [axes + 1, axes].into_iter().chain(0..axes).collect();
    let kernel = layer.started(Weight::new("kernel", "weight", shape).turned(order), "kernel");
    let Some(kernel) = layer.weight(kernel) else { return Some(layer.unknown(unknown())) };
    let mut operands = vec![layer.input, kernel];
    operands.extend(bias(layer, filters)?);
    let out = layer.node(Op::ConvTranspose { strides, dilation, padding, output_padding, groups: 1 }, operands);
    layer.activate(out)
}

#[cfg(test)]
mod tests {
    use super::border;

    fn length(input: usize, reach: usize, stride: usize, same: bool, more: Option<usize>) -> usize {
        let ((before, after), added) = border(reach, stride, same, more).expect("a border");
        (input - 1) * stride + reach + added - before - after
    }

    #[test]
    fn lengths_are_those_of_keras() {
        for reach in 1..6 {
            for stride in 1..4 {
                assert_eq!(length(5, reach, stride, true, None), 5 * stride);
                assert_eq!(length(5, reach, stride, false, None), 4 * stride + reach.max(stride));
                for more in 0..stride {
                    assert_eq!(length(5, reach, stride, false, Some(more)), 4 * stride + reach + more);
                    if reach > 1 {
                        assert_eq!(length(5, reach, stride, true, Some(more)), 4 * stride + reach % 2 + more);
                    }
                }
            }
        }
    }
}
