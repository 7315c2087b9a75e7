//! Rows of numbers as pictures: a file for each, and one that shows them side by side.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage, RgbaImage};

/// The most pictures that stand on a sheet.
pub const MAX_ON_SHEET: usize = 400;

/// Points that a small picture has on a sheet at least, each of its own made larger.
const LEAST_SHOWN: usize = 56;

/// Points between the pictures of a sheet.
const GAP: usize = 4;

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureShape {
    /// Rows of points.
    pub height: usize,
    /// Points a row.
    pub width: usize,
    /// Numbers a point: 1 is grey, 3 are colours, 4 have transparency.
    pub channels: usize,
}

/// The longest side of a picture.
const MAX_SIDE: usize = 1 << 14;

impl PictureShape {
    /// What the rows of a value are as pictures, if they are of rows of points of 1, 3 or 4 numbers.
    pub fn of(shape: &[usize]) -> Option<Self> {
        match *shape {
            [height @ 1..=MAX_SIDE, width @ 1..=MAX_SIDE, channels @ (1 | 3 | 4)] => {
                Some(Self { height, width, channels })
            }
            _ => None,
        }
    }

    /// How many numbers a picture is.
    pub fn numbers(&self) -> usize {
        self.height * self.width * self.channels
    }
}

/// A number as a byte, where black is the lower end of the range and white the upper; what lies outside is one of these.
fn byte(number: f32, (low, high): (f64, f64)) -> u8 {
    // What is no number is black.
    (((f64::from(number) - low) / (high - low)).clamp(0.0, 1.0) * 255.0).round() as u8
}

/// A picture as a PNG file.
///
/// # Errors
/// Where there are not as many numbers as it has.
pub fn png(numbers: &[f32], shape: PictureShape, range: (f64, f64)) -> Result<Vec<u8>, String> {
    let PictureShape { height, width, channels } = shape;
    let bytes: Vec<u8> = numbers.iter().map(|number| byte(*number, range)).collect();
    let (width, height) = (width as u32, height as u32);
    let image = match channels {
        1 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::from),
        3 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
        _ => RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from),
    };
    encoded(&image.ok_or("there are not as many numbers as the picture has")?)
}

/// All pictures side by side in rows, as a PNG file; small ones are made larger by a whole factor. Of many the first [`MAX_ON_SHEET`] are shown.
///
/// # Errors
/// Where the file cannot be made.
pub fn sheet(pictures: &[Vec<f32>], shape: PictureShape, range: (f64, f64)) -> Result<Vec<u8>, String> {
    let PictureShape { height, width, channels } = shape;
    let pictures = &pictures[..pictures.len().min(MAX_ON_SHEET)];
    let across = (pictures.len() as f64).sqrt().ceil().max(1.0) as usize;
    let down = pictures.len().div_ceil(across).max(1);
    let scale = LEAST_SHOWN.div_ceil(height.max(width)).max(1);
    let side = |count: usize, size: usize| count * (size * scale + GAP) + GAP;
    let mut image = RgbImage::from_pixel(side(across, width) as u32, side(down, height) as u32, Rgb([255; 3]));
    for (place, numbers) in pictures.iter().enumerate() {
        let (left, top) = (side(place % across, width), side(place / across, height));
        for y in 0..height * scale {
            for x in 0..width * scale {
                let at = ((y / scale) * width + x / scale) * channels;
                let point = match numbers.get(at..at + channels) {
                    Some([grey]) => [byte(*grey, range); 3],
                    Some([red, green, blue, ..]) => [red, green, blue].map(|number| byte(*number, range)),
                    _ => continue,
                };
                image.put_pixel((left + x) as u32, (top + y) as u32, Rgb(point));
            }
        }
    }
    encoded(&image.into())
}

fn encoded(image: &DynamicImage) -> Result<Vec<u8>, String> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_points_between_black_and_white() {
        let shape = PictureShape::of(&[2, 2, 1]).unwrap();
        let file = png(&[-1.0, 0.0, 1.0, 9.0], shape, (-1.0, 1.0)).unwrap();
        let read = image::load_from_memory(&file).unwrap().into_luma8();
        assert_eq!((read.dimensions(), read.into_raw()), ((2, 2), vec![0, 128, 255, 255]));
        let colours = PictureShape::of(&[1, 1, 3]).unwrap();
        let read = image::load_from_memory(&png(&[1.0, 0.5, f32::NAN], colours, (0.0, 1.0)).unwrap()).unwrap();
        assert_eq!(read.into_rgb8().into_raw(), [255, 128, 0]);
        assert!(png(&[1.0], shape, (0.0, 1.0)).is_err());
        assert_eq!(PictureShape::of(&[784]), None);
        assert_eq!(PictureShape::of(&[8, 8, 2]), None);
    }

    #[test]
    fn a_sheet_shows_them_in_rows() {
        let shape = PictureShape::of(&[28, 28, 1]).unwrap();
        let pictures = [vec![0.0; 784], vec![1.0; 784], vec![0.5; 784]];
        let read = image::load_from_memory(&sheet(&pictures, shape, (0.0, 1.0)).unwrap()).unwrap().into_luma8();
        // Two a row, each twice as large, with a gap around.
        assert_eq!(read.dimensions(), (2 * 60 + 4, 2 * 60 + 4));
        let at = |x, y| read.get_pixel(x, y).0[0];
        assert_eq!([at(4, 4), at(59, 59), at(64, 4), at(4, 64), at(2, 2), at(70, 70)], [0, 0, 255, 128, 255, 255]);
    }
}
