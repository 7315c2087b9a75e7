//! The tensors that hold a value: channels last as the language has it, channels first as ONNX's images are, or both.

/// The order of the dimensions of a value with spatial axes. What has none is always [`Layout::ChannelsLast`]: as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[N, …, channels]`
    ChannelsLast,
    /// `[N, channels, …]`
    ChannelsFirst,
}

/// Whether a value of so many dimensions can have spatial axes: a sequence, an image or a volume.
pub(super) fn has_layouts(rank: usize) -> bool {
    (3..=5).contains(&rank)
}

impl Layout {
    /// Where each dimension of a value in this layout stands in the other: the permutation that makes it.
    pub(super) fn permutation(self, rank: usize) -> Vec<i64> {
        let rank = rank as i64;
        match self {
            Self::ChannelsLast => [0].into_iter().chain(2..rank).chain([1]).collect(),
            Self::ChannelsFirst => [0, rank - 1].into_iter().chain(1..rank - 1).collect(),
        }
    }

    /// The axis of the channels-last value of that rank in this layout.
    pub(super) fn axis(self, axis: usize, rank: usize) -> usize {
        match self {
            Self::ChannelsFirst if has_layouts(rank) && axis + 1 == rank => 1,
            Self::ChannelsFirst if has_layouts(rank) && axis > 0 => axis + 1,
            _ => axis,
        }
    }

    /// What is said of each dimension of a channels-last value, in this layout.
    pub(super) fn arrange<T: Clone>(self, dims: &[T]) -> Vec<T> {
        match (self, dims) {
            (Self::ChannelsFirst, [n, sizes @ .., c]) if has_layouts(dims.len()) => {
                [n, c].into_iter().chain(sizes).cloned().collect()
            }
            _ => dims.to_vec(),
        }
    }

    /// How names tell the two apart.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::ChannelsLast => "nhwc",
            Self::ChannelsFirst => "nchw",
        }
    }
}

/// The names of the tensors that hold a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// As the language has it.
    pub(super) channels_last: Option<String>,
    /// As ONNX's images are.
    pub(super) channels_first: Option<String>,
}

impl Held {
    /// The tensor in that layout.
    pub(super) fn get(&self, layout: Layout) -> Option<&String> {
        match layout {
            Layout::ChannelsLast => self.channels_last.as_ref(),
            Layout::ChannelsFirst => self.channels_first.as_ref(),
        }
    }

    /// Notes the tensor in that layout.
    pub(super) fn set(&mut self, layout: Layout, name: String) {
        match layout {
            Layout::ChannelsLast => self.channels_last = Some(name),
            Layout::ChannelsFirst => self.channels_first = Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_layouts_turn_into_each_other() {
        for rank in 3..=5 {
            let axes: Vec<usize> = (0..rank).collect();
            let first = Layout::ChannelsFirst.arrange(&axes);
            let turned: Vec<usize> =
                Layout::ChannelsFirst.permutation(rank).iter().map(|axis| *axis as usize).collect();
            assert_eq!(first, turned);
            let back: Vec<usize> =
                Layout::ChannelsLast.permutation(rank).iter().map(|axis| first[*axis as usize]).collect();
            assert_eq!(back, axes);
            assert!(axes.iter().all(|axis| first[Layout::ChannelsFirst.axis(*axis, rank)] == *axis));
        }
        assert_eq!(Layout::ChannelsFirst.axis(1, 2), 1);
    }
}
