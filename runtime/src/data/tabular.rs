//! Datasets of rows and columns: the columns that are wanted, of every file, as fields.

use std::path::Path;

use ndsl_compiler::plan::{Files, Format, ImageShape, Located, TableColumn};
use ndsl_grammar::Span;

use super::columns::{choose, find};
use super::error::{DataError, Fault};
use super::files::{Named, expand, named, verify};
use super::formats::Reader as _;
use super::intake::{Intake, Slot};
use super::learnt::Texts;
use super::numbers::Numbers;
use super::profile::{ColumnProfile, Profiler};
use super::sink::Sink as _;
use super::typed::TypedCells;
use super::{Dataset, Field, Keys, Reading, Target, formats, images};

/// The columns that are wanted, by their names in the files, and what their cells become.
struct Wanted {
    names: Vec<String>,
    slots: Vec<Slot>,
}

impl Wanted {
    /// Adds the column by which rows are held out, as the last.
    fn add_key(&mut self, files: &Files, header: &[String], file: &Named) -> Result<(), DataError> {
        let Some(key) = &files.key else { return Ok(()) };
        let fail = |fault: Fault| DataError { path: file.path.clone(), span: key.span, fault };
        find(header, &key.text).map_err(fail)?;
        self.names.push(key.text.clone());
        self.slots.push(Slot::Texts(Texts::default()));
        Ok(())
    }
}

/// The values of the column by which rows are held out, which is the last.
fn key(files: &Files, slots: &mut Vec<Slot>) -> Option<Keys> {
    files.key.as_ref()?;
    match slots.pop() {
        Some(Slot::Texts(texts)) => Some(Keys::of(&texts)),
        _ => None,
    }
}

/// Reads a dataset whose chosen columns are one vector.
pub(super) fn read_columns(
    files: &Files,
    patterns: Option<&[Located]>,
    target: Option<&Located>,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let learnt = target.filter(|_| !matches!(reading.target, Target::Leave));
    let mut inputs = Vec::new();
    let (intake, at) = read(files, folder, reading, &mut |header, file| {
        let fail = |span: Span, fault: Fault| DataError { path: file.path.clone(), span, fault };
        let chosen = match reading.columns {
            Some(names) => names
                .iter()
                .map(|name| find(header, name).map_err(|fault| file.fail(fault)))
                .collect::<Result<Vec<usize>, DataError>>()?,
            None => choose(header, patterns, target.map(|target| target.text.as_str()), file.span)
                .map_err(|(span, fault)| fail(span, fault))?,
        };
        inputs = chosen.iter().map(|index| header[*index].clone()).collect();
        let mut wanted = Wanted { names: inputs.clone(), slots: inputs.iter().map(|_| Slot::Number).collect() };
        if let Some(learnt) = learnt {
            find(header, &learnt.text).map_err(|fault| fail(learnt.span, fault))?;
            wanted.names.push(learnt.text.clone());
            wanted.slots.push(Slot::Texts(Texts::default()));
        }
        wanted.add_key(files, header, file)?;
        Ok(wanted)
    })?;
    let place = inputs.len();
    let (mut taken, found) = intake
        .finish(|slots, bad| match (slots.get(place).filter(|_| learnt.is_some()), reading.target) {
            (Some(Slot::Texts(texts)), Target::As(field)) => {
                Some(texts.as_trained(field, &mut |row, reason| bad(place, row, reason)))
            }
            (Some(Slot::Texts(texts)), _) => Some(texts.found(&mut |row, reason| bad(place, row, reason))),
            _ => None,
        })
        .map_err(|fault| at.fail(fault))?;
    let keys = key(files, &mut taken.slots);
    let mut fields = vec![Field::new("columns", vec![inputs.len()], taken.numbers, None)];
    if let (Some((data, classes)), Some(learnt)) = (found, learnt) {
        fields.push(Field::new(learnt.text.clone(), vec![], data, classes));
    }
    Ok(Dataset {
        rows: taken.rows,
        fields,
        target: target.map(|target| target.text.clone()).unwrap_or_default(),
        columns: Some(inputs),
        keys,
        places: taken.places,
        own: None,
    })
}

/// Reads a table of pictures: a column of their paths, and perhaps one that is learnt.
pub(super) fn read_pictures(
    files: &Files,
    column: &Located,
    target: Option<&Located>,
    shape: &ImageShape,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let learnt = target.filter(|_| !matches!(reading.target, Target::Leave));
    let (intake, at) = read(files, folder, reading, &mut |header, file| {
        let mut wanted = Wanted { names: Vec::new(), slots: Vec::new() };
        for name in std::iter::once(column).chain(learnt) {
            find(header, &name.text).map_err(|fault| DataError { span: name.span, ..file.fail(fault) })?;
            wanted.names.push(name.text.clone());
            wanted.slots.push(Slot::Texts(Texts::default()));
        }
        wanted.add_key(files, header, file)?;
        Ok(wanted)
    })?;
    let (mut taken, found) = intake
        .finish(|slots, bad| match (slots.get(1).filter(|_| learnt.is_some()), reading.target) {
            (Some(Slot::Texts(texts)), Target::As(field)) => {
                Some(texts.as_trained(field, &mut |row, reason| bad(1, row, reason)))
            }
            (Some(Slot::Texts(texts)), _) => Some(texts.found(&mut |row, reason| bad(1, row, reason))),
            _ => None,
        })
        .map_err(|fault| at.fail(fault))?;
    let keys = key(files, &mut taken.slots);
    let Some(Slot::Texts(paths)) = taken.slots.first() else { return Err(at.fail(Fault::NoRows)) };
    let image = images::of_paths(paths.iter(), &taken.places, shape, &at).map_err(|fault| at.fail(fault))?;
    let mut fields = vec![image];
    if let (Some((data, classes)), Some(learnt)) = (found, learnt) {
        fields.push(Field::new(learnt.text.clone(), vec![], data, classes));
    }
    let target = target.map_or(images::IMAGE, |target| &target.text).to_owned();
    Ok(Dataset { rows: taken.rows, fields, target, columns: None, keys, places: taken.places, own: None })
}

/// Reads a dataset of a table of a schema: each of the columns is a field.
pub(super) fn read_table(
    files: &Files,
    columns: &[TableColumn],
    target: Option<&Located>,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let target = target.map_or("", |target| target.text.as_str());
    let left = |column: &&TableColumn| matches!(reading.target, Target::Leave) && column.name == target;
    let columns: Vec<&TableColumn> = columns.iter().filter(|column| !left(column)).collect();
    let nulls = match &files.format {
        Format::Csv(dialect) => dialect.nulls.as_deref(),
        _ => None,
    };
    let (intake, at) = read(files, folder, reading, &mut |header, file| {
        let names: Vec<String> = columns.iter().map(|column| column.outside.clone()).collect();
        if let Some((first, fault)) = missing(header, &names) {
            let span = columns.get(first).map_or(file.span, |column| column.span);
            return Err(DataError { path: file.path.clone(), span, fault });
        }
        let slot = |column: &&TableColumn| Slot::Typed(TypedCells::new(column, column.name == target, nulls));
        let mut wanted = Wanted { slots: columns.iter().map(slot).collect(), names };
        wanted.add_key(files, header, file)?;
        Ok(wanted)
    })?;
    let (mut taken, ()) = intake.finish(|_, _| ()).map_err(|fault| at.fail(fault))?;
    let keys = key(files, &mut taken.slots);
    let mut aside = taken.aside.into_iter();
    let field = |slot: Slot| match (slot, aside.next().flatten()) {
        (Slot::Typed(cells), aside) => {
            let (column, data) = cells.finish();
            let numbers = aside.unwrap_or(Numbers::Held(data));
            Some(Field::new(column.name, Vec::new(), numbers, column.encoding.labels()))
        }
        _ => None,
    };
    Ok(Dataset {
        rows: taken.rows,
        fields: taken.slots.into_iter().filter_map(field).collect(),
        target: target.to_owned(),
        columns: None,
        keys,
        places: taken.places,
        own: None,
    })
}

/// Reads every column of files for what it is like; answers how many rows there are, too.
pub(super) fn profile(files: &Files, folder: &Path) -> Result<(usize, Vec<ColumnProfile>), DataError> {
    let nulls = match &files.format {
        Format::Csv(dialect) => dialect.nulls.as_deref(),
        _ => None,
    };
    let mut names = Vec::new();
    let (intake, at) =
        read(files, folder, Reading { memory: Some(u64::MAX), ..Reading::default() }, &mut |header, _| {
            names = header.to_vec();
            let slot = |_: &String| Slot::Profiled(Box::new(Profiler::new(header.len(), nulls)));
            Ok(Wanted { names: header.to_vec(), slots: header.iter().map(slot).collect() })
        })?;
    let (taken, ()) = intake.finish(|_, _| ()).map_err(|fault| at.fail(fault))?;
    let profile = |(slot, name): (Slot, String)| match slot {
        Slot::Profiled(profiler) => Some(profiler.finish(name)),
        _ => None,
    };
    Ok((taken.rows, taken.slots.into_iter().zip(names).filter_map(profile).collect()))
}

/// Says by the names of a file's columns what is wanted of it.
type Choice<'c> = dyn FnMut(&[String], &Named) -> Result<Wanted, DataError> + 'c;

/// Reads all files; `choose` says by the first one's columns what is wanted. Answers what was taken, and what its faults are of.
fn read(
    files: &Files,
    folder: &Path,
    reading: Reading<'_>,
    choose: &mut Choice<'_>,
) -> Result<(Intake, Named), DataError> {
    let (all, most) = (expand(files, folder, reading.cache)?, reading.most());
    let stamps = verify(files, &all)?;
    let mut intake: Option<(Intake, Vec<String>)> = None;
    for (index, file) in all.iter().enumerate() {
        let fail = |fault: Fault| file.fail(fault);
        let opened = file.open()?;
        stamps.get(index).map_or(Ok(()), |stamp| opened.is_still(stamp)).map_err(fail)?;
        let twin = opened.twin().map_err(fail)?;
        let mut reader = formats::open(&files.format, opened, &[]).map_err(fail)?;
        let (intake, names) = match &mut intake {
            Some(known) => known,
            none => {
                let Wanted { names, slots } = choose(reader.columns(), file)?;
                none.insert((Intake::new(slots, names.clone(), files.limit, most, file.clone()), names))
            }
        };
        if let Some((_, fault)) = missing(reader.columns(), names) {
            return Err(fail(fault));
        }
        let places: Vec<usize> = names.iter().filter_map(|name| find(reader.columns(), name).ok()).collect();
        intake.begin_file(&file.name());
        let read = reader.rows(&places, intake);
        // That it changed is the reason of whatever else was found in it.
        twin.unchanged().and(read).map_err(fail)?;
        if !intake.goes_on() {
            break;
        }
    }
    // Faults of several files are told at what names them all.
    let at = match (all.as_slice(), files.paths.first()) {
        ([only], _) => only.clone(),
        (_, Some(path)) => named(path, folder),
        _ => Named { path: folder.to_path_buf(), span: Span::default(), address: None },
    };
    match intake {
        Some((intake, _)) => Ok((intake, at)),
        None => Err(at.fail(Fault::NoFiles)),
    }
}

/// The columns that a file does not have: the place of the first among those wanted, and the fault.
fn missing(header: &[String], names: &[String]) -> Option<(usize, Fault)> {
    let mut lacking = names.iter().enumerate().filter_map(|(place, name)| Some((place, find(header, name).err()?)));
    let (first, fault) = lacking.next()?;
    let mut others: Vec<String> = lacking.map(|(place, _)| names[place].clone()).collect();
    Some((
        first,
        match fault {
            Fault::UnknownColumn { name, available, .. } if !others.is_empty() => {
                others.insert(0, name);
                Fault::UnknownColumns { names: others, available }
            }
            fault => fault,
        },
    ))
}
