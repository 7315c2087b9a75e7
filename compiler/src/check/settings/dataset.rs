//! Checks datasets: where their rows come from, and what each row has.

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind};

use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::names::Declared;
use super::super::value::Value;
use super::files::address_refused;
use super::{Settings, kinds};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Dim, ElementType, Shape};
use crate::plan::{
    DataField, DataSource, DatasetPlan, Files, Fit, Format, ImageShape, Interpolation, Located, TextShape, Tokens,
};
use crate::schema::TableId;
use crate::settings::sources::SOURCES;
use crate::signature::{Kind, Parameter};
use crate::suggest::either;

/// What a dataset's declaration tells of its rows.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The dataset's name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What the runtime reads, where it can.
    pub plan: Option<DatasetPlan>,
    /// The field to learn.
    pub target: Option<String>,
    /// The fields as far as the declaration tells.
    pub fields: Vec<DataField>,
    /// Fields there are of which only the files tell the shape.
    pub unshaped: Vec<String>,
    /// Whether there are fields of which only the files know the names.
    pub open: bool,
    /// The table of a schema that a row is one of.
    pub table: Option<TableId>,
    /// The tables there are, each with its file, where none was chosen.
    pub several: Vec<(TableId, Option<Files>)>,
    /// The files of its rows and columns, where these are what it reads.
    pub files: Option<Files>,
    /// Of a table of a schema: the columns that were chosen of it.
    pub chosen: Option<Vec<Located>>,
    /// What this version cannot carry out of it.
    pub refusals: Vec<Diagnostic>,
}

impl Rows {
    /// The field that an output is compared with: the target, or the only one there is.
    pub(super) fn compared(&self) -> Option<&str> {
        let only = match self.fields.as_slice() {
            [only] if self.unshaped.is_empty() && !self.open => Some(only.name.as_str()),
            _ => None,
        };
        self.target.as_deref().or(only)
    }
}

/// A dataset's source, as a parameter: what stands after the `=`.
const SOURCE: Parameter =
    Parameter::new("dataset", Kind::Method(&SOURCES), crate::signature::Default::Required, "Where its rows come from.");

impl Context<'_> {
    /// The dataset an expression describes.
    pub fn dataset(&mut self, name: &str, span: Span, expr: &Expr, schema: Option<&ast::Path>) -> Option<Rows> {
        self.without_tune("dataset", |cx| cx.rows(name, span, expr, schema))
    }

    fn rows(&mut self, name: &str, span: Span, expr: &Expr, schema: Option<&ast::Path>) -> Option<Rows> {
        let expr = self.choice_of(expr);
        let (callee, is_call) = match &expr.kind {
            ExprKind::Call { callee, .. } => (callee.as_ref(), true),
            ExprKind::Name(_) => (expr, false),
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::WrongType,
                        expr.span,
                        "a dataset is a call that says where its rows come from",
                    )
                    .label("expected a call such as `csv(\"rows.csv\", target=label)`"),
                );
                return None;
            }
        };
        let ExprKind::Name(source) = &callee.kind else {
            self.report(
                Diagnostic::new(Code::UnknownFunction, callee.span, "not a source of data")
                    .label(format!("expected {}", SOURCES.one())),
            );
            return None;
        };
        let Some(method) = SOURCES.find(source) else {
            let mut fault =
                Diagnostic::new(Code::UnknownFunction, callee.span, format!("there is no source of data `{source}`"))
                    .label(format!("expected {}", SOURCES.one()));
            if let Some(meant) = kinds::meant(&SOURCES, source) {
                let meant = meant.signature.name;
                fault =
                    fault.fix(format!("replace `{source}` with `{meant}`"), callee.span, meant, Applicability::Safe);
            }
            self.report(fault);
            return None;
        };
        if !is_call {
            let fault = Diagnostic::new(Code::MissingArgument, expr.span, format!("`{source}` needs its file"));
            self.report(fault.label("nothing given").help(format!("it is written `{}`", method.signature.synopsis())));
            return None;
        }
        if let Some(tables) = self.tables(expr, schema) {
            return tables.then(|| self.of_tables(name, span, expr, schema)).flatten();
        }
        let refused = self.refusals.len();
        let given = self.method(&SOURCES, &SOURCE, expr)?;
        let rows = self.of_source(name, span, expr, &given);
        let refusals = self.refusals.split_off(refused);
        let rows = Rows { refusals, ..rows? };
        let rows = match schema {
            Some(schema) => self.of_schema(rows, schema, expr, &given)?,
            None => rows,
        };
        let listed = argument(expr, &given, "columns").and_then(columns).unwrap_or_default();
        let target = argument(expr, &given, "target").and_then(columns).unwrap_or_default();
        for column in listed.iter().chain(&target).filter(|column| !column.text.contains('*')) {
            self.note_column(&rows, &column.text, column.span);
        }
        Some(rows)
    }

    fn of_source(&mut self, name: &str, span: Span, expr: &Expr, given: &Settings) -> Option<Rows> {
        let located = |parameter: &str| match given.given(parameter) {
            Some((span, Value::Text(text))) => Some(Located { text: text.to_string(), span }),
            _ => None,
        };
        let mut rows = Rows {
            name: name.to_owned(),
            span,
            plan: None,
            target: None,
            fields: Vec::new(),
            unshaped: Vec::new(),
            open: false,
            table: None,
            several: Vec::new(),
            files: None,
            chosen: None,
            refusals: Vec::new(),
        };
        let field = |name: &str, element, dims: Vec<Dim>| DataField {
            name: name.to_owned(),
            element,
            shape: Shape(dims),
            classes: None,
        };
        match given.signature.name {
            "csv" | "parquet" | "jsonl" | "arrow" => {
                let columns = argument(expr, given, "columns").and_then(columns);
                let target = located("target");
                if !self.distinct(columns.as_deref().unwrap_or(&[]), target.as_ref()) {
                    return None;
                }
                let plain = columns.as_ref().filter(|columns| columns.iter().all(|column| !column.text.contains('*')));
                let count = plain.map_or(Dim::Unknown, |columns| Dim::Known(columns.len()));
                rows.fields.push(field("columns", ElementType::F32, vec![count]));
                rows.target = target.as_ref().map(|target| target.text.clone());
                let files = self.files(expr, given);
                rows.files = files.clone();
                if let Some(files) = files {
                    let source = DataSource::Columns { files, columns, target };
                    rows.plan = Some(self.plan_of(name, span, source));
                }
            }
            "idx" => {
                rows.target = Some("label".into());
                rows.unshaped.push("image".into());
                let source = DataSource::Idx { images: located("images")?, labels: located("labels")? };
                rows.plan = Some(self.plan_of(name, span, source));
            }
            "images" => {
                let size: Vec<i64> = match given.given("size") {
                    Some((_, Value::Int(size))) => vec![*size, *size],
                    Some((_, Value::List(sizes))) => sizes
                        .iter()
                        .filter_map(|size| if let Value::Int(size) = size { Some(*size) } else { None })
                        .collect(),
                    _ => Vec::new(),
                };
                let channels = given.int("channels");
                let dim = |size: Option<i64>| {
                    size.and_then(|size| usize::try_from(size).ok()).map_or(Dim::Unknown, Dim::Known)
                };
                let dims = vec![dim(size.first().copied()), dim(size.get(1).copied()), dim(channels)];
                rows.fields.push(field("image", ElementType::U8, dims.clone()));
                let table = located("path").and_then(|path| Format::by_name(&path.text).map(|format| (path, format)));
                if !self.is_table_of_pictures(given, table.is_some()) {
                    return None;
                }
                let labelled = given.word("labels") == "folders";
                rows.target = match &table {
                    Some(_) => located("target").map(|target| target.text),
                    None => labelled.then(|| "label".to_owned()),
                };
                if let Some(channels) = channels.filter(|channels| !matches!(channels, 1 | 3 | 4)) {
                    let message = format!("a picture has no {channels} channels");
                    let fault = Diagnostic::new(Code::OutOfRange, given.at("channels"), message);
                    self.report(fault.label("1 for grey, 3 for colours, 4 with transparency"));
                    return None;
                }
                if let (Some(path), [Dim::Known(height), Dim::Known(width), Dim::Known(channels)]) =
                    (located("path"), &dims[..])
                {
                    let shape = image_shape(given, [*height, *width, *channels]);
                    let source = match (table, located("column")) {
                        (Some((path, format)), Some(column)) => {
                            let files = Files::of(path, format);
                            rows.files = Some(files.clone());
                            DataSource::Pictures { files, column, target: located("target"), shape }
                        }
                        _ => DataSource::Images { paths: vec![path], shape, labelled },
                    };
                    rows.plan = Some(self.plan_of(name, span, source));
                }
            }
            "text" => {
                let context = given.int("context").and_then(|context| usize::try_from(context).ok());
                let dims = vec![context.map_or(Dim::Unknown, Dim::Known)];
                rows.fields.push(field("tokens", ElementType::I64, dims.clone()));
                rows.fields.push(field("next", ElementType::I64, dims));
                rows.target = Some("next".into());
                if let (Some(files), Some(shape)) = (self.files(expr, given), text_shape(given)) {
                    rows.plan = Some(self.plan_of(name, span, DataSource::Text { files, shape }));
                }
            }
            "npy" => {
                rows.unshaped.push("x".into());
                if given.given("y").is_some() {
                    rows.unshaped.push("y".into());
                    rows.target = Some("y".into());
                }
                if let Some(x) = located("x") {
                    let source = DataSource::Npy { x, y: located("y") };
                    rows.plan = Some(self.plan_of(name, span, source));
                }
            }
            _ => {
                rows.open = true;
                let target = located("target");
                // The file alone says how many axes it has.
                rows.unshaped.extend(target.as_ref().map(|target| target.text.clone()));
                rows.target = target.as_ref().map(|target| target.text.clone());
                if let Some(path) = located("path") {
                    let source = DataSource::Npz { path, target };
                    rows.plan = Some(self.plan_of(name, span, source));
                }
            }
        }
        let known =
            |target: &String| rows.fields.iter().any(|field| field.name == *target) || rows.unshaped.contains(target);
        if let Some(target) = rows.target.clone().filter(|target| !known(target)) {
            rows.fields.push(field(&target, ElementType::I64, Vec::new()));
        }
        Some(rows)
    }

    /// Whether pictures are given as a folder, or as a table with the column of their paths; reported where as neither.
    fn is_table_of_pictures(&mut self, given: &Settings, is_table: bool) -> bool {
        let at = |name: &str| given.given(name).map(|(span, _)| span);
        let fault = match (is_table, at("column"), at("target"), at("labels")) {
            (true, None, ..) => {
                Diagnostic::new(Code::MissingArgument, given.at("path"), "which column of the table has the paths?")
                    .label("a table of pictures")
                    .help("name it: `images(\"train.csv\", size=224, column=file, target=label)`")
            }
            (true, _, _, Some(labels)) => Diagnostic::new(Code::Conflict, labels, "a table's labels are no folders")
                .label("of a folder of pictures")
                .help("`target` names the column of what is learnt"),
            (false, Some(column), ..) | (false, None, Some(column), _) => {
                Diagnostic::new(Code::Conflict, column, "a folder of pictures has no columns")
                    .label("a column of no table")
                    .related(given.at("path"), "neither a CSV file, nor Parquet, JSON lines or Arrow")
            }
            _ => return true,
        };
        self.report(fault);
        false
    }

    fn plan_of(&mut self, name: &str, span: Span, source: DataSource) -> DatasetPlan {
        if !matches!(source, DataSource::Columns { .. } | DataSource::Table { .. } | DataSource::Text { .. }) {
            self.refusals.extend(source.files().into_iter().filter_map(address_refused));
        }
        DatasetPlan { name: name.to_owned(), span, folder: self.names.folder_of(span), source }
    }

    /// Whether no column is chosen twice and the target is none of them; reported where not.
    fn distinct(&mut self, columns: &[Located], target: Option<&Located>) -> bool {
        let mut first: HashMap<&str, Span> = HashMap::default();
        let mut distinct = true;
        for column in columns {
            if let Some(known) = first.get(column.text.as_str()) {
                distinct = false;
                let message = format!("the column `{}` is chosen twice", column.text);
                let fault = Diagnostic::new(Code::Duplicate, column.span, message).label("chosen again here");
                self.report(fault.related(*known, "first chosen here"));
            } else {
                first.insert(&column.text, column.span);
            }
        }
        let Some(target) = target else { return distinct };
        if let Some(column) = first.get(target.text.as_str()) {
            distinct = false;
            let message = format!("the target `{}` is one of the columns that go into the model", target.text);
            let fault = Diagnostic::new(Code::Duplicate, target.span, message).label("the column to learn");
            self.report(fault.related(*column, "and a column to learn it from"));
        } else if target.text == "columns" {
            distinct = false;
            let fault = Diagnostic::new(Code::Duplicate, target.span, "two fields of the dataset are called `columns`")
                .label("the target")
                .help("the chosen columns are the field `columns`: give this column another name in the file");
            self.report(fault);
        }
        distinct
    }

    /// The dataset that an expression names.
    pub(super) fn dataset_use(&mut self, expr: &Expr) -> Option<Rows> {
        let expr = self.choice_of(expr);
        let (expr, table) = match &expr.kind {
            ExprKind::Field { base, name } => (base.as_ref(), Some(name)),
            _ => (expr, None),
        };
        let rows = self.dataset_named(expr)?;
        let names = self.names;
        let schemas = names.all.schemas.get();
        let Some(schemas) = schemas.filter(|_| table.is_some() || !rows.several.is_empty()) else {
            return match table {
                None => Some(rows),
                Some(table) => {
                    let fault =
                        Diagnostic::new(Code::UnknownName, table.span, format!("`{}` has no tables", rows.name));
                    self.report(fault.label("one file has one table").related(rows.span, "declared here"));
                    None
                }
            };
        };
        let known: Vec<&str> = rows.several.iter().map(|(id, _)| schemas.at(*id).name.as_str()).collect();
        let Some(table) = table else {
            let fault = Diagnostic::new(Code::WrongType, expr.span, format!("`{}` has several tables", rows.name));
            let tables = either(known.iter().copied());
            let fault = fault.label("the rows of which?").help(format!("name one of {tables}"));
            self.report(match known.first() {
                Some(first) => fault.fix(
                    format!("write `{}.{first}`", rows.name),
                    expr.span,
                    format!("{}.{first}", rows.name),
                    Applicability::Guess,
                ),
                None => fault,
            });
            return None;
        };
        match rows.several.iter().find(|(id, _)| schemas.at(*id).name == table.text) {
            Some((id, files)) => {
                self.findings.names(table.span, schemas.at(*id).span);
                let (id, files) = (*id, files.clone());
                Some(self.of_table(Rows { several: Vec::new(), ..rows }, id, files, None))
            }
            None => {
                let fault = Diagnostic::new(
                    Code::UnknownName,
                    table.span,
                    format!("`{}` has no table `{}`", rows.name, table.text),
                );
                self.unknown_declaration(fault.related(rows.span, "declared here"), &table.text, table.span, &known);
                None
            }
        }
    }

    fn dataset_named(&mut self, expr: &Expr) -> Option<Rows> {
        let ExprKind::Name(name) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Error) {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "`dataset` takes the name of a dataset")
                        .label("expected a name")
                        .help("declare it: `dataset Digits = csv(\"digits.csv\", target=label)`"),
                );
            }
            return None;
        };
        match self.names.get(name) {
            Some(entry) => match entry.declared() {
                Declared::Dataset(source, schema) => {
                    if self.notes() {
                        let (name, kind, definition) = (name.clone(), "dataset".into(), entry.name.span);
                        self.fact(expr.span, FactKind::Value { name, kind, docs: None, definition });
                    }
                    // Its own faults are reported where it is declared.
                    let quiet = std::mem::replace(&mut self.quiet, true);
                    let names = self.enter(entry.name.span);
                    let dataset = self.dataset(name, entry.name.span, source, schema);
                    (self.quiet, self.names) = (quiet, names);
                    dataset
                }
                Declared::Broken => None,
                other => {
                    self.report(
                        Diagnostic::new(
                            Code::WrongType,
                            expr.span,
                            format!("`{name}` is a {}, not a dataset", other.noun()),
                        )
                        .label("expected a dataset")
                        .related(entry.name.span, "declared here"),
                    );
                    None
                }
            },
            None => {
                let fault = Diagnostic::new(Code::UnknownName, expr.span, format!("there is no dataset `{name}`"));
                let names = self.names;
                self.unknown_declaration(fault, name, expr.span, &names.datasets);
                None
            }
        }
    }
}

/// What the pictures of a dataset are brought to.
fn image_shape(given: &Settings, [height, width, channels]: [usize; 3]) -> ImageShape {
    let fit = match given.word("fit") {
        "pad" => Fit::Pad,
        "stretch" => Fit::Stretch,
        _ => Fit::Crop,
    };
    let interpolation = match given.word("interpolation") {
        "nearest" => Interpolation::Nearest,
        "bicubic" => Interpolation::Bicubic,
        "lanczos" => Interpolation::Lanczos,
        _ => Interpolation::Bilinear,
    };
    ImageShape { height, width, channels, fit, interpolation }
}

/// How a text is cut; nothing where that is not known.
fn text_shape(given: &Settings) -> Option<TextShape> {
    let number = |name: &str| given.int(name).and_then(|number| usize::try_from(number).ok());
    let context = number("context")?;
    let stride = match given.given("stride") {
        Some(_) => number("stride")?,
        None => context,
    };
    let tokens = match (given.settings("tokens"), given.given("tokens")) {
        (None, None) => Tokens::Characters,
        (Some(kind), _) => match kind.signature.name {
            "characters" => Tokens::Characters,
            "bytes" => Tokens::Bytes,
            "words" => {
                Tokens::Words { vocabulary: usize::try_from(kind.int("vocab")?).ok()?, lower: kind.bool("lower") }
            }
            "bpe" => Tokens::Pairs { vocabulary: usize::try_from(kind.int("vocab")?).ok()? },
            _ => match kind.given("path") {
                Some((span, Value::Text(path))) => Tokens::Tokenizer { path: Located { text: path.to_string(), span } },
                _ => return None,
            },
        },
        (None, Some(_)) => return None,
    };
    Some(TextShape { context, stride, tokens })
}

/// The expression that a call gives for a parameter.
pub(super) fn argument<'e>(call: &'e Expr, given: &Settings, name: &str) -> Option<&'e Expr> {
    let ExprKind::Call { arguments, .. } = &call.kind else { return None };
    let named = arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|known| known.text == name));
    let place = given.signature.parameters.iter().position(|parameter| parameter.name == name)?;
    named.or_else(|| arguments.get(place).filter(|argument| argument.name.is_none())).map(|argument| &argument.value)
}

pub(super) fn columns(expr: &Expr) -> Option<Vec<Located>> {
    let one = |expr: &Expr| match &expr.kind {
        ExprKind::Name(text) | ExprKind::Str(text) => Some(Located { text: text.clone(), span: expr.span }),
        _ => None,
    };
    match &expr.kind {
        ExprKind::List(items) => items.iter().map(one).collect(),
        _ => one(expr).map(|column| vec![column]),
    }
}
