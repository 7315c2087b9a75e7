//! Folders of images: PNG and JPEG files brought to one size, labelled by the folders they are in.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::thread;

use image::imageops::{FilterType, overlay};
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageReader, Limits};
use ndsl_compiler::plan::{Fit, ImageSize, Located};

use super::columns::closest;
use super::error::{DataError, Fault, MAX_BAD_CELLS};
use super::files::{Named, named};
use super::places::Places;
use super::{Dataset, Field, Reading, Target, guard};
use crate::memory;
use crate::tensor::TensorData;

/// What the files of images are called.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];
/// The most memory one image may take while it is unpacked.
const MAX_BYTES: u64 = 1 << 29;
/// The widest and highest image that is read.
const MAX_SIDE: u32 = 1 << 15;
/// The largest file that is read.
const MAX_FILE: u64 = 1 << 28;

/// An image file and the folder it is in, which is its class.
struct Labelled {
    path: PathBuf,
    class: usize,
}

/// Reads every image of a folder.
///
/// To learn from, it has a folder for each class. To answer for, it may as well be a folder of images, or one image.
pub(super) fn read(
    path: &Located,
    size: &ImageSize,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let root = named(path, folder);
    let fail = |fault: Fault| root.fail(fault);
    let labelled = !matches!(reading.target, Target::Leave);
    let (files, classes) = if labelled { by_class(&root.path) } else { all(&root.path) }.map_err(fail)?;
    let classes = match reading.target {
        Target::As(field) => {
            let known = field.classes.clone().unwrap_or_default();
            let place = |class: &String| match known.iter().position(|known| known == class) {
                Some(place) => Ok(place),
                None => {
                    let suggestion = closest(class, &known);
                    Err(fail(Fault::UnknownClass { name: class.clone(), suggestion }))
                }
            };
            let places = classes.iter().map(place).collect::<Result<Vec<usize>, DataError>>()?;
            (known, places)
        }
        _ => {
            let places = (0..classes.len()).collect();
            (classes, places)
        }
    };
    if files.is_empty() {
        return Err(fail(Fault::NoRows));
    }
    let (room, bytes) = (memory::available().unwrap_or(u64::MAX), size.numbers() as u64);
    if bytes.saturating_mul(files.len() as u64) > room / 2 {
        let rows = usize::try_from(room / 2 / bytes.max(1)).unwrap_or(usize::MAX);
        return Err(fail(Fault::TooLarge { rows, room }));
    }
    let pixels = decode(&files, size).map_err(fail)?;
    let relative =
        |file: &Labelled| file.path.strip_prefix(&root.path).unwrap_or(&file.path).to_string_lossy().into_owned();
    let mut fields = vec![Field {
        name: "image".to_owned(),
        shape: vec![size.height, size.width, size.channels],
        data: TensorData::U8(pixels),
        classes: None,
    }];
    if labelled {
        let (names, places) = classes;
        let labels = files.iter().map(|file| places[file.class] as i64).collect();
        fields.push(Field {
            name: "label".to_owned(),
            shape: vec![],
            data: TensorData::I64(labels),
            classes: Some(names),
        });
    }
    Ok(Dataset {
        rows: files.len(),
        fields,
        target: "label".to_owned(),
        columns: None,
        keys: None,
        places: Places::of_files(files.iter().map(relative)),
        own: None,
    })
}

/// The images of a folder with a folder for each class, in the order of their names, and the classes.
fn by_class(root: &Path) -> Result<(Vec<Labelled>, Vec<String>), Fault> {
    let (folders, loose) = entries(root)?;
    if let Some(image) = loose.first() {
        let name = image.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(Fault::Unlabelled { name });
    }
    let (mut files, mut classes) = (Vec::new(), Vec::new());
    for folder in folders {
        let class = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (_, images) = entries(&folder)?;
        if images.is_empty() {
            return Err(Fault::EmptyClass { name: class });
        }
        files.extend(images.into_iter().map(|path| Labelled { path, class: classes.len() }));
        classes.push(class);
    }
    Ok((files, classes))
}

/// The images of a folder and of the folders in it, or one image, without their classes.
fn all(root: &Path) -> Result<(Vec<Labelled>, Vec<String>), Fault> {
    if root.is_file() {
        return Ok((vec![Labelled { path: root.to_path_buf(), class: 0 }], Vec::new()));
    }
    let (folders, mut images) = entries(root)?;
    for folder in folders {
        images.extend(entries(&folder)?.1);
    }
    Ok((images.into_iter().map(|path| Labelled { path, class: 0 }).collect(), Vec::new()))
}

/// The folders in a folder and the images, each in the order of their names; what is hidden, and other files, is passed over.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Fault> {
    let (mut folders, mut images) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(Fault::io)? {
        let path = entry.map_err(Fault::io)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if path.is_dir() {
            folders.push(path);
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            images.push(path);
        }
    }
    folders.sort();
    images.sort();
    Ok((folders, images))
}

/// The pixels of all images, one after another; the work is shared among the processors.
fn decode(files: &[Labelled], size: &ImageSize) -> Result<Vec<u8>, Fault> {
    let bytes = size.numbers();
    let mut pixels = vec![0; bytes * files.len()];
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let part = files.len().div_ceil(workers).max(1);
    let faults: Vec<(String, String)> = thread::scope(|scope| {
        let parts = files.chunks(part).zip(pixels.chunks_mut(part * bytes));
        let started: Vec<_> = parts.map(|(files, pixels)| scope.spawn(|| decode_part(files, pixels, size))).collect();
        started.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    match faults.is_empty() {
        true => Ok(pixels),
        false => {
            let more = faults.len() > MAX_BAD_CELLS;
            Err(Fault::Files { faults: faults.into_iter().take(MAX_BAD_CELLS).collect(), more })
        }
    }
}

/// Decodes images into their places. Answers those that cannot be, with the reason.
fn decode_part(files: &[Labelled], pixels: &mut [u8], size: &ImageSize) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (file, pixels) in files.iter().zip(pixels.chunks_exact_mut(size.numbers())) {
        let decoded =
            guard::guarded("image", || one(&file.path, size).map_err(|reason| Fault::Form { noun: "image", reason }));
        match decoded {
            Ok(decoded) => pixels.copy_from_slice(&decoded),
            Err(fault) => {
                faults.push((file.path.display().to_string(), fault.to_string()));
                if faults.len() > MAX_BAD_CELLS {
                    break;
                }
            }
        }
    }
    faults
}

/// An image at the wanted size.
fn one(path: &Path, size: &ImageSize) -> Result<Vec<u8>, String> {
    let file = Named { path: path.to_path_buf(), span: Default::default() };
    let opened = file.open().map_err(|error| error.fault.to_string())?;
    if opened.len() == 0 {
        return Err("the file is empty".to_owned());
    }
    if opened.len() > MAX_FILE {
        return Err(format!("it has more than the {} MB that are read", MAX_FILE >> 20));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let mut limits = Limits::default();
    (limits.max_alloc, limits.max_image_width, limits.max_image_height) =
        (Some(MAX_BYTES), Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    // A camera writes how it was held beside the pixels.
    let orientation = decoder.orientation().map_err(|error| error.to_string())?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    image.apply_orientation(orientation);
    let image = fitted(image, size);
    Ok(match size.channels {
        1 => image.into_luma8().into_raw(),
        3 => image.into_rgb8().into_raw(),
        _ => image.into_rgba8().into_raw(),
    })
}

/// An image brought to height and width.
fn fitted(image: DynamicImage, size: &ImageSize) -> DynamicImage {
    let (width, height) = (size.width as u32, size.height as u32);
    if image.dimensions() == (width, height) {
        return image;
    }
    match size.fit {
        Fit::Stretch => image.resize_exact(width, height, FilterType::Triangle),
        Fit::Crop => image.resize_to_fill(width, height, FilterType::Triangle),
        Fit::Pad => {
            let small = image.resize(width, height, FilterType::Triangle);
            let mut padded = DynamicImage::new(width, height, small.color());
            let (x, y) = ((width - small.width()) / 2, (height - small.height()) / 2);
            overlay(&mut padded, &small, i64::from(x), i64::from(y));
            padded
        }
    }
}
