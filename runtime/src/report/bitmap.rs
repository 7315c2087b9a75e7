//! A small picture in a page: a Windows bitmap, which every browser shows and nothing is needed to write.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An address that holds a picture of `height` by `width` points of one channel or three. Black to white is `range`, and without one from
/// the least value to the greatest.
pub(super) fn data_url(
    values: &[f64],
    range: Option<(f64, f64)>,
    height: usize,
    width: usize,
    channels: usize,
) -> String {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let found =
        || finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = range.unwrap_or_else(found);
    let span = if high > low { high - low } else { 1.0 };
    let byte = |value: f64| (((value - low) / span).clamp(0.0, 1.0) * 255.0).round() as u8;
    let line = (width * 3).next_multiple_of(4);
    let size = (54 + line * height) as u32;
    let mut bytes = Vec::with_capacity(size as usize);
    bytes.extend(b"BM");
    bytes.extend(size.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(54_u32.to_le_bytes());
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend((width as u32).to_le_bytes());
    // A height below zero: the first line stands on top.
    bytes.extend((-(height as i32)).to_le_bytes());
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    for row in values.chunks_exact(width * channels) {
        let start = bytes.len();
        for point in row.chunks_exact(channels) {
            let (red, green, blue) = match *point {
                [red, green, blue] => (red, green, blue),
                [grey, ..] => (grey, grey, grey),
                [] => continue,
            };
            bytes.extend([byte(blue), byte(green), byte(red)]);
        }
        bytes.resize(start + line, 0);
    }
    format!("data:image/bmp;base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_holds_its_points_line_by_line() {
        let url = data_url(&[0.0, 1.0, 1.0, 0.0, 0.0, 0.0], None, 2, 3, 1);
        let bytes = STANDARD.decode(url.strip_prefix("data:image/bmp;base64,").expect("the kind")).expect("base64");
        assert_eq!(bytes.len(), 54 + 2 * 12);
        let (white, black) = ([255_u8; 3], [0_u8; 3]);
        assert_eq!(bytes[54..66], [&black[..], &white, &white, &black].concat());
        assert_eq!(bytes[66..78], [0; 12]);
    }
}
