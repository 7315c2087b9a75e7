//! The tensors that hold a value: channels last as the language has it, channels first as ONNX's images are, or both.

/// The order of the dimensions of an image. What is not of four dimensions is always [`Layout::ChannelsLast`]: as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[N, height, width, channels]`
    ChannelsLast,
    /// `[N, channels, height, width]`
    ChannelsFirst,
}

impl Layout {
    /// Where each dimension of an image in this layout stands in the other: the permutation that makes it.
    pub(super) fn permutation(self) -> [i64; 4] {
        match self {
            Self::ChannelsLast => [0, 2, 3, 1],
            Self::ChannelsFirst => [0, 3, 1, 2],
        }
    }

    /// The axis of the channels-last image in this layout.
    pub(super) fn axis(self, axis: usize) -> usize {
        match (self, axis) {
            (Self::ChannelsFirst, 1) => 2,
            (Self::ChannelsFirst, 2) => 3,
            (Self::ChannelsFirst, 3) => 1,
            _ => axis,
        }
    }

    /// The dimensions of a channels-last shape, in this layout.
    pub(super) fn arrange<T: Clone>(self, dims: &[T]) -> Vec<T> {
        match (self, dims) {
            (Self::ChannelsFirst, [n, h, w, c]) => [n, c, h, w].map(T::clone).to_vec(),
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
