//! Pictures that are read when their batch is made: never are all of them in memory.

use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Limits, Pixel};
use ndsl_compiler::plan::{Fit, ImageShape, Interpolation};
use ndsl_grammar::Span;
use sha2::{Digest, Sha256};

use super::error::{DataError, Fault, MAX_BAD_CELLS};
use super::files::{Opened, Stamp};
use super::guard::guarded;

const NOUN: &str = "picture";

/// The most pixels a side that are read.
const MAX_SIDE: u32 = 1 << 15;

/// The most bytes that a picture may be unpacked.
const MAX_BYTES: u64 = 512 << 20;

/// How long others are looked for, where one was found that cannot be unpacked.
const LOOKING: Duration = Duration::from_secs(30);

/// The pictures behind the rows of a field.
#[derive(Clone, Debug)]
pub struct Pictures {
    files: Vec<Picture>,
    shape: ImageShape,
}

/// A file of a picture, as it was when the dataset was opened.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    path: PathBuf,
    /// What messages and tables call it.
    name: String,
    /// Where the program names its folder.
    span: Span,
    stamp: Stamp,
    hash: [u8; 32],
}

impl Picture {
    /// Looks at a file without unpacking it: that it is a picture, and of which bytes.
    pub(super) fn open(path: PathBuf, name: String, span: Span) -> Result<Self, Fault> {
        let mut opened = Opened::open(&path)?;
        let bytes = contents(&mut opened)?;
        if bytes.is_empty() {
            return Err(Fault::Empty);
        }
        guarded(NOUN, || decoder(&bytes).map(|_| ()))?;
        Ok(Self { path, name, span, stamp: opened.stamp(), hash: Sha256::digest(&bytes).into() })
    }

    /// Its pixels, brought to a shape.
    fn pixels(&self, shape: &ImageShape) -> Result<Vec<u8>, Fault> {
        let mut opened = Opened::open(&self.path)?;
        opened.is_still(&self.stamp)?;
        let bytes = contents(&mut opened)?;
        guarded(NOUN, || decoded(&bytes, shape))
    }
}

impl Pictures {
    pub(super) fn new(files: Vec<Picture>, shape: ImageShape) -> Self {
        Self { files, shape }
    }

    /// The name of the picture of a row: its path from the folder that was given, or its file's name.
    pub fn name(&self, row: usize) -> Option<&str> {
        self.files.get(row).map(|picture| picture.name.as_str())
    }

    /// Adds those of another field.
    pub(super) fn append(&mut self, others: &Self) {
        self.files.extend_from_slice(&others.files);
    }

    /// What tells these pictures, in this shape, from others.
    pub fn identity(&self) -> impl Iterator<Item = Vec<u8>> {
        let shape = format!("{:?}\0", self.shape).into_bytes();
        std::iter::once(shape).chain(self.files.iter().map(|picture| picture.hash.to_vec()))
    }

    /// The pixels of some rows, one picture after another, unpacked by as many threads as there are processors.
    ///
    /// # Errors
    /// Where one of them cannot be unpacked, or is not what it was: it, or every such picture of the dataset.
    pub(super) fn batch(&self, rows: &[usize]) -> Result<Vec<u8>, DataError> {
        let ImageShape { height, width, channels, .. } = self.shape;
        let size = height * width * channels;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = rows.len().div_ceil(threads).max(1);
        let mut pixels = vec![0; rows.len() * size];
        let done: Result<(), DataError> = std::thread::scope(|scope| {
            let shares = pixels.chunks_mut((share * size).max(1)).zip(rows.chunks(share));
            let running: Vec<_> = shares.map(|(into, rows)| scope.spawn(move || self.read(into, rows, size))).collect();
            // A panic is one of this code: it goes on here.
            let join = |thread: std::thread::ScopedJoinHandle<'_, Result<(), DataError>>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            running.into_iter().try_for_each(join)
        });
        match done {
            Ok(()) => Ok(pixels),
            Err(first) => Err(self.all_damaged(first)),
        }
    }

    /// Every picture that cannot be unpacked, once one was found: who mends one should not wait for the next. After a while, those that were
    /// found until then.
    fn all_damaged(&self, first: DataError) -> DataError {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (next, began) = (AtomicUsize::new(0), Instant::now());
        let found = Mutex::new(Vec::new());
        let goes_on = |found: usize| found < MAX_BAD_CELLS && began.elapsed() < LOOKING;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while goes_on(found.lock().unwrap_or_else(PoisonError::into_inner).len()) {
                        let row = next.fetch_add(1, Ordering::Relaxed);
                        let Some(picture) = self.files.get(row) else { break };
                        if let Err(fault) = picture.pixels(&self.shape) {
                            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                            found.push((row, picture.name.clone(), fault.to_string()));
                        }
                    }
                });
            }
        });
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        if found.len() < 2 {
            return first;
        }
        found.sort_unstable();
        found.truncate(MAX_BAD_CELLS);
        let more = next.into_inner() < self.files.len();
        let pictures = found.into_iter().map(|(_, name, fault)| (name, fault)).collect();
        let depth = |picture: &Picture| Path::new(&picture.name).components().count();
        let own = self.files.iter().find(|picture| picture.path == first.path).map_or(1, depth);
        let folder = first.path.ancestors().nth(own).map(Path::to_path_buf).unwrap_or_default();
        DataError { path: folder, span: first.span, fault: Fault::Pictures { pictures, more } }
    }

    /// Unpacks some rows into the place for them, each so many bytes.
    fn read(&self, into: &mut [u8], rows: &[usize], size: usize) -> Result<(), DataError> {
        for (into, row) in into.chunks_exact_mut(size.max(1)).zip(rows) {
            let picture = &self.files[*row];
            let fail = |fault| DataError { path: picture.path.clone(), span: picture.span, fault };
            into.copy_from_slice(&picture.pixels(&self.shape).map_err(fail)?);
        }
        Ok(())
    }
}

/// The bytes of a file, which are those of the moment.
fn contents(opened: &mut Opened) -> Result<Vec<u8>, Fault> {
    if opened.len() > MAX_BYTES {
        return Err(form(format!("it has more than the {} MB that are read", MAX_BYTES >> 20)));
    }
    let mut bytes = Vec::new();
    opened.take(MAX_BYTES).read_to_end(&mut bytes).map_err(Fault::io)?;
    opened.unchanged()?;
    Ok(bytes)
}

/// What unpacks a picture, after its head was read.
fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder, Fault> {
    let mut reader = ImageReader::new(BufReader::new(Cursor::new(bytes))).with_guessed_format().map_err(Fault::io)?;
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Jpeg) => {}
        Some(other) => return Err(form(format!("it is {other:?}; PNG and JPEG are read"))),
        None => return Err(form("it is neither PNG nor JPEG".to_owned())),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    match decoder.total_bytes() > MAX_BYTES {
        true => Err(form(format!("unpacked it has more than the {} MB that are read", MAX_BYTES >> 20))),
        false => Ok(decoder),
    }
}

fn decoded(bytes: &[u8], shape: &ImageShape) -> Result<Vec<u8>, Fault> {
    let mut decoder = decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    Ok(match shape.channels {
        1 => brought(picture.into_luma8(), shape),
        3 => brought(picture.into_rgb8(), shape),
        _ => brought(picture.into_rgba8(), shape),
    })
}

/// A picture at the size and in the proportions that are wanted.
fn brought<P: Pixel<Subpixel = u8> + 'static>(picture: ImageBuffer<P, Vec<u8>>, shape: &ImageShape) -> Vec<u8> {
    let filter = match shape.interpolation {
        Interpolation::Nearest => FilterType::Nearest,
        Interpolation::Bilinear => FilterType::Triangle,
        Interpolation::Bicubic => FilterType::CatmullRom,
        Interpolation::Lanczos => FilterType::Lanczos3,
    };
    let (width, height) = picture.dimensions();
    let size = (side(shape.width), side(shape.height));
    if (width, height) == size {
        return picture.into_raw();
    }
    match shape.fit {
        Fit::Stretch => imageops::resize(&picture, size.0, size.1, filter).into_raw(),
        Fit::Crop => {
            let (part, whole) = (inside(size, (width, height)), (width, height));
            let (left, top) = ((whole.0 - part.0) / 2, (whole.1 - part.1) / 2);
            let part = imageops::crop_imm(&picture, left, top, part.0, part.1);
            imageops::resize(&part.to_image(), size.0, size.1, filter).into_raw()
        }
        Fit::Pad => {
            let part = inside((width, height), size);
            let picture = imageops::resize(&picture, part.0, part.1, filter);
            let mut whole = ImageBuffer::<P, Vec<u8>>::new(size.0, size.1);
            let (left, top) = ((size.0 - part.0) / 2, (size.1 - part.1) / 2);
            imageops::replace(&mut whole, &picture, i64::from(left), i64::from(top));
            whole.into_raw()
        }
    }
}

fn side(pixels: usize) -> u32 {
    u32::try_from(pixels).unwrap_or(MAX_SIDE)
}

/// The largest size of the proportions of `form` that is inside `room`; no side is empty.
fn inside(form: (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(form.0), u64::from(form.1));
    let part = |room: u32, other: u64, own: u64| ((u64::from(room) * other + own / 2) / own).max(1) as u32;
    match u64::from(room.0) * height <= u64::from(room.1) * width {
        true => (room.0, part(room.0, height, width).min(room.1)),
        false => (part(room.1, width, height).min(room.0), room.1),
    }
}

fn damaged(error: image::ImageError) -> Fault {
    form(error.to_string())
}

fn form(reason: String) -> Fault {
    Fault::Form { noun: NOUN, reason }
}

/// Whether a file of this name is a picture that is read, one of a format that is not, or something else.
pub(super) fn is_picture(path: &Path) -> Option<bool> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "png" | "jpg" | "jpeg" => Some(true),
        "webp" | "gif" | "bmp" | "tif" | "tiff" | "avif" | "heic" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A grey picture whose pixels are their column, times ten.
    fn columns(width: u32, height: u32) -> ImageBuffer<Luma<u8>, Vec<u8>> {
        ImageBuffer::from_fn(width, height, |x, _| Luma([(10 * x + 10) as u8]))
    }

    fn shape(height: usize, width: usize, fit: Fit) -> ImageShape {
        ImageShape { height, width, channels: 1, fit, interpolation: Interpolation::Nearest }
    }

    #[test]
    fn a_picture_of_other_proportions_is_cropped_padded_or_stretched() {
        assert_eq!(brought(columns(4, 2), &shape(2, 2, Fit::Crop)), [20, 30, 20, 30]);
        assert_eq!(
            brought(columns(4, 2), &shape(4, 4, Fit::Pad)),
            [[0; 4], [10, 20, 30, 40], [10, 20, 30, 40], [0; 4]].concat()
        );
        assert_eq!(brought(columns(2, 2), &shape(1, 4, Fit::Stretch)), [10, 10, 20, 20]);
        assert_eq!(brought(columns(3, 1), &shape(1, 3, Fit::Crop)), [10, 20, 30]);
    }

    #[test]
    fn a_line_keeps_a_pixel_of_its_thin_side() {
        assert_eq!(inside((1000, 1), (10, 10)), (10, 1));
        assert_eq!(inside((1, 1000), (10, 20)), (1, 20));
        assert_eq!(inside((30, 20), (9, 9)), (9, 6));
    }
}
