//! `Conv2D`: a convolution over an image.

use super::window::{PADDING, Window};
use super::{ACTIVATION, Apply, KERNEL_INITIALIZER, LayerDef, USE_BIAS, kernel_initializer};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Initializer, Op, Role, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Conv2D(filters, kernel_size, strides=1, padding=valid, …)`
pub const CONV2D: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv2D",
        summary: "A convolution over an image [height, width, channels] that makes `filters` channels.",
        details: "The layout is channels-last. Strides above 1 and `dilation_rate` above 1 do not go together, as in Keras.",
        parameters: &[
            Parameter::new("filters", Kind::Int { min: 1 }, Default::Required, "How many channels it makes.")
                .also(&["out_channels", "channels"]),
            Parameter::new(
                "kernel_size",
                Kind::Pair { min: 1 },
                Default::Required,
                "The height and width of the window.",
            )
            .also(&["kernel", "size"]),
            Parameter::new(
                "strides",
                Kind::Pair { min: 1 },
                Default::Int(1),
                "Rows and columns from one window to the next.",
            )
            .also(&["stride"]),
            PADDING,
            Parameter::new(
                "dilation_rate",
                Kind::Pair { min: 1 },
                Default::Int(1),
                "Rows and columns from one element of the window to the next.",
            )
            .also(&["dilation"]),
            Parameter::new(
                "groups",
                Kind::Int { min: 1 },
                Default::Int(1),
                "The channels are split into so many groups that do not see each other.",
            ),
            ACTIVATION,
            USE_BIAS,
            KERNEL_INITIALIZER,
        ],
        example: "Conv2D(32, 3, activation=relu)",
    },
    aliases: &["Conv2d", "LazyConv2d", "Convolution2D"],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let [height, width, channels] = layer.image()?;
    let filters = layer.arguments.int("filters").map_or(Dim::Unknown, Dim::Known);
    let (Some(size), Some(strides), Some(dilation), Some(groups)) = (
        layer.arguments.pair("kernel_size"),
        layer.arguments.pair("strides"),
        layer.arguments.pair("dilation_rate"),
        layer.arguments.int("groups"),
    ) else {
        return Some(layer.unknown([Dim::Unknown, Dim::Unknown, filters]));
    };
    if strides != [1, 1] && dilation != [1, 1] {
        layer.cx.report(
            Diagnostic::new(
                Code::OutOfRange,
                layer.arguments.span("dilation_rate", layer.span),
                "`strides` and `dilation_rate` cannot both be above 1",
            )
            .label("dilated")
            .related(layer.arguments.span("strides", layer.span), "and strided"),
        );
        return None;
    }
    for (count, what) in [(&channels, "input channels"), (&filters, "filters")] {
        if let Some(count) = count.known().filter(|count| count % groups != 0) {
            let at = layer.arguments.span("groups", layer.span);
            let fault = Diagnostic::new(
                Code::OutOfRange,
                at,
                format!("{count} {what} cannot be split into {groups} equal groups"),
            )
            .label(format!("does not divide {count}"));
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        }
    }
    let window = Window { size, strides, dilation };
    let padding = window.padding(layer, &height, &width)?;

    let group_channels = channels.known().map_or(Dim::Unknown, |channels| Dim::Known(channels / groups));
    let area = size[0].saturating_mul(size[1]);
    // Keras's fans count every channel of the kernel, whatever the groups.
    let fan_in = area.saturating_mul(group_channels.known().unwrap_or(1));
    let fan_out = area.saturating_mul(filters.known().unwrap_or(1));
    let dims = [filters.clone(), group_channels, Dim::Known(size[0]), Dim::Known(size[1])];
    let initializer = kernel_initializer(layer.arguments, fan_in, fan_out);
    let Some(weight) = layer.parameter("weight", &dims, initializer, Role::Trainable) else {
        return Some(layer.unknown([Dim::Unknown, Dim::Unknown, filters]));
    };
    let mut operands = vec![layer.input, weight];
    if layer.arguments.bool("use_bias") {
        operands.push(layer.parameter("bias", &[filters], Initializer::Zeros, Role::Trainable)?);
    }
    let op = Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding, groups };
    let out = layer.cx.builder.node(op, operands, layer.span);
    Some(layer.activate(out))
}
