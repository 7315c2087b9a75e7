//! What is done to the images of a training batch.

/// One change, drawn anew for every row of every epoch. Each leaves an image the size it has.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Augmentation {
    /// Mirrored from side to side or upside down: either or both of those that are so, each for this share of rows.
    Flip {
        /// Whether sides change places.
        horizontal: bool,
        /// Whether top and bottom do.
        vertical: bool,
        /// The share of rows.
        share: f64,
    },
    /// Turned by up to so many degrees either way.
    Rotate {
        /// The largest angle.
        degrees: f64,
    },
    /// Moved by up to these shares of the height and the width, either way.
    Shift {
        /// Of the height.
        height: f64,
        /// Of the width.
        width: f64,
    },
    /// Made larger or smaller by up to a share.
    Zoom {
        /// The largest change.
        share: f64,
    },
    /// A part of this size is cut out, and brought to the size of the image where it is another.
    Crop {
        /// Rows of the part.
        height: usize,
        /// Columns of the part.
        width: usize,
        /// Black rows and columns that are first added on every side.
        padding: usize,
    },
    /// Up to this share of the full range is added or taken away.
    Brightness {
        /// The largest change.
        share: f64,
    },
    /// Every pixel moves away from the image's mean, or towards it, by up to this share of its distance.
    Contrast {
        /// The largest change.
        share: f64,
    },
    /// Normal noise is added.
    Noise {
        /// Its standard deviation, where 1 is the full range.
        deviation: f64,
    },
    /// A rectangle of up to this share of the image is made black.
    Erase {
        /// The largest rectangle.
        area: f64,
        /// The share of rows.
        share: f64,
    },
    /// Mixed with another of its batch, by a share of a beta distribution whose parameters both are this; the loss is that of both.
    Mixup {
        /// The parameters.
        alpha: f64,
    },
    /// A rectangle of another of its batch is put into it, whose area is such a share; the loss is that of both, by their areas.
    Cutmix {
        /// The parameters.
        alpha: f64,
    },
}

impl Augmentation {
    /// Whether it makes one row of two.
    pub fn mixes(&self) -> bool {
        matches!(self, Self::Mixup { .. } | Self::Cutmix { .. })
    }
}
