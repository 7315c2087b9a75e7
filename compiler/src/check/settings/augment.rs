//! What a training does to the images of its batches, and whether there are any.

use super::super::arguments::Arguments;
use super::super::context::Context;
use super::super::value::Value;
use super::{Rows, Settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, ElementType};
use crate::plan::{Augmentation, DataField, DataSignature};

/// Whether a field is an image: a byte for every channel of every pixel.
fn is_image(field: &DataField) -> bool {
    matches!(field.shape.0.as_slice(), [_, _, Dim::Known(1 | 3 | 4) | Dim::Unknown]) && field.element == ElementType::U8
}

impl Context<'_> {
    /// Whether what `augment` asks for can be done; reported where not: a dataset without images has nothing for it, and a part that
    /// is cut out must be in the image.
    pub(super) fn augmented(&mut self, bound: &Arguments<'_>, rows: &Rows, data: Option<&DataSignature>) -> bool {
        let Some(at) = bound.expr("augment").map(|expr| expr.span) else { return true };
        let given = settings(bound);
        if given.is_empty() || (data.is_none() && (rows.open || !rows.unshaped.is_empty())) {
            return true;
        }
        let fields = data.map_or(&rows.fields, |data| &data.fields);
        let Some(image) = fields.iter().find(|field| is_image(field)) else {
            let message = format!("`{}` has no images to change", rows.name);
            let fault = Diagnostic::new(Code::DataMismatch, at, message).label("is done to images");
            self.report(fault.related(rows.span, "declared here").help(
                "an image is a field `u8[height, width, channels]`, such as that of `images` and `idx`; a row of columns is none, even \
                 where `inputs` gives it the shape of one",
            ));
            return false;
        };
        let [Dim::Known(height), Dim::Known(width), _] = image.shape.0.as_slice() else { return true };
        let mut fits = true;
        for crop in given.iter().filter(|given| given.signature.name == "crop") {
            let Some(Augmentation::Crop { height: rows, width: columns, padding }) = augmentation(crop) else {
                continue;
            };
            if rows > height + 2 * padding || columns > width + 2 * padding {
                let message = format!("a part of {rows} by {columns} does not fit in an image of {height} by {width}");
                let fault = Diagnostic::new(Code::OutOfRange, crop.at("size"), message).label("larger than the image");
                self.report(fault.help("`padding` adds rows and columns around it first"));
                fits = false;
            }
        }
        fits
    }
}

/// What is given for `augment`, one after another.
fn settings<'b>(bound: &'b Arguments<'_>) -> Vec<&'b Settings> {
    let Some(Value::List(items)) = bound.value("augment") else { return Vec::new() };
    let one = |item: &'b Value| match item {
        Value::Settings(settings) => Some(settings.as_ref()),
        _ => None,
    };
    items.iter().filter_map(one).collect()
}

/// What a training does to its images; nothing where that is not known to the last number.
pub(super) fn plan(bound: &Arguments<'_>) -> Option<Vec<Augmentation>> {
    settings(bound).into_iter().map(augmentation).collect()
}

fn augmentation(given: &Settings) -> Option<Augmentation> {
    Some(match given.signature.name {
        "flip" => {
            let direction = given.word("direction");
            Augmentation::Flip {
                horizontal: direction != "vertical",
                vertical: direction != "horizontal",
                share: given.float("share"),
            }
        }
        "rotate" => Augmentation::Rotate { degrees: given.float("degrees") },
        "shift" => Augmentation::Shift { height: given.float("height"), width: given.float("width") },
        "zoom" => Augmentation::Zoom { share: given.float("share") },
        "crop" => {
            let [height, width] = given.sizes("size")?;
            let padding = usize::try_from(given.int("padding")?).ok()?;
            Augmentation::Crop { height, width, padding }
        }
        "brightness" => Augmentation::Brightness { share: given.float("share") },
        "contrast" => Augmentation::Contrast { share: given.float("share") },
        "noise" => Augmentation::Noise { deviation: given.float("deviation") },
        "erase" => Augmentation::Erase { area: given.float("area"), share: given.float("share") },
        _ => return None,
    })
}
