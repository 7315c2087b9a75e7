//! Folders of pictures: which there are, and of which class each is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndsl_compiler::plan::{ImageShape, Located};

use super::error::{DataError, Fault, MAX_BAD_CELLS};
use super::files::{Named, named};
use super::pictures::{Picture, Pictures, is_picture};
use super::places::Places;
use super::{Dataset, Field, Reading, Target};
use crate::memory;
use crate::tensor::TensorData;

/// How many folders inside one another are gone through.
const MAX_DEPTH: usize = 32;

/// What is learnt where there are labels, and the images themselves.
const LABEL: &str = "label";
pub(super) const IMAGE: &str = "image";

/// Finds the pictures of the given folders, and looks at each; none is unpacked yet.
pub(super) fn read(
    paths: &[Located],
    shape: &ImageShape,
    labelled: bool,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let labelled = labelled && !matches!(reading.target, Target::Leave);
    let all: Vec<Named> = paths.iter().map(|path| named(path, folder)).collect();
    let mut found: Vec<Found> = Vec::new();
    for at in &all {
        find(at, labelled, &mut found).map_err(|fault| at.fail(fault))?;
    }
    let Some(first) = all.first() else {
        return Err(DataError { path: folder.to_path_buf(), span: Default::default(), fault: Fault::NoFiles });
    };
    refuse_too_large(shape).map_err(|fault| first.fail(fault))?;
    let labels = if labelled { Some(labels(&mut found, reading).map_err(|fault| first.fail(fault))?) } else { None };
    let (mut pictures, mut bad) = (Vec::with_capacity(found.len()), Vec::new());
    for Found { path, name, at, .. } in found {
        match Picture::open(path, name.clone(), all[at].span) {
            Ok(picture) => pictures.push(picture),
            Err(fault) => bad.push((name, fault.to_string())),
        }
        if bad.len() >= MAX_BAD_CELLS {
            break;
        }
    }
    if !bad.is_empty() {
        let more = bad.len() >= MAX_BAD_CELLS;
        return Err(first.fail(Fault::Pictures { pictures: bad, more }));
    }
    let rows = pictures.len();
    let mut fields = vec![field(pictures, shape)];
    let target = if labels.is_some() { LABEL } else { IMAGE };
    fields.extend(labels.map(|(numbers, classes)| Field::new(LABEL, vec![], TensorData::I64(numbers), Some(classes))));
    let (target, places) = (target.to_owned(), Places::default());
    Ok(Dataset { rows, fields, target, columns: None, keys: None, places, own: None })
}

/// The pictures of a table, by their paths from the folder of the table `at`; `places` are where these stand.
pub(super) fn of_paths<'p>(
    paths: impl Iterator<Item = &'p str>,
    places: &Places,
    shape: &ImageShape,
    at: &Named,
) -> Result<Field, Fault> {
    refuse_too_large(shape)?;
    let folder = at.path.parent().unwrap_or(Path::new(""));
    let (mut pictures, mut bad) = (Vec::new(), Vec::new());
    for (row, path) in paths.enumerate() {
        match Picture::open(folder.join(path), path.to_owned(), at.span) {
            Ok(picture) => pictures.push(picture),
            Err(fault) => bad.push((path.to_owned(), format!("{fault}, {}", places.named(row)))),
        }
        if bad.len() >= MAX_BAD_CELLS {
            break;
        }
    }
    if !bad.is_empty() {
        let more = bad.len() >= MAX_BAD_CELLS;
        return Err(Fault::Pictures { pictures: bad, more });
    }
    Ok(field(pictures, shape))
}

/// Fails where one row would be too much.
fn refuse_too_large(shape: &ImageShape) -> Result<(), Fault> {
    let room = memory::available().unwrap_or(u64::MAX);
    let sides = [shape.height, shape.width, shape.channels];
    let row = sides.iter().fold(1u64, |size, side| size.saturating_mul(*side as u64));
    if row > room / 4 { Err(Fault::TooLarge { rows: 0, room }) } else { Ok(()) }
}

/// The field of pictures that are read batch by batch.
fn field(pictures: Vec<Picture>, shape: &ImageShape) -> Field {
    let mut image =
        Field::new(IMAGE, vec![shape.height, shape.width, shape.channels], TensorData::U8(Vec::new()), None);
    image.pictures = Some(Pictures::new(pictures, *shape));
    image
}

/// A picture that was found.
struct Found {
    path: PathBuf,
    /// Its path from the folder that was given.
    name: String,
    /// The folder of its class.
    class: String,
    /// Which of the given paths led to it.
    at: usize,
}

/// The number of each picture's class, and the classes: those that a model was trained on, or else the folders.
fn labels(found: &mut [Found], reading: Reading<'_>) -> Result<(Vec<i64>, Vec<String>), Fault> {
    let trained = match reading.target {
        Target::As(field) => field.classes.clone(),
        _ => None,
    };
    let classes = trained.unwrap_or_else(|| {
        let mut classes: Vec<String> = found.iter().map(|one| one.class.clone()).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    });
    let places: BTreeMap<&str, i64> =
        classes.iter().enumerate().map(|(place, class)| (class.as_str(), place as i64)).collect();
    let number = |one: &Found| {
        places.get(one.class.as_str()).copied().ok_or_else(|| {
            Fault::Folder(format!("the folder `{}` is none of the classes the model was trained on", one.class))
        })
    };
    let numbers = found.iter().map(number).collect::<Result<_, _>>()?;
    Ok((numbers, classes))
}

/// The pictures that a path leads to, in the order of their names: of a folder those in it and in the folders inside, where these are
/// classes those of each class.
fn find(at: &Named, labelled: bool, found: &mut Vec<Found>) -> Result<(), Fault> {
    let place = found.last().map_or(0, |last| last.at + 1);
    let metadata = fs::metadata(&at.path).map_err(Fault::io)?;
    let mut add = |path: &Path, name: String, class: &str| {
        found.push(Found { path: path.to_path_buf(), name, class: class.to_owned(), at: place });
    };
    if metadata.is_file() {
        if labelled {
            return Err(Fault::Folder("it is a file, where a folder with a folder for each class is read".to_owned()));
        }
        add(&at.path, at.name(), "");
        return Ok(());
    }
    let mut count = 0;
    if !labelled {
        walk(&at.path, "", 0, &mut |path, name| {
            count += 1;
            add(path, name, "");
        })?;
        return if count == 0 { Err(Fault::Folder("it has no PNG or JPEG pictures".to_owned())) } else { Ok(()) };
    }
    let mut classes = 0;
    for entry in entries(&at.path)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !entry.is_dir() {
            if is_picture(&entry).is_some() {
                let reason =
                    "lies beside the folders of the classes and has none; `labels=none` reads pictures without classes";
                return Err(Fault::Folder(format!("the picture `{name}` {reason}")));
            }
            continue;
        }
        classes += 1;
        let mut count = 0;
        walk(&entry, &name, 1, &mut |path, inner| {
            count += 1;
            add(path, inner, &name);
        })?;
        if count == 0 {
            return Err(Fault::Folder(format!("its folder `{name}` has no PNG or JPEG pictures")));
        }
    }
    match classes {
        0 => {
            Err(Fault::Folder("it has no folder for a class; `labels=none` reads pictures without classes".to_owned()))
        }
        _ => Ok(()),
    }
}

/// What is in a folder by its names, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(Fault::io)? {
        let entry = entry.map_err(Fault::io)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

/// Every picture in a folder and those inside it, with its path from where it began.
fn walk(folder: &Path, before: &str, depth: usize, each: &mut dyn FnMut(&Path, String)) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::Folder(format!("its folders are more than {MAX_DEPTH} inside one another")));
    }
    for entry in entries(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        let name = if before.is_empty() { name.into_owned() } else { format!("{before}/{name}") };
        if entry.is_dir() {
            walk(&entry, &name, depth + 1, each)?;
            continue;
        }
        match is_picture(&entry) {
            Some(true) => each(&entry, name),
            Some(false) => {
                return Err(Fault::Folder(format!(
                    "the picture `{name}` is of a format that is not read; PNG and JPEG are"
                )));
            }
            None => {}
        }
    }
    Ok(())
}
