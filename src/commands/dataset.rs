//! `ndsl dataset`: what data are like, before anything is learnt from them.

use std::path::{Path, PathBuf};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::compiler::files::EXTENSION;
use ndsl::runtime::data::{ColumnProfile, Spread, ValueKind, readable};
use ndsl::runtime::operations::dataset::{self, FieldProfile, Request, Response, TargetProfile};
use ndsl::runtime::operations::fetch::Part;

use super::summary::{bytes as in_units, grouped};
use super::{Failure, Format, fetch, interrupt, report};
use crate::terminal;

/// How many classes of what is learnt are shown.
const CLASSES: usize = 20;

/// How many columns of the first rows are shown.
const COLUMNS: usize = 8;

/// How many characters of a value are shown.
const CHARACTERS: usize = 24;

/// The width of the longest bar of a class.
const BAR: usize = 30;

/// Look at data before anything is learnt from them
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    Show(Show),
    Fetch(Fetch),
}

/// Fetch the files that a program names by their addresses, so that it can be trained where there is no network
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl dataset fetch model.ndsl\n\nWhat is fetched is kept in `ndsl/data` of the user's cache (`XDG_CACHE_HOME`), by its hash. `ndsl train` fetches what is not there."
)]
struct Fetch {
    /// The program
    file: PathBuf,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// Show what a dataset is like: its columns and their types, what is missing, how values are spread, how many rows each class has
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl dataset show people.csv               a file, by its ending\n  ndsl dataset show rides/*.parquet          several files as one\n  ndsl dataset show model.ndsl               the dataset of a program, and what is learnt of it\n  ndsl dataset show model.ndsl People        one of several\n  ndsl dataset show people.csv --message-format json\n\nEvery row is read once, and memory does not grow with the rows."
)]
struct Show {
    /// A program, or a file of data
    path: PathBuf,
    /// Of a program: which dataset. Of a file of data: more files
    #[arg(value_name = "DATASET|FILE")]
    more: Vec<PathBuf>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Show(show) => show.run(),
            Verb::Fetch(fetch) => fetch.run(),
        }
    }
}

impl Fetch {
    fn run(self) -> Result<(), Failure> {
        let source = report::read_source(&self.file)?;
        let kept =
            fetch::fetch(&source, report::folder(&self.file), Part::All, self.message_format, &interrupt::cancel()?)?;
        if self.message_format == Format::Json {
            println!("{}", report::to_json(&kept));
            return Ok(());
        }
        for file in &kept {
            let was = if file.was_here { "was here" } else { "fetched" };
            println!("{}: {was}, {} in {}", file.address, in_units(file.bytes), file.path.display());
        }
        if kept.is_empty() {
            println!("{}: names no file of another machine with its hash", source.name);
        }
        Ok(())
    }
}

impl Show {
    fn run(self) -> Result<(), Failure> {
        let format = self.message_format;
        let request = request(&self.path, &self.more)?;
        let response = dataset::run(&request).map_err(|error| Failure::operation(error, format))?;
        match format {
            Format::Json => println!("{}", report::to_json(&response)),
            _ => print(&response),
        }
        Ok(())
    }
}

fn request(path: &Path, more: &[PathBuf]) -> Result<Request, Failure> {
    let is_program = path == Path::new("-") || path.to_string_lossy().ends_with(EXTENSION);
    if !is_program {
        return Ok(Request::Files(
            std::iter::once(path).chain(more.iter().map(PathBuf::as_path)).map(Into::into).collect(),
        ));
    }
    if let [_, second, ..] = more {
        return Err(Failure::Command(format!("one dataset is shown at a time: `{}` is one more", second.display())));
    }
    let source = report::read_source(path)?;
    Ok(Request::Declared {
        name: source.name.clone(),
        text: source.text.to_string(),
        folder: report::folder(path).to_owned(),
        dataset: more.first().map(|name| name.to_string_lossy().into_owned()),
    })
}

/// What was found, as tables.
pub fn print(response: &Response) {
    let plural =
        |count: usize, noun: &str| format!("{} {noun}{}", grouped(count as u64), if count == 1 { "" } else { "s" });
    let parts = match response.columns.len() {
        0 => plural(response.fields.len(), "field"),
        columns => plural(columns, "column"),
    };
    let bytes = response.bytes.map_or_else(String::new, |bytes| format!(", {}", in_units(bytes)));
    println!("{}: {} of {parts}, {}{bytes}", response.name, plural(response.rows, "row"), response.format);
    if response.columns.is_empty() {
        fields(response);
    } else {
        columns(response);
    }
    if let Some(target) = &response.target {
        classes(target);
    }
    first_rows(&response.columns);
}

fn grid(headings: &[&str]) -> Table {
    let mut grid = Table::new();
    grid.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_header(headings.iter().map(|text| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    }));
    grid
}

fn columns(response: &Response) {
    let mut grid = grid(&["Column", "Type", "Missing", "Distinct", "Values", "Spread"]);
    for column in &response.columns {
        let name = match &response.target {
            Some(target) if target.name == column.name => format!("{} (target)", column.name),
            _ => column.name.clone(),
        };
        let missing = match (column.missing, column.unreadable) {
            (0, 0) => String::new(),
            (0, other) => format!("{} not single values", grouped(other)),
            (missing, _) => format!("{} ({})", grouped(missing), percent(missing, response.rows as u64)),
        };
        let distinct = match column.distinct {
            Some(distinct) => grouped(distinct as u64),
            None => "> 10,000".to_owned(),
        };
        grid.add_row([
            Cell::new(name),
            Cell::new(kind(column.kind)),
            Cell::new(missing).set_alignment(CellAlignment::Right),
            Cell::new(distinct).set_alignment(CellAlignment::Right),
            Cell::new(values(column)),
            Cell::new(column.spread.as_ref().or(column.times.as_ref()).map_or_else(String::new, bars)),
        ]);
    }
    println!("{grid}");
}

fn fields(response: &Response) {
    let mut grid = grid(&["Field", "Type", "Values", "Spread"]);
    for field in &response.fields {
        let FieldProfile { name, element, shape, spread, looked_at } = field;
        let shape = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let of = looked_at.map_or_else(String::new, |rows| format!(" (of {} rows)", grouped(rows as u64)));
        grid.add_row([
            Cell::new(name),
            Cell::new(format!("{element}[{shape}]")),
            Cell::new(spread.as_ref().map_or_else(String::new, |spread| format!("{}{of}", range(spread)))),
            Cell::new(spread.as_ref().map_or_else(String::new, bars)),
        ]);
    }
    println!("{grid}");
}

/// The classes of what is learnt, each with a bar.
fn classes(target: &TargetProfile) {
    if target.classes.is_empty() {
        return;
    }
    let TargetProfile { name, classes } = target;
    let rows: u64 = classes.iter().map(|(_, count)| count).sum();
    let most = classes.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    println!("\n{name}: {}", report::some(classes.len(), "class").replace("classs", "classes"));
    let shown = &classes[..classes.len().min(CLASSES)];
    let width = shown.iter().map(|(class, _)| shortened(class).chars().count()).max().unwrap_or(0);
    let digits = grouped(most).len();
    for (class, count) in shown {
        let bar = "█".repeat((*count as usize * BAR).div_ceil(most as usize));
        println!("  {:<width$}  {:>digits$}  {:>6}  {bar}", shortened(class), grouped(*count), percent(*count, rows));
    }
    if classes.len() > shown.len() {
        println!("  and {} more", classes.len() - shown.len());
    }
}

/// The first rows, a column for each of the first columns.
fn first_rows(columns: &[ColumnProfile]) {
    let count = columns.iter().map(|column| column.first.len()).max().unwrap_or(0);
    if count == 0 {
        return;
    }
    let shown = &columns[..columns.len().min(COLUMNS)];
    let mut grid = grid(&shown.iter().map(|column| column.name.as_str()).collect::<Vec<_>>());
    for row in 0..count {
        let cell = |column: &ColumnProfile| match column.first.get(row) {
            Some(Some(value)) => shortened(value),
            _ => String::new(),
        };
        grid.add_row(shown.iter().map(|column| Cell::new(cell(column))));
    }
    let more = match columns.len() - shown.len() {
        0 => String::new(),
        more => format!(", without {more} more columns"),
    };
    println!("\nthe first rows{more}:\n{grid}");
}

fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Int => "int",
        ValueKind::Float => "float",
        ValueKind::Bool => "bool",
        ValueKind::Date => "date",
        ValueKind::Datetime => "datetime",
        ValueKind::Time => "time",
        ValueKind::Text => "text",
        ValueKind::Empty => "nothing",
    }
}

/// What a column's values are, in few words.
fn values(column: &ColumnProfile) -> String {
    if let Some(spread) = &column.spread {
        return range(spread);
    }
    if let Some((first, last)) = &column.between {
        return format!("{first} to {last}");
    }
    match (column.frequent.first(), column.distinct) {
        // Where every value is another, none is frequent.
        (Some((_, 2..)), _) | (_, Some(1)) => {
            let common = column.frequent.iter().take(3);
            let common =
                common.map(|(value, count)| format!("{} {}", shortened(value), percent(*count, column.present)));
            let more = if column.frequent.len() > 3 { ", …" } else { "" };
            format!("{}{more}", common.collect::<Vec<_>>().join(", "))
        }
        _ => column.first.iter().flatten().next().map_or_else(String::new, |value| format!("{}, …", shortened(value))),
    }
}

/// The least, the middle and the largest, and the mean.
fn range(spread: &Spread) -> String {
    let middle = spread.quantiles.iter().find(|quantile| quantile.share == 0.5).map_or(f64::NAN, |half| half.value);
    format!(
        "{} to {}, median {}, mean {} ± {}",
        readable(spread.min),
        readable(spread.max),
        readable(middle),
        readable(spread.mean),
        readable(spread.standard_deviation)
    )
}

/// A histogram, a letter a bar.
fn bars(spread: &Spread) -> String {
    const LETTERS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let joined: Vec<u64> = spread.histogram.chunks(3).map(|bars| bars.iter().sum()).collect();
    let most = joined.iter().copied().max().unwrap_or(0).max(1);
    let letter = |count: &u64| match count {
        0 => ' ',
        count => LETTERS[((count * 8).div_ceil(most) as usize).clamp(1, 8) - 1],
    };
    joined.iter().map(letter).collect()
}

fn shortened(text: &str) -> String {
    within(text, CHARACTERS)
}

/// A text of at most so many characters, on one line.
pub fn within(text: &str, characters: usize) -> String {
    // What cannot be seen is written as a program would.
    if text.trim().is_empty() && !text.is_empty() {
        return format!("{text:?}");
    }
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}%", 100.0 * part as f64 / whole.max(1) as f64)
}
