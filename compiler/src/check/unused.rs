//! Names that nothing reads: bindings and parameters of models, constants, and what is taken from other files.
//!
//! A name is read where it stands in an expression, whatever becomes of that expression: so a fault elsewhere never makes
//! a name look forgotten.

use foldhash::{HashMap, HashSet};
use ndsl_grammar::ast::{Body, DeclarationKind, Expr, ExprKind, Ident, Import, Model, StatementKind, Use};
use ndsl_grammar::{FileId, Piece, Span, word};

use super::context::Findings;
use super::flow::is_input;
use super::memory::{Plan, Verdict};
use super::modules::{Module, uses, whole_line};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::suggest::either;

/// The names that stand in expressions.
#[derive(Default)]
struct Reads<'a> {
    names: HashSet<&'a str>,
    /// The names given in bodies, with whether each is that of a layer.
    given: Vec<(&'a Ident, bool)>,
    /// Something could not be read, and may hold any name.
    anything: bool,
}

/// Warns of every name of a file that nothing reads: what it takes from other files, the parameters and bindings of its
/// models and, in the main file, its constants. Those of other files may be there for anyone.
///
/// What is sound holds no such name, and what stands in its expressions is known.
pub fn report(module: &Module, plan: &Plan<'_>, verdicts: &mut HashMap<u64, Verdict>, findings: &mut Findings) {
    let file = &*module.file;
    imports(module, findings);
    let mut read: HashSet<u64> = HashSet::default();
    let mut anything = false;
    for piece in &file.declarations {
        if let Some(verdict) = plan.verdict(piece) {
            read.extend(verdict.reads.iter());
            continue;
        }
        let mut own = Reads::default();
        match &piece.kind {
            DeclarationKind::Block(model) | DeclarationKind::Model(model) => {
                own.body(&model.body);
                let defaults = model.parameters.iter().filter_map(|parameter| parameter.default.as_ref());
                defaults.for_each(|default| own.expr(default));
                own.report_model(model, findings);
            }
            DeclarationKind::Error { .. } => own.anything = true,
            _ => piece.each_expr(&mut |expr| own.expr(expr)),
        }
        anything |= own.anything;
        let names: Vec<u64> = own.names.into_iter().map(word).collect();
        read.extend(names.iter());
        let schema = piece.is_sound() && piece.keyword() == Some("schema");
        if plan.remembers() && (schema || verdicts.contains_key(&piece.key())) {
            verdicts.entry(piece.key()).or_default().reads = names.into();
        }
    }
    // A file of nothing but constants and blocks has only been begun, or is there for other files.
    let begun = |piece: &Piece| match piece.is_sound() {
        true => matches!(piece.keyword(), Some("const" | "block" | "use")),
        false => {
            use DeclarationKind as Kind;
            matches!(piece.kind, Kind::Const { .. } | Kind::Block(_) | Kind::Use(_))
        }
    };
    if module.source.file != FileId::default() || anything || file.declarations.iter().all(begun) {
        return;
    }
    let constants = file.declarations.iter().filter(|piece| piece.keyword() == Some("const"));
    for name in constants.filter_map(|piece| piece.name.as_ref()) {
        if !name.text.starts_with('_') && !read.contains(&word(&name.text)) {
            let message = format!("nothing reads the constant `{}`", name.text);
            findings.report(Diagnostic::new(Code::Unused, name.span, message).label("used nowhere in this file"));
        }
    }
}

/// Warns of what is taken from other files and read nowhere. Every word of the text counts as a reading: a name may stand
/// in a type, a path or a setting, and a warning that is wrong is worse than one that is missing.
fn imports(module: &Module, findings: &mut Findings) {
    let uses: Vec<(&Use, Span)> = uses(&module.file).collect();
    if uses.is_empty() {
        return;
    }
    let is_use = |piece: &Piece| uses.iter().any(|(_, span)| *span == piece.span);
    let others = module.file.declarations.iter().filter(|piece| piece.keyword() != Some("use") || !is_use(piece));
    let read: HashSet<u64> = others.flat_map(|piece| piece.words()).copied().collect();
    for ((import, span), target) in uses.iter().copied().zip(&module.uses) {
        // A name that could not be taken has a fault of its own.
        let faulty = |one: &Import| {
            findings.knows(Code::NotInFile, one.name.span)
                || [Code::Shadowing, Code::Duplicate].iter().any(|code| findings.knows(*code, one.local().span))
        };
        let idle = |one: &&Import| {
            !read.contains(&word(&one.local().text)) && !one.local().text.starts_with('_') && !faulty(one)
        };
        if target.is_none() {
            continue;
        }
        let unread: Vec<&Import> = import.imports.iter().filter(idle).collect();
        if unread.is_empty() {
            continue;
        }
        if unread.len() == import.imports.len() {
            let names = either(unread.iter().map(|one| one.local().text.as_str())).replace(" or ", " and ");
            findings.report(
                Diagnostic::new(Code::Unused, span, format!("nothing in this file reads {names}"))
                    .label(format!("taken from `{}` for nothing", import.path))
                    .fix("remove this `use`", whole_line(&module.source, span), "", Applicability::Safe),
            );
            continue;
        }
        for one in unread {
            let own = one.alias.as_ref().map_or(one.name.span, |alias| one.name.span.to(alias.span));
            let index = import.imports.iter().position(|other| other.name.span == one.name.span).unwrap_or(0);
            // With the comma that parts it from the one before it, or else from the one after it.
            let ends = |at: usize| import.imports.get(at).map(|other| other.local().span.end);
            let gap = match (index.checked_sub(1).and_then(ends), import.imports.get(index + 1)) {
                (Some(end), _) => Span { start: end, ..own },
                (None, Some(next)) => Span { end: next.name.span.start, ..own },
                (None, None) => own,
            };
            findings.report(
                Diagnostic::new(Code::Unused, own, format!("nothing in this file reads `{}`", one.local().text))
                    .label(format!("taken from `{}` for nothing", import.path))
                    .fix(format!("remove `{}`", one.local().text), gap, "", Applicability::Safe),
            );
        }
    }
}

impl<'a> Reads<'a> {
    /// Whether nothing reads `name`; one that begins with `_` says that itself.
    fn misses(&self, name: &Ident) -> bool {
        !self.anything && !self.names.contains(name.text.as_str()) && !name.text.starts_with('_')
    }

    fn report_model(&self, model: &Model, findings: &mut Findings) {
        for parameter in model.parameters.iter().filter(|parameter| self.misses(&parameter.name)) {
            let name = &parameter.name;
            findings.report(
                Diagnostic::new(Code::Unused, name.span, format!("nothing reads the parameter `{}`", name.text))
                    .label("changes nothing in the model"),
            );
        }
        for (name, layer) in self.given.iter().filter(|(name, _)| self.misses(name)) {
            let fault = Diagnostic::new(Code::Unused, name.span, format!("nothing reads `{}`", name.text));
            findings.report(match layer {
                true => fault.label("a layer that is never applied").help(format!("`x |> {}()` applies it", name.text)),
                false => fault
                    .label("its value is computed and dropped")
                    .help("a statement without `name =` moves the flow instead"),
            });
        }
    }

    fn body(&mut self, body: &'a Body) {
        for statement in &body.statements {
            match &statement.kind {
                // `x = Input(…)` is refused for what it is.
                StatementKind::Bind { name, value } if !is_input(value) => self.given.push((name, false)),
                StatementKind::Share { name, .. } => self.given.push((name, true)),
                StatementKind::Error => self.anything = true,
                _ => {}
            }
            statement.each_expr(&mut |expr| self.expr(expr));
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Error => self.anything = true,
            ExprKind::Name(name) => {
                self.names.insert(name);
            }
            ExprKind::Call { callee, arguments, .. } => {
                // A shared layer is read where it is called.
                self.expr(callee);
                return arguments.iter().for_each(|argument| self.expr(&argument.value));
            }
            ExprKind::Residual { body } | ExprKind::Body(body) => return self.body(body),
            ExprKind::Branch { arms } => return arms.iter().for_each(|arm| self.body(&arm.body)),
            ExprKind::Repeat { over, body, .. } => {
                self.expr(over);
                return self.body(body);
            }
            ExprKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.expr(condition);
                    self.body(body);
                }
                return otherwise.iter().for_each(|body| self.body(body));
            }
            _ => {}
        }
        expr.each_child(&mut |child| self.expr(child));
    }
}

/// The first name in `expr` of which `wanted` holds.
pub fn find_name<'e>(expr: &'e Expr, wanted: &dyn Fn(&str) -> bool) -> Option<(&'e str, Span)> {
    if let ExprKind::Name(name) = &expr.kind
        && wanted(name)
    {
        return Some((name, expr.span));
    }
    let mut found = None;
    expr.each_child(&mut |child| found = found.or_else(|| find_name(child, wanted)));
    found
}
