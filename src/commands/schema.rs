//! `ndsl schema`: schemas in and out of the language.

use std::io::Write;
use std::path::{Path, PathBuf};

use ndsl::compiler::schema::convert::{self, Converted, Dialect, Fault, Format as Foreign};
use ndsl::compiler::source::Position;
use ndsl::compiler::{Analysis, Source, analyze, analyze_with};
use ndsl::runtime::databases::{self, Address};
use ndsl::runtime::files::write_whole;

use super::{Failure, Format, report};

/// Convert schemas to JSON Schema, SQL and DataSchema, and back
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    Convert(Convert),
}

/// Convert a schema of a program to another format, or a schema in another format to a program
///
/// What a format cannot say stands beside it in remarks, which are read again: nothing is lost on the way there and back.
/// How each thing is said: docs/converting.md.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl schema convert shop.ndsl --to json-schema\n  ndsl schema convert shop.ndsl --to sql --dialect sqlite -o shop.sql\n  ndsl schema convert dump.sql                        a program, on stdout\n  ndsl schema convert person.schema.json -o person.ndsl\n  ndsl schema convert dump.sql --to json-schema       from one format to another\n  ndsl schema convert postgres://ada@localhost/shop -o shop.ndsl   the tables of a database\n  pg_dump --schema-only shop | ndsl schema convert - --from sql --name Shop\n\nExit codes: 0 when all of it was read, with what has no counterpart said on stderr; 1 when the text has faults; 2 when the command could not be carried out."
)]
struct Convert {
    /// A program, a schema in another format, or a database (sqlite:shop.db, postgres://user@host/db); `-` reads it from stdin
    #[arg(value_name = "FILE|DATABASE")]
    file: PathBuf,
    /// What the file is [default: by its name, a JSON file by what stands in it]
    #[arg(long, value_enum)]
    from: Option<Kind>,
    /// What it is converted to [default: by the name of `--out`; a program, where the file is none]
    #[arg(long, value_enum)]
    to: Option<Kind>,
    /// The dialect of SQL [default: postgres; what is read is tried in each]
    #[arg(long, value_enum)]
    dialect: Option<SqlDialect>,
    /// Of a program with several schemas: which. Else what the schema is called [default: by the file's name]
    #[arg(long)]
    name: Option<String>,
    /// The schema of PostgreSQL in which the tables of a database stand [default: the first of the search path]
    #[arg(long, value_name = "NAME")]
    schema_name: Option<String>,
    /// Where the result goes; `-` for stdout
    #[arg(short, long, default_value = "-", hide_default_value = true)]
    out: PathBuf,
    /// How faults are written; with `json` the result is an object with `text` and `left_out`
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// What a schema may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A program of this language.
    Ndsl,
    /// JSON Schema, draft 2020-12; draft 7 is read too.
    JsonSchema,
    /// `CREATE TABLE` statements.
    Sql,
    /// The fields that the REST interface takes.
    DataSchema,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SqlDialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB; only read.
    Mysql,
    /// What most databases understand.
    Standard,
}

impl From<SqlDialect> for Dialect {
    fn from(dialect: SqlDialect) -> Self {
        match dialect {
            SqlDialect::Postgres => Self::Postgres,
            SqlDialect::Sqlite => Self::Sqlite,
            SqlDialect::Mysql => Self::Mysql,
            SqlDialect::Standard => Self::Standard,
        }
    }
}

impl Kind {
    /// The format it is; none for a program.
    fn foreign(self) -> Option<Foreign> {
        match self {
            Self::Ndsl => None,
            Self::JsonSchema => Some(Foreign::JsonSchema),
            Self::Sql => Some(Foreign::Sql),
            Self::DataSchema => Some(Foreign::DataSchema),
        }
    }

    /// What a file of that name is, a JSON file by its text.
    fn of(path: &Path, text: Option<&str>) -> Option<Self> {
        let name = path.to_string_lossy().to_lowercase();
        if name.ends_with(".ndsl") {
            return Some(Self::Ndsl);
        }
        match convert::guess(&name, text?) {
            Some(Foreign::JsonSchema) => Some(Self::JsonSchema),
            Some(Foreign::Sql) => Some(Self::Sql),
            Some(Foreign::DataSchema) => Some(Self::DataSchema),
            None => None,
        }
    }
}

/// What came of a conversion, for scripts.
#[derive(serde::Serialize)]
struct Outcome<'r> {
    text: &'r str,
    left_out: Vec<Said<'r>>,
}

/// A fault with its place, for scripts.
#[derive(serde::Serialize)]
struct Said<'f> {
    file: &'f str,
    severity: &'f str,
    message: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'f str>,
    start: Position,
    end: Position,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Convert(convert) => convert.run(),
        }
    }
}

impl Convert {
    fn run(self) -> Result<(), Failure> {
        let database = self.file.to_str().and_then(Address::by_name);
        let source = match &database {
            Some(address) => {
                let statements = databases::statements(address, self.schema_name.as_deref());
                let text = statements.map_err(|refusal| Failure::Command(format!("`{address}`: {refusal}")))?;
                Source::new(address.to_string(), text)
            }
            None if self.schema_name.is_some() => {
                return Err(Failure::Command("only a database has schemas that tables stand in".to_owned()));
            }
            None => report::read_text(&self.file, convert::MAX_BYTES + 1)?,
        };
        let of_database = || database.as_ref().map(|_| Kind::Sql);
        let of_file = || Kind::of(&self.file, Some(&source.text));
        let Some(from) = self.from.or_else(of_database).or_else(of_file) else {
            return Err(Failure::Command(format!(
                "what {} is cannot be told from its name: say it with `--from`",
                source.name
            )));
        };
        let by_name = || Kind::of(&self.out, None).or_else(|| Kind::of(&self.out, Some("{}")));
        let to = match (self.to.or_else(by_name), from) {
            (Some(to), _) => to,
            (None, Kind::Ndsl) => {
                return Err(Failure::Command(
                    "what a program is converted to is said with `--to`: json-schema, sql or data-schema".to_owned(),
                ));
            }
            (None, _) => Kind::Ndsl,
        };
        let (analysis, left_out) = match from.foreign() {
            None => {
                let (program, files) = report::as_program(&self.file, source.clone());
                (analyze_with(&program, &files), Vec::new())
            }
            Some(format) => {
                let converted = self.read(format, &source)?;
                if to == Kind::Ndsl {
                    return self.done(&converted.text, &converted.left_out, &source);
                }
                (analyze(&Source::new(source.name.clone(), converted.text)), converted.left_out)
            }
        };
        let Some(to) = to.foreign() else {
            return Err(Failure::Command(format!(
                "{} is a program already: say what to make of it with `--to`",
                source.name
            )));
        };
        let text = self.write(&analysis, to)?;
        self.done(&text, &left_out, &source)
    }

    /// A program of a text in another format.
    fn read(&self, format: Foreign, source: &Source) -> Result<Converted, Failure> {
        let database = self.file.to_str().and_then(Address::by_name);
        let dialect = database.as_ref().map(|address| match address {
            Address::Sqlite(_) => Dialect::Sqlite,
            Address::Postgres(_) => Dialect::Postgres,
        });
        let called = database.map(|address| address.name());
        let stem = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        let name = self.name.as_deref().or(called.as_deref()).unwrap_or(if stem == "-" { "Schema" } else { stem });
        let dialect = self.dialect.map(Into::into).or(dialect);
        convert::read(format, &source.text, name, dialect).map_err(|faults| {
            faults.iter().for_each(|fault| self.say(fault, "error", source));
            if self.message_format != Format::Json {
                eprintln!("{}", report::some(faults.len(), "error"));
            }
            Failure::Faults
        })
    }

    /// The schema of a program in another format.
    fn write(&self, analysis: &Analysis, to: Foreign) -> Result<String, Failure> {
        if analysis.has_errors() {
            return Err(Failure::program(&analysis.diagnostics, &analysis.sources, self.message_format));
        }
        let schemas = analysis.schemas();
        let own: Vec<_> = schemas.schemas.iter().filter(|schema| schema.span.file == analysis.source.file).collect();
        let names = || own.iter().map(|schema| format!("`{}`", schema.name)).collect::<Vec<_>>().join(", ");
        let program = &analysis.source.name;
        let schema = match (&self.name, &own[..]) {
            (_, []) => return Err(Failure::Command(format!("{program} declares no schema"))),
            (Some(name), all) => all
                .iter()
                .find(|schema| schema.name == *name)
                .ok_or_else(|| Failure::Command(format!("{program} has no schema `{name}`; there is {}", names())))?,
            (None, [only]) => only,
            (None, _) => {
                return Err(Failure::Command(format!(
                    "{program} declares several schemas, {}: choose one with `--name`",
                    names()
                )));
            }
        };
        let dialect = self.dialect.map_or(Dialect::Postgres, Into::into);
        convert::write(analysis, schema, to, dialect).map_err(|refusal| {
            let help = refusal.help.map(|help| format!(": {help}")).unwrap_or_default();
            Failure::Fault(format!("{program}: {}{help}", refusal.message))
        })
    }

    /// Writes the result, and says what of the text is not in it.
    fn done(&self, text: &str, left_out: &[Fault], source: &Source) -> Result<(), Failure> {
        let to_stdout = self.out == Path::new("-");
        if self.message_format == Format::Json {
            let said = left_out.iter().map(|fault| said(fault, "note", source)).collect();
            println!("{}", report::to_json(&Outcome { text, left_out: said }));
        } else {
            left_out.iter().for_each(|fault| self.say(fault, "note", source));
            if to_stdout {
                let written = std::io::stdout().lock().write_all(text.as_bytes());
                written.map_err(|error| Failure::io("write", Path::new("stdout"), &error))?;
            }
        }
        if !to_stdout {
            write_whole(&self.out, text.as_bytes()).map_err(|error| Failure::io("write", &self.out, &error))?;
        }
        Ok(())
    }

    /// Says a fault at its place.
    fn say(&self, fault: &Fault, severity: &str, source: &Source) {
        if self.message_format == Format::Json {
            println!("{}", report::to_json(&said(fault, severity, source)));
            return;
        }
        let place = source.position(fault.at.start);
        eprintln!("{}:{}:{}: {severity}: {}", source.name, place.line, place.column, fault.message);
        if self.message_format == Format::Pretty
            && let Some(help) = &fault.help
        {
            eprintln!("  help: {help}");
        }
    }
}

fn said<'f>(fault: &'f Fault, severity: &'f str, source: &'f Source) -> Said<'f> {
    Said {
        file: &source.name,
        severity,
        message: &fault.message,
        help: fault.help.as_deref(),
        start: source.position(fault.at.start),
        end: source.position(fault.at.end),
    }
}
