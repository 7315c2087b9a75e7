//! A program is checked again after a change: what was sound is not checked again while nothing it refers to has changed.
//!
//! Only soundness is remembered. A declaration of which nothing was said says nothing again as long as its own text, and that
//! of everything its words name, is the same; all others are checked as if for the first time. So what is found is exactly what is
//! found without a memory, with places that are right by themselves. What counts for all declarations together (names, circles,
//! what nothing reads, bounds) is looked at anew each time, from what the memory keeps of each.

use std::ops::Range;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};
use ndsl_grammar::{Piece, Span, ast, word};

use super::analysis::{Analysis, Read, analyze_again};
use super::asserts::Measured;
use super::modules::{Modules, uses};
use crate::diagnostics::Diagnostic;
use crate::files::Files;
use crate::layers;
use crate::source::Source;

/// Checks one program again and again, as it is being written.
#[derive(Debug, Default)]
pub struct Analyzer {
    known: Option<Memory>,
}

impl Analyzer {
    /// Parses and checks a text and what it uses of `files`, as [`super::analyze_with`] does: what it finds is the same, and only
    /// what has changed since the last time takes time.
    pub fn analyze(&mut self, source: &Source, files: &dyn Files) -> Analysis {
        let (analysis, memory) = analyze_again(source, files, self.known.take());
        self.known = Some(memory);
        analysis
    }
}

/// What is kept of a program.
#[derive(Debug)]
pub struct Memory {
    /// The program as it was read.
    pub read: Arc<Read>,
    /// What was sound, by the keys of its pieces.
    pub verdicts: HashMap<u64, Verdict>,
    /// How many steps it took at most to prove what can be proved of all schemas.
    pub proved: usize,
}

/// A declaration was sound; and what it adds to what counts for all together.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What was unrolled for it, in steps.
    pub unrolled: u64,
    /// The columns it brought in.
    pub columns: usize,
    /// The bytes of models that were checked again for it.
    pub reread: usize,
    /// The inputs of models that take what it feeds, each by the key of the model's piece, its place in that and its
    /// length.
    pub fits: Vec<(u64, u32, u32)>,
    /// How large the model is, where that was asked.
    pub measured: Option<Measured>,
    /// The words in its expressions.
    pub reads: Arc<[u64]>,
}

/// What of a program need not be checked.
#[derive(Debug, Default)]
pub struct Plan<'m> {
    /// What is sound; nothing where all is checked and nothing remembered.
    verdicts: Option<&'m HashMap<u64, Verdict>>,
    /// The schemas that what is checked can refer to, by the keys of their pieces; nothing where that may be all.
    schemas: Option<HashSet<u64>>,
}

impl<'m> Plan<'m> {
    /// Everything is checked that has no verdict, and what is sound remembered; every schema can be referred to.
    pub fn all(verdicts: &'m HashMap<u64, Verdict>) -> Self {
        Self { verdicts: Some(verdicts), schemas: None }
    }

    /// What is left to do where `verdicts` are known.
    pub fn new(modules: &Modules, verdicts: &'m HashMap<u64, Verdict>) -> Self {
        let unknown = |piece: &Piece| !verdicts.contains_key(&piece.key());
        let mut names: HashMap<u64, Vec<&Piece>> = HashMap::with_capacity(verdicts.len());
        for piece in pieces(modules) {
            declares(piece, &mut |name| names.entry(name).or_default().push(piece));
        }
        let is_schema = |piece: &Piece| piece.keyword() == Some("schema");
        // What is said of a schema may follow from one that refers to it.
        let mut referring: HashSet<u64> = HashSet::default();
        for schema in pieces(modules).filter(|piece| is_schema(piece) && unknown(piece)) {
            declares(schema, &mut |name| _ = referring.insert(name));
        }
        let around = spread(modules, &mut referring, &is_schema);
        let mut reached: HashSet<u64> = HashSet::default();
        let mut open: Vec<&Piece> =
            pieces(modules).filter(|piece| unknown(piece) || around.contains(&piece.key())).collect();
        while let Some(piece) = open.pop() {
            if reached.insert(piece.key()) {
                open.extend(piece.words().iter().filter_map(|name| names.get(name)).flatten());
            }
        }
        Self { verdicts: Some(verdicts), schemas: Some(reached) }
    }

    /// What is known of a piece, if that is that it is sound.
    pub fn verdict(&self, piece: &Piece) -> Option<&'m Verdict> {
        self.verdicts?.get(&piece.key())
    }

    /// Whether what is found sound is remembered.
    pub fn remembers(&self) -> bool {
        self.verdicts.is_some()
    }

    /// Whether a schema can be referred to.
    pub fn wants(&self, schema: &Piece) -> bool {
        self.schemas.as_ref().is_none_or(|wanted| wanted.contains(&schema.key()))
    }

    /// Whether some schemas are left out.
    pub fn leaves_out(&self) -> bool {
        self.schemas.is_some()
    }
}

impl Memory {
    /// Forgets what may no longer be true of a program that was this one.
    pub fn forget(&mut self, modules: &Modules) {
        let before = &self.read.modules;
        let paths = |modules: &Modules| {
            modules.all.iter().map(|it| (it.source.path.clone(), it.source.standard)).collect::<Vec<_>>()
        };
        let targets = |modules: &Modules| modules.all.iter().map(|it| it.uses.clone()).collect::<Vec<_>>();
        if paths(before) != paths(modules) || targets(before) != targets(modules) {
            self.verdicts.clear();
            return;
        }
        let mut changed: HashSet<u64> = HashSet::default();
        for (before, now) in before.all.iter().zip(&modules.all) {
            let (before, now) = (&before.file.declarations, &now.file.declarations);
            let start = before.iter().zip(now).take_while(|(a, b)| a.key() == b.key()).count();
            let (before, now) = (&before[start..], &now[start..]);
            let same = before.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a.key() == b.key()).count();
            let (before, now) = (&before[..before.len() - same], &now[..now.len() - same]);
            for piece in before.iter().chain(now) {
                self.verdicts.remove(&piece.key());
                if !hides_nothing(piece) {
                    declares(piece, &mut |name| _ = changed.insert(name));
                }
            }
        }
        for key in spread(modules, &mut changed, &|_| true) {
            self.verdicts.remove(&key);
        }
    }

    /// Takes in what a check found.
    pub fn learn(&mut self, modules: &Modules, found: &[Diagnostic], troubled: &[Span], new: HashMap<u64, Verdict>) {
        self.verdicts.extend(new);
        let mut constants: HashSet<u64> = HashSet::default();
        let mut piece_at = |span: Span| {
            let pieces = &modules.all[usize::from(span.file.0)].file.declarations;
            let next = pieces.partition_point(|piece| piece.span.start <= span.start);
            next.checked_sub(1).map(|at| &pieces[at])
        };
        let faulty = found.iter().map(|fault| fault.label.span).chain(troubled.iter().copied());
        for piece in faulty.filter_map(&mut piece_at) {
            self.verdicts.remove(&piece.key());
            // Its fault was said by whoever evaluated it first.
            if piece.keyword() == Some("const") {
                declares(piece, &mut |name| _ = constants.insert(name));
            }
        }
        for key in spread(modules, &mut constants, &|_| true) {
            self.verdicts.remove(&key);
        }
    }
}

/// A verdict for every declaration that what stands in `range` of the main file, and what an editor is told of it, does not
/// depend on.
pub fn beside(modules: &Modules, range: &Range<usize>) -> HashMap<u64, Verdict> {
    let is = |piece: &Piece, keywords: &[&str]| piece.keyword().is_some_and(|keyword| keywords.contains(&keyword));
    let here = |piece: &&Piece| piece.region().start <= range.end && range.start <= piece.region().end;
    let mut wanted: HashSet<u64> = HashSet::default();
    let mut named: HashSet<u64> = HashSet::default();
    let mut bodies: HashSet<u64> = HashSet::default();
    let unrolled = ["block", "model", "Model"];
    for piece in modules.main().file.declarations.iter().filter(here) {
        wanted.insert(piece.key());
        named.extend(piece.words());
        if is(piece, &unrolled) {
            declares(piece, &mut |name| _ = bodies.insert(name));
        }
    }
    // The first use of a block says most of its body.
    wanted.extend(spread(modules, &mut bodies, &|piece| is(piece, &unrolled)));
    wanted.extend(pieces(modules).filter(|piece| gives_any(piece, &named)).map(Piece::key));
    // A training says in which batches its model works.
    let mut models: HashSet<u64> = HashSet::default();
    for piece in pieces(modules).filter(|piece| wanted.contains(&piece.key()) && is(piece, &unrolled)) {
        declares(piece, &mut |name| _ = models.insert(name));
    }
    wanted.extend(spread(modules, &mut models, &|piece| is(piece, &["train"])));
    let beside = pieces(modules).filter(|piece| !wanted.contains(&piece.key()) && !is(piece, &["const"]));
    beside.map(|piece| (piece.key(), Verdict::default())).collect()
}

/// Every declaration of a program.
pub fn pieces(modules: &Modules) -> impl Iterator<Item = &Piece> {
    modules.all.iter().flat_map(|module| &module.file.declarations)
}

/// Whether a piece gives one of these names.
fn gives_any(piece: &Piece, names: &HashSet<u64>) -> bool {
    let mut found = false;
    declares(piece, &mut |name| found |= names.contains(&name));
    found
}

/// The names that a piece gives, as words.
fn declares(piece: &Piece, each: &mut dyn FnMut(u64)) {
    if piece.keyword() == Some("use") {
        let file = ast::File { declarations: vec![piece.clone()] };
        uses(&file).flat_map(|(import, _)| &import.imports).for_each(|import| each(word(&import.local().text)));
    }
    if let Some(name) = &piece.name {
        each(word(&name.text));
    }
}

/// Whether a piece takes the name of a layer, as one does for a moment that is being written before a layer: a fault of its own, since
/// everywhere else the layer is meant.
fn hides_nothing(piece: &Piece) -> bool {
    let body = matches!(piece.keyword(), Some("model" | "Model" | "block"));
    body && piece.name.as_ref().is_some_and(|name| layers::find(&name.text).is_some())
}

/// The pieces that hold one of these names, or the name of one that does; `names` grows by theirs.
fn spread(modules: &Modules, names: &mut HashSet<u64>, among: &dyn Fn(&Piece) -> bool) -> HashSet<u64> {
    let mut found = HashSet::default();
    loop {
        let before = names.len();
        for piece in pieces(modules).filter(|piece| among(piece)) {
            if !found.contains(&piece.key()) && piece.words().iter().any(|name| names.contains(name)) {
                found.insert(piece.key());
                declares(piece, &mut |name| _ = names.insert(name));
            }
        }
        if names.len() == before {
            return found;
        }
    }
}

/// Where a place stands in the declaration it is in: by that one's key.
pub fn within(modules: &Modules, span: Span) -> Option<(u64, u32)> {
    let pieces = &modules.all[usize::from(span.file.0)].file.declarations;
    let next = pieces.partition_point(|piece| piece.span.start <= span.start);
    let piece = &pieces[next.checked_sub(1)?];
    Some((piece.key(), span.start - piece.span.start))
}
