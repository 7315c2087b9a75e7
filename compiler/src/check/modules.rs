//! The files of a program: the one it was given as, those it uses, and those of the standard library whose names it holds.

use std::sync::Arc;

use foldhash::HashMap;
use ndsl_grammar::ast::{self, DeclarationKind, Ident, Use};
use ndsl_grammar::{FileId, Piece, Span, SyntaxErrorKind, parse, parse_again, word};

use super::context::Findings;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::files::{BadPath, EXTENSION, FileError, Files, MAX_BYTES, MAX_DEPTH, MAX_FILES, folder_of, resolve, shown};
use crate::source::{BYTE_ORDER_MARK, Source};
use crate::sources::Sources;
use crate::standard;
use crate::suggest::{either, listed, nearest};

/// One file of a program, read.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its text.
    pub source: Source,
    /// Its tree.
    pub file: Arc<ast::File>,
    /// The file that each `use` of it names, in their order; nothing where that could not be found out.
    pub uses: Vec<Option<FileId>>,
}

/// The files of a program by their [`FileId`].
#[derive(Clone, Debug)]
pub struct Modules {
    /// The files.
    pub all: Vec<Module>,
    /// Their texts.
    pub sources: Sources,
}

impl Modules {
    /// Reads a program and everything it uses; what was read `before` is read where it differs.
    pub fn load(main: &Source, files: &dyn Files, before: Option<&Self>, findings: &mut Findings) -> Self {
        let mut loader = Loader {
            files,
            before,
            findings,
            all: Vec::new(),
            known: HashMap::default(),
            way: Vec::new(),
            bytes: main.text.len(),
            full: false,
        };
        loader.read(main.clone(), None);
        loader.standard();
        let all = loader.all;
        let mut sources = all.iter().map(|module| module.source.clone());
        let first = sources.next().unwrap_or_else(|| main.clone());
        let sources = Sources::new(first, sources.collect::<Vec<_>>());
        Self { all, sources }
    }

    /// The declaration that `module` calls `name`: its own, one it takes from another file, or the standard library's.
    pub fn declaration<'m>(&'m self, module: &'m Module, name: &str) -> Option<&'m ast::Declaration> {
        let in_file = |file: &'m ast::File, name: &str| {
            let named = |piece: &&'m Piece| piece.name.as_ref().is_some_and(|own| own.text == name);
            file.declarations.iter().find(named).map(|piece| &**piece)
        };
        let taken = || {
            uses(&module.file).zip(&module.uses).find_map(|((import, _), target)| {
                let one = import.imports.iter().find(|one| one.local().text == name)?;
                in_file(&self.all[usize::from((*target)?.0)].file, &one.name.text)
            })
        };
        let standard = || {
            let files = self.all.iter().filter(|module| module.source.standard);
            files.map(|module| &*module.file).find_map(|file| in_file(file, name))
        };
        in_file(&module.file, name).or_else(taken).or_else(standard)
    }

    /// The file the program was given as.
    pub fn main(&self) -> &Module {
        &self.all[0]
    }
}

/// A file on the way from the main one to the one that is read, and the `use` that led to it.
struct Step {
    file: FileId,
    by: Option<Span>,
}

struct Loader<'l> {
    files: &'l dyn Files,
    before: Option<&'l Modules>,
    findings: &'l mut Findings,
    all: Vec<Module>,
    /// The files met so far, by their paths; nothing for those that cannot be read.
    known: HashMap<String, Option<FileId>>,
    way: Vec<Step>,
    bytes: usize,
    /// A bound was passed and reported.
    full: bool,
}

impl Loader<'_> {
    /// Reads a text and the files it uses.
    fn read(&mut self, source: Source, by: Option<Span>) -> FileId {
        let (id, file) = self.parse(source);
        self.way.push(Step { file: id, by });
        let uses = uses(&file).map(|(import, whole)| self.target(id, import, whole)).collect();
        self.way.pop();
        self.all[usize::from(id.0)].uses = uses;
        id
    }

    /// Adds a text to the program.
    fn parse(&mut self, source: Source) -> (FileId, Arc<ast::File>) {
        let id = FileId(self.all.len() as u16);
        let source = source.numbered(id);
        let before = self.before.and_then(|before| before.all.get(usize::from(id.0)));
        let before = before.filter(|before| before.source.path == source.path);
        let mut parse = parse_again(&source.text, id, before.map(|before| (&*before.source.text, &*before.file)));
        // What a `\` in a path should be is said by [`bad_path`].
        let paths: Vec<Span> = uses(&parse.file).map(|(import, _)| import.path_span).collect();
        let in_path = |span: Span| paths.iter().any(|path| path.start <= span.start && span.end <= path.end);
        parse.errors.retain(|error| error.kind != SyntaxErrorKind::UnknownEscape || !in_path(error.span));
        self.findings.unread.extend(parse.errors.iter().map(|error| (id, error.span.start)));
        parse.errors.into_iter().for_each(|error| self.findings.report(Diagnostic::from(error)));
        if !source.standard {
            self.known.insert(source.path.to_string(), Some(id));
        }
        let file = Arc::new(parse.file);
        self.all.push(Module { source, file: file.clone(), uses: Vec::new() });
        (id, file)
    }

    /// The file that a `use` of the file `from` names, read if it was not yet.
    fn target(&mut self, from: FileId, import: &Use, whole: Span) -> Option<FileId> {
        let span = import.path_span;
        if span.range().is_empty() {
            // That the path is missing has been said.
            return None;
        }
        let source = self.all[usize::from(from.0)].source.clone();
        let written = source.text[span.range()].trim_matches('"');
        let path = match resolve(&source.path, written) {
            Ok(path) => path,
            Err(fault) => {
                self.findings.report(bad_path(fault, written, span));
                return None;
            }
        };
        if let Some(first) = self.way.iter().position(|step| *self.source(step.file).path == *path) {
            let fault = self.circle(first, import, whole);
            self.findings.report(fault);
            return None;
        }
        if let Some(known) = self.known.get(&path) {
            return *known;
        }
        let used = self.all.len();
        let bound = if used > MAX_FILES {
            Some(format!("a program uses at most {MAX_FILES} files"))
        } else if self.way.len() >= MAX_DEPTH {
            Some(format!("at most {MAX_DEPTH} files use one another in a row"))
        } else {
            None
        };
        let text = match bound {
            Some(message) => {
                Err(Diagnostic::new(Code::TooManyFiles, span, message).label("this one is not read").into())
            }
            None => self.text(&path, import, span),
        };
        match text {
            Ok(text) => {
                let name = shown(&source.name, &import.path);
                Some(self.read(Source::new(name, text).at(path.as_str()), Some(span)))
            }
            Err(fault) => {
                let again = fault.code == Code::TooManyFiles && std::mem::replace(&mut self.full, true);
                if !again {
                    self.findings.report(*fault);
                }
                self.known.insert(path, None);
                None
            }
        }
    }

    fn source(&self, file: FileId) -> &Source {
        &self.all[usize::from(file.0)].source
    }

    fn text(&mut self, path: &str, import: &Use, span: Span) -> Result<Arc<str>, Box<Diagnostic>> {
        let text = match self.files.read(path) {
            Ok(text) => text,
            Err(FileError::Missing) => return Err(self.missing(path, import, span).into()),
            Err(fault) => {
                let message = format!("`{}` cannot be used: {fault}", import.path);
                return Err(Diagnostic::new(Code::UnknownFile, span, message).label("not read").into());
            }
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MAX_BYTES {
            let message = format!("the files of a program have at most {} MiB together", MAX_BYTES >> 20);
            return Err(Diagnostic::new(Code::TooManyFiles, span, message)
                .label("with this one they have more")
                .into());
        }
        Ok(text)
    }

    /// The fault of a file that is not there, with the one that was meant.
    fn missing(&self, path: &str, import: &Use, span: Span) -> Diagnostic {
        let message = format!("there is no file `{}`", import.path);
        let fault = Diagnostic::new(Code::UnknownFile, span, message);
        let own = self.way.last().map(|step| self.source(step.file).path.clone());
        let beside = self.files.in_folder(folder_of(path));
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let beside: Vec<String> =
            beside.iter().filter(|path| own.as_deref() != Some(path.as_str())).map(|path| name(path)).collect();
        if let Some(meant) = nearest(&name(path), beside.iter().map(String::as_str)) {
            let folder = &import.path[..import.path.len() - name(&import.path).len()];
            return instead(fault.label(format!("did you mean `{meant}`?")), span, &format!("{folder}{meant}"));
        }
        let fault = fault.label("not found");
        match listed(beside.iter().map(String::as_str)) {
            Some(names) if beside.len() == 1 => fault.help(format!("in that folder there is {names}")),
            Some(names) => fault.help(format!("in that folder there are {names}")),
            None => fault.help("a path is relative to the file that names it"),
        }
    }

    /// The fault of a `use` that leads back to a file it came from; `first` is where that stands on the way.
    fn circle(&self, first: usize, import: &Use, whole: Span) -> Diagnostic {
        let steps = &self.way[first..];
        let name = |step: &Step| self.source(step.file).name.as_str();
        if let [own] = steps {
            let message = format!("`{}` uses itself", name(own));
            let fault = Diagnostic::new(Code::FileCycle, import.path_span, message)
                .label("this very file")
                .help("what a file declares is known in it without `use`");
            let renamed = import.imports.iter().any(|import| import.alias.is_some());
            return match renamed {
                true => fault,
                false => fault.fix("remove this `use`", self.line(whole), "", Applicability::Safe),
            };
        }
        // From each file the place in it that names the next.
        let links = steps.iter().skip(1).filter_map(|step| step.by).chain([import.path_span]);
        let links: Vec<Span> = links.collect();
        let through: Vec<&str> = steps[1..].iter().map(name).collect();
        let through = match through.len() {
            ..MAX_LINKS => either(through).replace(" or ", " and "),
            count => format!("{count} files"),
        };
        let message = format!("`{}` uses itself, through {through}", name(&steps[0]));
        let mut fault = Diagnostic::new(Code::FileCycle, links[0], message).label("leads back to this file");
        for (index, link) in links.iter().enumerate().skip(1) {
            if index < MAX_LINKS || index + 1 == links.len() {
                let next = steps.get(index + 1).unwrap_or(&steps[0]);
                fault = fault.related(*link, format!("`{}` uses `{}`", name(&steps[index]), name(next)));
            }
        }
        fault.help("put what both need into a file that uses neither")
    }

    /// A declaration with the line it stands on, where it stands there alone.
    fn line(&self, whole: Span) -> Span {
        whole_line(self.source(whole.file), whole)
    }

    /// Adds the files of the standard library that the program's words name.
    fn standard(&mut self) {
        let given = self.files.standard();
        let mut library: Vec<(Source, bool)> = Vec::new();
        let mut declares: HashMap<u64, usize> = HashMap::default();
        match given {
            Some(sources) => {
                for source in sources {
                    let file = parse(&source.text, FileId(0)).file;
                    let names = file.declarations.iter().filter_map(|piece| piece.name.as_ref());
                    declares.extend(names.map(|name| (word(&name.text), library.len())));
                    library.push((source, false));
                }
            }
            None => {
                for file in standard::FILES {
                    declares.extend(file.names.iter().map(|name| (word(name), library.len())));
                    library.push((file.source(), false));
                }
            }
        }
        if declares.is_empty() {
            return;
        }
        let mut next = 0;
        while next < self.all.len() {
            let file = self.all[next].file.clone();
            next += 1;
            for index in file.declarations.iter().flat_map(|piece| piece.words()).filter_map(|word| declares.get(word))
            {
                let (source, read) = &mut library[*index];
                // A file of the library that is checked by itself is there already.
                if !std::mem::replace(read, true) && self.all[0].source.path != source.path {
                    let source = source.clone();
                    self.parse(source);
                }
            }
        }
    }
}

/// What a file takes from others, each with its whole place. Only the trees of these are looked at.
pub fn uses(file: &ast::File) -> impl Iterator<Item = (&Use, Span)> {
    let pieces = file.declarations.iter().filter(|piece| piece.keyword() == Some("use"));
    pieces.filter_map(|piece| match &piece.kind {
        DeclarationKind::Use(import) => Some((import, piece.span)),
        _ => None,
    })
}

/// The name a declaration gives; those that bring in others' and those that could not be read give none of their own.
pub fn declared_name(declaration: &ast::Declaration) -> Option<&Ident> {
    declaration.name()
}

/// `span` with the line it stands on, if nothing else stands there.
pub fn whole_line(source: &Source, span: Span) -> Span {
    let (first, last) = (source.line_of(span.start as usize), source.line_of(span.end as usize));
    let (start, end) = (source.line_range(first).start, source.line_range(last).end);
    let around = [&source.text[start..span.start as usize], &source.text[span.end as usize..end]];
    if around.iter().any(|text| !text.trim_matches(BYTE_ORDER_MARK).trim().is_empty()) {
        return span;
    }
    let start = if source.text.starts_with(BYTE_ORDER_MARK) { start.max(BYTE_ORDER_MARK.len_utf8()) } else { start };
    let rest = source.text[end..].find('\n').map_or(source.text.len(), |at| end + at + 1);
    Span::new(span.file, start..rest)
}

/// Offers to write another path.
fn instead(fault: Diagnostic, span: Span, path: &str) -> Diagnostic {
    fault.fix(format!("write `\"{path}\"`"), span, format!("\"{path}\""), Applicability::Guess)
}

/// The fault of a path that names no file of the program.
fn bad_path(fault: BadPath, path: &str, span: Span) -> Diagnostic {
    let new = |message: String, label: &str| Diagnostic::new(Code::BadPath, span, message).label(label);
    match fault {
        BadPath::Empty => new(format!("`\"{path}\"` is no path"), "a part of it is empty")
            .help("write the path from this file to the other: `\"blocks.ndsl\"`, `\"parts/blocks.ndsl\"`"),
        BadPath::Absolute => new(format!("`{path}` is not relative to this file"), "an absolute path")
            .help("an absolute path means something else on every machine; write the way from this file: `\"../blocks.ndsl\"`"),
        BadPath::Backslash => {
            let mended = path.replace('\\', "/");
            instead(new(format!("`{path}` has a `\\`"), "folders stand between `/`"), span, &mended)
        }
        BadPath::Outside => new(format!("`{path}` leads out of the project"), "outside of the project").help(
            "the project is the nearest folder above that holds `.git` or `ndsl.toml`, or else the program's own folder",
        ),
        BadPath::NoProgram if !path.contains('.') => {
            let mended = format!("{path}{EXTENSION}");
            let fault = new(format!("`{path}` is not the name of a program"), "a program ends in `.ndsl`");
            instead(fault, span, &mended)
        }
        BadPath::NoProgram => new(format!("`{path}` is not the name of a program"), "a program ends in `.ndsl`")
            .help("data is named by a `dataset`: `dataset Rows = csv(\"rows.csv\", target=label)`"),
    }
}

/// How many links of a circle of files are shown.
const MAX_LINKS: usize = 6;
