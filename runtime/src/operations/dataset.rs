//! Shows what data are like, before anything is learnt from them: columns or fields, their types, what is missing, how values are spread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::analyze_with;
use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located};
use ndsl_compiler::suggest::either;
use ndsl_grammar::Span;
use serde::Serialize;

use super::{Error, sound};
use crate::data::{self, ColumnProfile, DataError, Dataset, Field, Spread};
use crate::files::Disk;

/// Pictures that are unpacked for how their pixels are spread, at most.
const PICTURES: usize = 500;

/// Numbers of a field that are looked at for that, at most.
const NUMBERS: usize = 1 << 20;

/// The most classes that are counted.
const CLASSES: usize = 100_000;

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A dataset of a program.
    Declared {
        /// What messages call the program.
        name: String,
        /// The program.
        text: String,
        /// The folder that its paths are relative to.
        folder: PathBuf,
        /// Which of its datasets; may be left out where there is one.
        dataset: Option<String>,
    },
    /// Files, by their endings.
    Files(Vec<PathBuf>),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// The dataset's name, or that of the file.
    pub name: String,
    /// The files that the program names, or that were given.
    pub files: Vec<String>,
    /// What they are: `CSV file`.
    pub format: String,
    /// Their bytes, where they are files.
    pub bytes: Option<u64>,
    /// How many rows there are.
    pub rows: usize,
    /// Of files of rows and columns: each column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnProfile>,
    /// Of others: each field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProfile>,
    /// What is learnt, where that is known.
    pub target: Option<TargetProfile>,
}

/// What a field is like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldProfile {
    /// Its name.
    pub name: String,
    /// The kind of its numbers.
    pub element: ElementType,
    /// The shape of one row.
    pub shape: Vec<usize>,
    /// How its numbers are spread.
    pub spread: Option<Spread>,
    /// Of how many rows that is, where not of all.
    pub looked_at: Option<usize>,
}

/// What is learnt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetProfile {
    /// Its name.
    pub name: String,
    /// Its classes and how many rows each has, where it is labels: the most frequent first.
    pub classes: Vec<(String, u64)>,
}

/// Looks at data.
///
/// # Errors
/// What is wrong with the program or with the files.
pub fn run(request: &Request) -> Result<Response, Error> {
    match request {
        Request::Declared { name, text, folder, dataset } => {
            let (source, files) = Disk::program(folder, name, text.as_str());
            let analysis = sound(analyze_with(&source, &files))?;
            let plan = chosen(analysis.datasets(), dataset.as_deref())?;
            let fail = |error: DataError| Error::Data { sources: analysis.sources.clone(), error: Box::new(error) };
            profile(plan, folder, &fail)
        }
        Request::Files(files) => {
            let plan = of_files(files)?;
            profile(&plan, Path::new(""), &|error| Error::GivenData(Box::new(error)))
        }
    }
}

/// The dataset that is meant.
fn chosen<'p>(plans: &'p [DatasetPlan], name: Option<&str>) -> Result<&'p DatasetPlan, Error> {
    let names = || either(plans.iter().map(|plan| plan.name.as_str()));
    match (name, plans) {
        (_, []) => Err(Error::Request("the program declares no dataset".to_owned())),
        (None, [only]) => Ok(only),
        (None, _) => Err(Error::Request(format!("the program has several datasets: name one of {}", names()))),
        (Some(name), _) => plans
            .iter()
            .find(|plan| plan.name == name)
            .ok_or_else(|| Error::Request(format!("the program has no dataset `{name}`; it has {}", names()))),
    }
}

/// What files are by their endings.
fn of_files(paths: &[PathBuf]) -> Result<DatasetPlan, Error> {
    let located = |path: &PathBuf| Located { text: path.to_string_lossy().into_owned(), span: Span::default() };
    let Some(first) = paths.first() else { return Err(Error::Request("no file was given".to_owned())) };
    let name = first.file_name().unwrap_or(first.as_os_str()).to_string_lossy().into_owned();
    let source = match (Format::by_name(&name), first.extension().and_then(|ending| ending.to_str())) {
        (Some(format), _) => {
            let files = Files { paths: paths.iter().map(located).collect(), ..Files::of(located(first), format) };
            DataSource::Table { files, columns: Vec::new(), target: None }
        }
        (None, Some("npy")) => DataSource::Npy { x: located(first), y: paths.get(1).map(located) },
        (None, Some("npz")) => DataSource::Npz { path: located(first), target: None },
        (None, _) => {
            return Err(Error::Request(format!(
                "`{name}` is of no kind that its ending tells: `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.arrow`, `.feather`, `.npy` and \
                 `.npz` are; of anything else a program says what it is: `ndsl dataset show model.ndsl`"
            )));
        }
    };
    Ok(DatasetPlan { name, span: Span::default(), folder: String::new(), source })
}

/// Files of rows and columns, by their endings.
///
/// # Errors
/// Where they are none.
pub(super) fn table_of(paths: &[PathBuf]) -> Result<Files, Error> {
    match of_files(paths)?.source {
        DataSource::Table { files, .. } => Ok(files),
        source => {
            Err(Error::Request(format!("{} have no columns: `ndsl dataset show` shows what is in them", noun(&source))))
        }
    }
}

fn profile(plan: &DatasetPlan, folder: &Path, fail: &dyn Fn(DataError) -> Error) -> Result<Response, Error> {
    let named = plan.source.files();
    let place = data::folder_of(plan, folder);
    let sizes = named.iter().map(|file| std::fs::metadata(place.join(&file.text)).ok().filter(|found| found.is_file()));
    let response = Response {
        name: plan.name.clone(),
        files: named.iter().map(|file| file.text.clone()).collect(),
        format: noun(&plan.source).to_owned(),
        bytes: sizes.map(|found| Some(found?.len())).sum(),
        rows: 0,
        columns: Vec::new(),
        fields: Vec::new(),
        target: None,
    };
    match &plan.source {
        DataSource::Columns { files, .. } | DataSource::Table { files, .. } => {
            let (rows, columns) = data::profile(files, &place).map_err(fail)?;
            let target = plan.source.target().map(|target| outside(&plan.source, target));
            let target = target.and_then(|target| columns.iter().find(|column| column.name == target));
            let target = target.map(|column| TargetProfile {
                name: column.name.clone(),
                classes: column.classes().unwrap_or_default(),
            });
            Ok(Response { rows, columns, target, ..response })
        }
        source => {
            let data = data::open(plan, folder).map_err(fail)?;
            // What stands for a token or a class is no quantity.
            let is_quantity = |field: &Field| {
                let is_number = field.classes.is_none() && field.name != data.target;
                field.data.element() == ElementType::F32 || is_number && !matches!(source, DataSource::Text { .. })
            };
            let profile = |field: &Field| of_field(&data, field, is_quantity(field));
            let fields = data.fields.iter().map(profile).collect::<Result<_, _>>().map_err(fail)?;
            let target = match data.field(&data.target) {
                Some(field) => Some(of_target(field).map_err(fail)?),
                None => None,
            };
            Ok(Response { rows: data.rows, fields, target, ..response })
        }
    }
}

/// What a table's column is called in its file.
fn outside(source: &DataSource, name: &str) -> String {
    match source {
        DataSource::Table { columns, .. } => {
            columns.iter().find(|column| column.name == name).map_or(name, |column| &column.outside).to_owned()
        }
        _ => name.to_owned(),
    }
}

fn noun(source: &DataSource) -> &'static str {
    match source {
        DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Text { files, .. } => {
            files.format.noun()
        }
        DataSource::Idx { .. } => "IDX files",
        DataSource::Images { .. } => "folder of pictures",
        DataSource::Pictures { .. } => "table of pictures",
        DataSource::Npy { .. } => "NPY files",
        DataSource::Npz { .. } => "NPZ archive",
    }
}

/// What a field is, and how its numbers are spread where they are quantities: those of rows evenly apart where there are many.
fn of_field(data: &Dataset, field: &Field, is_quantity: bool) -> Result<FieldProfile, DataError> {
    let profile = FieldProfile {
        name: field.name.clone(),
        element: field.data.element(),
        shape: field.shape.clone(),
        spread: None,
        looked_at: None,
    };
    if !is_quantity {
        return Ok(profile);
    }
    let most = match field.pictures {
        Some(_) => PICTURES,
        None => (NUMBERS / field.width().max(1)).max(1),
    };
    let step = data.rows.div_ceil(most).max(1);
    let rows: Vec<usize> = (0..data.rows).step_by(step).collect();
    let mut numbers = Vec::new();
    for rows in rows.chunks(256) {
        let batch = data.batch(field, rows)?.data;
        numbers.extend((0..batch.len()).filter_map(|index| batch.number(index)));
        // Of large pictures a few are enough.
        if numbers.len() > 8 * NUMBERS {
            break;
        }
    }
    let looked_at = numbers.len() / field.width().max(1);
    let looked_at = (looked_at < data.rows).then_some(looked_at);
    Ok(FieldProfile { spread: data::spread(numbers.into_iter()), looked_at, ..profile })
}

/// How many rows, or tokens, each class has.
fn of_target(field: &Field) -> Result<TargetProfile, DataError> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    if field.data.element() != ElementType::F32 && field.pictures.is_none() {
        _ = field.data.pieces(&mut |_, labels| {
            for label in (0..labels.len()).filter_map(|index| labels.number(index)) {
                *counts.entry(label as i64).or_default() += 1;
            }
            match counts.len() > CLASSES {
                true => std::ops::ControlFlow::Break(()),
                false => std::ops::ControlFlow::Continue(()),
            }
        })?;
    }
    let named = |class: i64| {
        let names = field.classes.as_ref();
        let name = names.and_then(|names| names.get(usize::try_from(class).ok()?));
        name.cloned().unwrap_or_else(|| class.to_string())
    };
    let mut classes: Vec<(String, u64)> = Vec::new();
    if counts.len() <= CLASSES {
        classes.extend(counts.into_iter().map(|(class, count)| (named(class), count)));
        classes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    Ok(TargetProfile { name: field.name.clone(), classes })
}
