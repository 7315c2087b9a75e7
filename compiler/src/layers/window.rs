//! What convolutions and pools share: windows that slide over an image.

use super::Apply;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::Dim;
use crate::signature::{Default, Kind, Parameter};

/// The `padding` parameter of everything that slides.
pub(super) const PADDING: Parameter = Parameter::new(
    "padding",
    Kind::Choice(&["valid", "same"]),
    Default::Word("valid"),
    "`valid` adds nothing; `same` adds a border, so that with strides of 1 the size stays.",
);

/// How a window slides.
pub(super) struct Window {
    pub(super) size: [usize; 2],
    pub(super) strides: [usize; 2],
    pub(super) dilation: [usize; 2],
}

impl Window {
    /// The border that `padding` asks for on an image of that height and width; a window that then fits nowhere is reported.
    ///
    /// `same` pads so that the output is `ceil(length / stride)`, the odd one after, as Keras and TensorFlow do.
    pub(super) fn padding(
        &self,
        layer: &mut Apply<'_, '_, '_>,
        height: &Dim,
        width: &Dim,
    ) -> Option<Vec<(usize, usize)>> {
        let same = layer.arguments.word("padding") == "same";
        let mut border = [(0, 0); 2];
        for (axis, length) in [height, width].into_iter().enumerate() {
            let reach = self.dilation[axis].checked_mul(self.size[axis] - 1).and_then(|reach| reach.checked_add(1));
            let (Some(length), Some(reach)) = (length.known(), reach) else {
                if reach.is_none() {
                    self.too_large(layer, height, width);
                    return None;
                }
                continue;
            };
            if same {
                let outputs = length.div_ceil(self.strides[axis]);
                let needed = (outputs.saturating_sub(1)).saturating_mul(self.strides[axis]).saturating_add(reach);
                let total = needed.saturating_sub(length);
                border[axis] = (total / 2, total - total / 2);
            } else if reach > length {
                self.too_large(layer, height, width);
                return None;
            }
        }
        Some(border.to_vec())
    }

    fn too_large(&self, layer: &mut Apply<'_, '_, '_>, height: &Dim, width: &Dim) {
        let name = if layer.def.signature.parameter("kernel_size").is_some() { "kernel_size" } else { "pool_size" };
        let at = layer.arguments.span(name, layer.span);
        let [rows, columns] =
            [0, 1].map(|axis| self.dilation[axis].saturating_mul(self.size[axis] - 1).saturating_add(1));
        let fault = Diagnostic::new(
            Code::WindowTooLarge,
            at,
            format!("a window of {rows} by {columns} does not fit in an image of {height} by {width}"),
        )
        .label(format!("reaches {rows} by {columns}"))
        .help("`padding=same` adds a border; or the layers before make the image too small");
        layer.cx.report_with_origin(fault, layer.input);
    }
}
