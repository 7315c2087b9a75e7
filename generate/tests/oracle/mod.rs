//! Holds generated tables to their schema, row by row, with the compiler's own evaluator: slow, and obviously right.

#![allow(dead_code, clippy::needless_range_loop, reason = "each test uses some of it, and rows go by their numbers")]

pub mod sound;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Float64Type, Int32Type, Int64Type, Time32SecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::evaluate::{Row, evaluate};
use ndsl_compiler::schema::{Aggregate, Allowed, ColumnId, ColumnPath, Schemas, TableId, Type, pattern};
use ndsl_compiler::{Source, analyze};
use ndsl_generate::text::Locale;
use ndsl_generate::{Fault, Generator, NoInputs, Options};

/// The schemas of a program without faults.
pub fn schemas(text: &str) -> Arc<Schemas> {
    let analysis = analyze(&Source::new("rows.ndsl", text));
    assert!(!analysis.has_errors(), "{:#?}\n{text}", analysis.diagnostics);
    Arc::new(analysis.schemas().clone())
}

/// A generator of so many rows, where nothing else is said.
pub fn generator(text: &str, rows: u64) -> Generator {
    generator_with(text, rows, &[], 7).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A generator, or the messages of what it cannot be made for.
pub fn generator_with(text: &str, rows: u64, of: &[(&str, u64)], seed: u64) -> Result<Generator, Vec<String>> {
    let schemas = schemas(text);
    let find = |name: &str| schemas.tables().find(|(_, table)| table.name == name).unwrap().0;
    let rows_of: BTreeMap<TableId, u64> = of.iter().map(|(name, rows)| (find(name), *rows)).collect();
    let options = Options { seed, locale: Locale::En, rows, rows_of, inputs: &NoInputs, threads: 2 };
    Generator::new(schemas.clone(), &options).map_err(|faults| faults.into_iter().map(|fault| fault.message).collect())
}

/// Every value of every table.
pub struct Made {
    pub schemas: Arc<Schemas>,
    pub tables: Vec<Vec<Vec<Datum>>>,
}

/// Every row, made in batches of a size.
pub fn all(generator: &Generator, batch: u64) -> Made {
    let schemas = Arc::new(generator.schemas().clone());
    let table =
        |id: TableId| read(generator, id, batch).unwrap_or_else(|fault| panic!("{}: {fault}", schemas.at(id).path));
    let tables = schemas.tables().map(|(id, _)| table(id)).collect();
    Made { schemas, tables }
}

/// The columns of a table, made in batches of a size.
pub fn read(generator: &Generator, id: TableId, batch: u64) -> Result<Vec<Vec<Datum>>, Fault> {
    let table = generator.schemas().at(id);
    let mut columns: Vec<Vec<Datum>> = vec![Vec::new(); table.columns.len()];
    let mut start = 0;
    while start < generator.rows(id) {
        let rows = generator.make(id, start..start + batch)?;
        assert_eq!(rows.num_rows() as u64, batch.min(generator.rows(id) - start));
        for (place, (_, column)) in table.columns().enumerate() {
            columns[place].extend(data(rows.column(place), &column.kind.value()));
        }
        start += batch;
    }
    Ok(columns)
}

/// The values of an array, as values of a type; a list as the text of its items.
pub fn data(array: &ArrayRef, ty: &Type) -> Vec<Datum> {
    let each = |place: usize| match ty {
        _ if array.is_null(place) => Datum::Null,
        Type::Int => Datum::Int(array.as_primitive::<Int64Type>().value(place)),
        Type::Float => Datum::Float(array.as_primitive::<Float64Type>().value(place)),
        Type::Decimal(places) => {
            let scaled = array.as_primitive::<Decimal64Type>().value(place);
            Datum::Float(scaled as f64 / 10f64.powi(i32::from(*places)))
        }
        Type::Bool => Datum::Bool(array.as_boolean().value(place)),
        Type::Date => Datum::Date(array.as_primitive::<Date32Type>().value(place)),
        Type::DateTime => Datum::DateTime(array.as_primitive::<TimestampSecondType>().value(place)),
        Type::Time => Datum::Time(array.as_primitive::<Time32SecondType>().value(place) as u32),
        Type::Enum(_) => Datum::Label(array.as_dictionary::<Int32Type>().keys().value(place) as u32),
        Type::List(item) => Datum::Text(format!("{:?}", data(&array.as_list::<i32>().value(place), item)).into()),
        _ => Datum::Text(array.as_string::<i32>().value(place).into()),
    };
    (0..array.len()).map(each).collect()
}

struct OneRow<'m> {
    made: &'m Made,
    table: TableId,
    row: usize,
    keys: &'m Keys,
}

/// The row of each table that has a value in a column that is referred to.
type Keys = HashMap<(TableId, ColumnId), HashMap<String, usize>>;

impl Row for OneRow<'_> {
    fn column(&self, path: &ColumnPath) -> Datum {
        let (mut table, mut row) = (self.table, self.row);
        for step in &path.through {
            let reference = self.made.schemas.at(table).at(*step).reference().unwrap();
            let value = &self.made.tables[table.0 as usize][step.0 as usize][row];
            match value {
                Datum::Null => return Datum::Null,
                value => row = self.keys[&(reference.table, reference.column)][&value.to_string()],
            }
            table = reference.table;
        }
        self.made.tables[table.0 as usize][path.column.0 as usize][row].clone()
    }

    fn aggregate(&self, what: Aggregate, table: TableId, via: ColumnId, column: Option<ColumnId>) -> Datum {
        let reference = self.made.schemas.at(table).at(via).reference().unwrap();
        let mine = &self.made.tables[self.table.0 as usize][reference.column.0 as usize][self.row];
        let children = &self.made.tables[table.0 as usize];
        let rows: Vec<usize> =
            (0..children[via.0 as usize].len()).filter(|row| children[via.0 as usize][*row] == *mine).collect();
        let Some(column) = column else { return Datum::Int(rows.len() as i64) };
        let values: Vec<&Datum> =
            rows.iter().map(|row| &children[column.0 as usize][*row]).filter(|value| **value != Datum::Null).collect();
        let points: Vec<f64> = values.iter().filter_map(|value| value.point()).collect();
        let whole = values.iter().all(|value| matches!(value, Datum::Int(_)))
            && self.made.schemas.at(table).at(column).kind.value() == Type::Int;
        match what {
            Aggregate::Count => Datum::Int(rows.len() as i64),
            Aggregate::Sum if whole => Datum::Int(points.iter().sum::<f64>() as i64),
            Aggregate::Sum => Datum::Float(points.iter().sum()),
            _ if values.is_empty() => Datum::Null,
            Aggregate::Mean => Datum::Float(points.iter().sum::<f64>() / points.len() as f64),
            Aggregate::Min | Aggregate::Max => {
                let sign = if what == Aggregate::Min { 1.0 } else { -1.0 };
                let best = (0..values.len()).min_by(|a, b| (sign * points[*a]).total_cmp(&(sign * points[*b])));
                values[best.unwrap()].clone()
            }
        }
    }
}

/// Holds every row to everything that its schema says.
pub fn hold(made: &Made) {
    let mut keys = Keys::new();
    for (_, table) in made.schemas.tables() {
        for (_, column) in table.columns() {
            if let Some(reference) = column.reference() {
                let values = &made.tables[reference.table.0 as usize][reference.column.0 as usize];
                let rows = values.iter().enumerate().map(|(row, value)| (value.to_string(), row)).collect();
                keys.insert((reference.table, reference.column), rows);
            }
        }
    }
    for (id, table) in made.schemas.tables() {
        let columns = &made.tables[id.0 as usize];
        for (place, (_, column)) in table.columns().enumerate() {
            let values = &columns[place];
            let name = format!("{}.{}", table.path, column.name);
            let pattern = column.pattern.as_ref().map(|found| pattern::read(&found.value.text).unwrap());
            for (row, value) in values.iter().enumerate() {
                if *value == Datum::Null {
                    assert!(column.optional, "{name} has no value in row {row}");
                    continue;
                }
                if let Some(allowed) = &column.allowed {
                    assert!(allows(&allowed.value, value), "{name} is {value} in row {row}");
                }
                if let (Datum::Text(text), false) = (value, matches!(column.kind.value(), Type::List(_))) {
                    let length = text.chars().count() as u64;
                    if let Some(wanted) = column.length {
                        let most = wanted.value.max.unwrap_or(u64::MAX);
                        assert!(wanted.value.min <= length && length <= most, "{name} is {text:?} in row {row}");
                    }
                    if let Some(hir) = &pattern {
                        assert!(pattern::matches(hir, text), "{name} is {text:?} in row {row}");
                    }
                }
                if let Some(reference) = column.reference() {
                    let known = &keys[&(reference.table, reference.column)];
                    assert!(known.contains_key(&value.to_string()), "{name} refers to {value}, which is not there");
                }
            }
            if column.is_distinct() {
                let some: Vec<String> =
                    values.iter().filter(|value| **value != Datum::Null).map(ToString::to_string).collect();
                let different: HashSet<&String> = some.iter().collect();
                assert_eq!(different.len(), some.len(), "{name} repeats");
            }
        }
        let rows = columns.first().map_or(0, Vec::len);
        for together in &table.together {
            let mut seen = HashSet::new();
            for row in 0..rows {
                let values: Vec<&Datum> =
                    together.columns.iter().map(|column| &columns[column.0 as usize][row]).collect();
                if !values.contains(&&Datum::Null) {
                    assert!(seen.insert(format!("{values:?}")), "{} repeats {values:?} in row {row}", table.path);
                }
            }
        }
        for row in 0..rows {
            let context = OneRow { made, table: id, row, keys: &keys };
            for check in &table.checks {
                let truth = evaluate(&check.condition, &context);
                assert_ne!(truth, Some(Datum::Bool(false)), "row {row} of {} fails {:?}", table.path, check.span);
            }
            for (place, (_, column)) in table.columns().enumerate() {
                let Some(derived) = &column.derived else { continue };
                let wanted = evaluate(derived, &context);
                let found = &columns[place][row];
                let near = match (&wanted, found) {
                    (Some(Datum::Null), Datum::Null) => true,
                    (Some(wanted), found) => match (wanted.point(), found.point(), column.kind.value()) {
                        (Some(a), Some(b), Type::Decimal(places)) => {
                            (a - b).abs() <= 0.500_001 * 10f64.powi(-i32::from(places))
                        }
                        (Some(a), Some(b), _) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
                        _ => wanted == found,
                    },
                    (None, _) => false,
                };
                assert!(near, "{}.{} is {found:?} in row {row}, and should be {wanted:?}", table.path, column.name);
            }
        }
    }
}

fn allows(allowed: &Allowed, value: &Datum) -> bool {
    match allowed {
        Allowed::Listed(values) => values
            .iter()
            .any(|listed| listed == value || listed.point().is_some_and(|point| Some(point) == value.point())),
        Allowed::Between { low, high, inclusive } => {
            let at = value.point().unwrap();
            low.as_ref().is_none_or(|low| at >= low.point().unwrap())
                && high.as_ref().is_none_or(|high| {
                    let high = high.point().unwrap();
                    if *inclusive { at <= high } else { at < high }
                })
        }
    }
}

/// The points of a column of a table, nulls left out.
pub fn points(made: &Made, table: &str, column: &str) -> Vec<f64> {
    let (id, table) = made.schemas.tables().find(|(_, found)| found.name == table).unwrap();
    let (column, _) = table.column(column).unwrap();
    made.tables[id.0 as usize][column.0 as usize].iter().filter_map(Datum::point).collect()
}

/// The values of a column of a table.
pub fn values<'m>(made: &'m Made, table: &str, column: &str) -> &'m [Datum] {
    let (id, table) = made.schemas.tables().find(|(_, found)| found.name == table).unwrap();
    let (column, _) = table.column(column).unwrap();
    &made.tables[id.0 as usize][column.0 as usize]
}

/// One batch of rows as text, to be looked at.
pub fn written(batch: &RecordBatch) -> String {
    format!("{batch:?}")
}

/// Of all rows of the first table that these values make, how many meet its checks.
pub fn share(schemas: &Schemas, values: &[Vec<Datum>]) -> (usize, usize) {
    struct Alone<'r>(&'r [Datum]);
    impl Row for Alone<'_> {
        fn column(&self, path: &ColumnPath) -> Datum {
            self.0[path.column.0 as usize].clone()
        }
    }
    let every: usize = values.iter().map(Vec::len).product();
    let mut good = 0;
    for place in 0..every {
        let mut rest = place;
        let row: Vec<Datum> = values
            .iter()
            .map(|values| {
                let value = values[rest % values.len()].clone();
                rest /= values.len();
                value
            })
            .collect();
        let met =
            |check: &ndsl_compiler::schema::Check| evaluate(&check.condition, &Alone(&row)) != Some(Datum::Bool(false));
        good += usize::from(schemas.tables[0].checks.iter().all(met));
    }
    (good, every)
}
