//! The sources of data: each is one entry here.

use crate::signature::{Default, Kind, Parameter, Signature};

/// `csv("file.csv", columns=[…], target=label)`
pub const CSV: Signature = Signature {
    name: "csv",
    summary: "A file of comma-separated values with a header line.",
    details: "Offers `columns`, the chosen columns as one `f32[k]` in the order they are chosen, and the target under its own \
              name: whole numbers or words are labels, other numbers are `f32`. In a column's name `*` stands for any characters.",
    parameters: &[
        Parameter::new("path", Kind::Text, Default::Required, "The file, relative to the program's."),
        Parameter::new(
            "columns",
            Kind::Columns,
            Default::Absent("all but the target"),
            "The columns that go into the model.",
        )
        .also(&["features", "inputs"]),
        Parameter::new("target", Kind::Column, Default::Required, "The column to learn.").also(&["label", "y"]),
    ],
    example: "dataset Digits = csv(\"digits.csv\", columns=[\"pixel_*\"], target=label)",
};

/// `idx(images="…", labels="…")`
pub const IDX: Signature = Signature {
    name: "idx",
    summary: "Images and labels in the format of MNIST, gzip or not.",
    details: "Offers `image`, a `u8[height, width, 1]`, and `label`.",
    parameters: &[
        Parameter::new("images", Kind::Text, Default::Required, "The file of images, relative to the program's."),
        Parameter::new("labels", Kind::Text, Default::Required, "The file of labels, relative to the program's."),
    ],
    example: "dataset Mnist = idx(images=\"train-images-idx3-ubyte.gz\", labels=\"train-labels-idx1-ubyte.gz\")",
};

/// Every source of data, in the order the docs list them.
pub const SOURCES: &[&Signature] = &[&CSV, &IDX];
