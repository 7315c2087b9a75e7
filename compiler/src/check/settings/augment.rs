//! What a training does to the images of its batches, and whether there are any.

use super::super::arguments::Arguments;
use super::super::context::Context;
use super::super::scope::Binding;
use super::super::value::Value;
use super::{Rows, Settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Shape, ValueId};
use crate::plan::{
    Augmentation, DataField, DataSignature, PARTNER_TARGET_INPUT, PARTNER_WEIGHT_INPUT, ROW_WEIGHT_INPUT,
};
use crate::settings::losses::{Losses, Teaches};
use crate::suggest::either;

/// What was asked for cannot be done, and it was reported why.
pub(super) struct Refused;

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

    /// The loss of both of two rows that `augment` mixes, each by its share; nothing where it mixes none. `again` computes the loss once
    /// more, of the other row's target.
    pub(super) fn mixed(
        &mut self,
        bound: &Arguments<'_>,
        losses: &Losses,
        rows: &Rows,
        again: impl FnOnce(&mut Self) -> Option<Losses>,
    ) -> Result<Option<ValueId>, Refused> {
        let mixes = |given: &&Settings| augmentation(given).is_some_and(|change| change.mixes());
        let mixing: Vec<&Settings> = settings(bound).into_iter().filter(mixes).collect();
        let target = rows.target.as_ref().filter(|_| !mixing.is_empty());
        let Some((target, binding)) = target.and_then(|target| Some((target, self.scope.get(target)?.clone()))) else {
            return Ok(None);
        };
        let Value::Tensor(own) = binding.value else { return Ok(None) };
        let read = self.read_by(losses.rows);
        // Where the images themselves are what is learnt, they are mixed already.
        if !read.contains(&own) {
            return Ok(None);
        }
        for mixing in mixing {
            self.may_mix(mixing, losses, rows, own, &read)?;
        }
        let (element, shape, span) = {
            let value = self.builder.value(own);
            (value.element, value.shape.clone(), value.span)
        };
        let partner = self.builder.input(PARTNER_TARGET_INPUT, element, shape, span);
        let quiet = std::mem::replace(&mut self.quiet, true);
        self.scope.enter();
        self.define(target, Binding { value: Value::Tensor(partner), ..binding });
        let other = again(self);
        self.scope.leave();
        self.quiet = quiet;
        let mut counted = |rows: ValueId, name: &str| {
            let weight = self.builder.input(name, ElementType::F32, Shape::batched([]), span);
            self.builder.binary(Binary::Multiply, rows, weight, span)
        };
        let Some(other) = other else { return Ok(None) };
        let (own, other) = (counted(losses.rows, ROW_WEIGHT_INPUT), counted(other.rows, PARTNER_WEIGHT_INPUT));
        Ok(Some(self.builder.binary(Binary::Add, own, other, span)))
    }

    /// Refuses to mix rows of which a loss reads other fields too, or whose labels stand at places of them.
    fn may_mix(
        &mut self,
        mixing: &Settings,
        losses: &Losses,
        rows: &Rows,
        own: ValueId,
        read: &[ValueId],
    ) -> Result<(), Refused> {
        let name = mixing.signature.name;
        let graph = self.builder.graph();
        let is_image = |id: &ValueId| {
            let value = graph.value(*id);
            value.element == ElementType::U8 && matches!(value.shape.row().dims(), [_, _, _])
        };
        let others: Vec<String> =
            read.iter().filter(|id| **id != own && !is_image(id)).map(|id| graph.value(*id).name.to_string()).collect();
        let fault = if !others.is_empty() {
            let names = either(others.iter().map(String::as_str)).replace(" or ", " and ");
            let verb = if others.len() == 1 { "is" } else { "are" };
            let message = format!("`{name}` mixes pictures and what is learnt of them, and {names} {verb} read too");
            Diagnostic::new(Code::DataMismatch, mixing.span, message)
                .label(format!("would leave {names} as of one row"))
                .related(rows.span, "declared here")
        } else if name == "cutmix" && losses.teaches == Teaches::Tokens {
            let message = "`cutmix` mixes one label a picture, and here each place of it has one";
            Diagnostic::new(Code::LossMismatch, mixing.span, message)
                .label("would leave the labels where they were")
                .help("`mixup` mixes the losses of all places")
        } else {
            return Ok(());
        };
        self.report(fault);
        Err(Refused)
    }

    /// The inputs that a value is computed of.
    fn read_by(&self, value: ValueId) -> Vec<ValueId> {
        let graph = self.builder.graph();
        let mut needed = vec![false; graph.values.len()];
        needed[value.index()] = true;
        for node in graph.nodes.iter().rev().filter(|node| !node.inputs.is_empty()) {
            if needed[node.output.index()] {
                node.inputs.iter().for_each(|input| needed[input.index()] = true);
            }
        }
        graph.inputs.iter().copied().filter(|input| needed[input.index()]).collect()
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
        "mixup" => Augmentation::Mixup { alpha: given.float("alpha") },
        "cutmix" => Augmentation::Cutmix { alpha: given.float("alpha") },
        _ => return None,
    })
}
