//! What `augment` does to images while training, and never in validation or prediction. Each is one entry here.

use super::{float, int, method, required, signature, word};
use crate::signature::{Bounds, Kind, Method, Methods, Parameter};

const SHARE: Parameter = float("share", Bounds::FRACTION, 0.5, "The share of rows it is done to.").also(&["p"]);

/// What two rows that become one mean for what is learnt, and what is measured.
const MIXED: &str = "The other is drawn among the rows of the batch. The loss is that of both labels, each by its share of the picture, and so \
                     are class weights; what is measured on training rows compares with the label that has the larger share. With `mixup` \
                     and `cutmix` both, one of them is drawn for each row.";

/// Every augmentation.
pub const AUGMENTATIONS: Methods = Methods {
    noun: "augmentation",
    all: &[
        method(
            "flip",
            "Mirrors.",
            &[word("direction", &["horizontal", "vertical", "both"], "horizontal", "Which way."), SHARE],
            "flip(horizontal)",
        )
        .also(&["RandomFlip", "horizontal_flip", "RandomHorizontalFlip"]),
        method(
            "rotate",
            "Turns by an angle up to `degrees` either way; what comes in from outside is the nearest pixel of the border.",
            &[required(
                "degrees",
                Kind::Float(Bounds { max: 180.0, max_included: true, ..Bounds::POSITIVE }),
                "The largest angle.",
            )],
            "rotate(10)",
        )
        .also(&["RandomRotation", "rotation"]),
        method(
            "shift",
            "Moves by up to a share of the image's height and width.",
            &[float("height", Bounds::SHARE, 0.1, "Up or down."), float("width", Bounds::SHARE, 0.1, "To a side.")],
            "shift(0.1, 0.1)",
        )
        .also(&["RandomTranslation", "translate"]),
        method(
            "zoom",
            "Enlarges or shrinks by up to a share.",
            &[required("share", Kind::Float(Bounds::BETWEEN), "The largest change.")],
            "zoom(0.2)",
        )
        .also(&["RandomZoom", "scale"]),
        method(
            "crop",
            "Cuts a part of this size out of the image, with so many black rows and columns added around it first; a part of another \
             size than the image is brought to that.",
            &[
                required("size", Kind::Sizes { axes: 2, min: 1 }, "Height and width of the part."),
                int("padding", 0, 0, "Rows and columns added on every side."),
            ],
            "crop(size=[32, 32], padding=4)",
        )
        .also(&["RandomCrop"]),
        method(
            "brightness",
            "Adds up to a share of the full range, or takes it away.",
            &[required("share", Kind::Float(Bounds::FRACTION), "The largest change.")],
            "brightness(0.2)",
        )
        .also(&["RandomBrightness"]),
        method(
            "contrast",
            "Moves every pixel away from the mean, or towards it, by up to a share.",
            &[required("share", Kind::Float(Bounds::FRACTION), "The largest change.")],
            "contrast(0.2)",
        )
        .also(&["RandomContrast"]),
        method(
            "noise",
            "Adds normal noise.",
            &[required(
                "deviation",
                Kind::Float(Bounds::POSITIVE),
                "Its standard deviation, where 1 is the full range.",
            )],
            "noise(0.05)",
        )
        .also(&["GaussianNoise"]),
        method(
            "erase",
            "Blanks a rectangle of up to a share of the image.",
            &[float("area", Bounds::BETWEEN, 0.2, "The largest share of the image."), SHARE],
            "erase(area=0.1)",
        )
        .also(&["RandomErasing", "cutout"]),
        Method::new(signature(
            "mixup",
            "Mixes every picture with another, and their labels, by a share drawn from a beta distribution (Zhang and others, 2018).",
            MIXED,
            &[float("alpha", Bounds::POSITIVE, 0.2, "Both parameters of the distribution.")],
            "mixup(alpha=0.2)",
        ))
        .also(&["MixUp"]),
        Method::new(signature(
            "cutmix",
            "Puts a rectangle of another picture into every one, and mixes their labels by its area, whose share is drawn from a beta \
             distribution (Yun and others, 2019).",
            MIXED,
            &[float("alpha", Bounds::POSITIVE, 1.0, "Both parameters of the distribution.")],
            "cutmix(alpha=1.0)",
        ))
        .also(&["CutMix"]),
    ],
};
