//! Which blocks use which, before any is unrolled: circles, and chains that would unroll to more than can be checked.
//!
//! What is counted here is the least a body can come to: a `repeat` whose count is not written out and the bodies of an
//! `if` count nothing. The rest is counted while unrolling ([`super::bounds`]).

use foldhash::{HashMap, HashSet};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Body, Expr, ExprKind, Statement};

use super::bounds::{LAYER_STEPS, MAX_STEPS, too_many_steps};
use crate::check::context::Findings;
use crate::check::names::{Declarations, Declared, Names};
use crate::diagnostics::{Code, Diagnostic};
use crate::layers;

/// How many blocks may stand inside one another.
const MAX_DEPTH: usize = 128;

/// How many uses of a circle are shown.
const MAX_LINKS: usize = 6;

/// A use of a block in the body of another.
#[derive(Clone, Copy)]
struct Use<'a> {
    name: &'a str,
    span: Span,
    times: u64,
}

/// What the body of a block says of its size.
#[derive(Default)]
struct Extent<'a> {
    uses: Vec<Use<'a>>,
    steps: u64,
}

/// What is known of a block once those it uses are.
#[derive(Clone, Copy)]
struct Known {
    steps: u64,
    depth: usize,
    /// Whether it uses something that is not unrolled, so that what it comes to has been said already.
    cut: bool,
}

/// The blocks and models that are not unrolled, since what is wrong with them has been said.
pub struct Calls {
    refused: HashSet<Span>,
    /// Those that use one of them.
    cut: Vec<Span>,
}

impl Calls {
    /// Where the names of those stand of which something is wrong, or of something they use.
    pub fn refused_or_cut(&self) -> impl Iterator<Item = Span> {
        self.refused.iter().chain(&self.cut).copied()
    }

    /// Whether the block whose name stands at `name` may be unrolled.
    pub fn may_unroll(&self, name: Span) -> bool {
        !self.refused.contains(&name)
    }

    /// Follows the uses of blocks in all files and reports circles and sizes.
    pub fn collect<'a>(all: &'a Declarations<'a>, findings: &mut Findings) -> Self {
        let mut walk = Walk {
            names: all.main(),
            bodies: HashMap::default(),
            known: HashMap::default(),
            refused: HashSet::default(),
        };
        for names in all.files() {
            let bodies = names.entries.iter().filter(|entry| entry.has_body());
            // What was sound leads to nothing that is not.
            for entry in bodies.filter(|entry| entry.piece.is_none_or(|piece| all.plan.verdict(piece).is_none())) {
                if let Declared::Block(model, _) | Declared::Model(model, _) = entry.declared() {
                    walk.follow(model, findings);
                }
            }
        }
        let cut = walk.known.iter().filter(|(_, known)| known.cut).map(|(name, _)| *name).collect();
        Self { refused: walk.refused, cut }
    }
}

struct Walk<'a> {
    names: Names<'a>,
    bodies: HashMap<Span, Extent<'a>>,
    known: HashMap<Span, Known>,
    refused: HashSet<Span>,
}

/// A block on the way, and which of its uses is followed next.
struct Step<'a> {
    model: &'a ast::Model,
    next: usize,
}

impl<'a> Walk<'a> {
    /// Follows everything `start` uses, without recursion: chains are as long as a file lets them be.
    fn follow(&mut self, start: &'a ast::Model, findings: &mut Findings) {
        let mut way: Vec<Step<'a>> = Vec::new();
        let mut on_way: HashMap<Span, usize> = HashMap::default();
        let mut open = Some(start);
        loop {
            if let Some(model) = open.take().filter(|model| !self.known.contains_key(&model.name.span)) {
                let mut body = Extent::default();
                self.body(&model.body, 1, &mut body);
                self.bodies.insert(model.name.span, body);
                on_way.insert(model.name.span, way.len());
                way.push(Step { model, next: 0 });
            }
            let Some(step) = way.last_mut() else { return };
            let name = step.model.name.span;
            let used = self.bodies.get(&name).and_then(|body| body.uses.get(step.next)).copied();
            step.next += 1;
            match used.map(|used| self.unrolled(used.name, used.span)) {
                None => {
                    self.close(step.model, findings);
                    on_way.remove(&name);
                    way.pop();
                }
                Some(None) => {}
                Some(Some(model)) => match on_way.get(&model.name.span) {
                    Some(first) => self.circle(&way[*first..], findings),
                    None => open = Some(model),
                },
            }
        }
    }

    /// The block or model that a use at `span` names.
    fn unrolled(&self, name: &str, span: Span) -> Option<&'a ast::Model> {
        self.names.home(span).get(name).filter(|entry| entry.has_body())?.declared().body()
    }

    fn circle(&mut self, way: &[Step<'a>], findings: &mut Findings) {
        let Some(first) = way.first() else { return };
        let name = &first.model.name;
        let message = format!("`{}` leads back to itself, so unrolling it would never end", name.text);
        let mut fault = Diagnostic::new(Code::Recursion, name.span, message).label(match way.len() {
            ..=MAX_LINKS => "used inside itself".to_owned(),
            count => format!("used inside itself, through {count} blocks"),
        });
        for (link, step) in way.iter().enumerate() {
            self.refused.insert(step.model.name.span);
            let uses = self.bodies.get(&step.model.name.span).map(|body| body.uses.as_slice()).unwrap_or_default();
            let shown = link + 1 < MAX_LINKS || link + 1 == way.len();
            if let (true, Some(used)) = (shown, uses.get(step.next.saturating_sub(1))) {
                let next = if used.name == step.model.name.text { "itself".into() } else { format!("`{}`", used.name) };
                fault = fault.related(used.span, format!("`{}` uses {next}", step.model.name.text));
            }
        }
        findings.report(fault.help("a block that is used a number of times stands in a `repeat`"));
    }

    /// What `model` comes to, now that all it uses is known.
    fn close(&mut self, model: &'a ast::Model, findings: &mut Findings) {
        let Some(body) = self.bodies.get(&model.name.span) else { return };
        let mut known = Known { steps: body.steps, depth: 0, cut: false };
        let mut largest: Option<(u64, Span)> = None;
        let mut deepest = None;
        for used in &body.uses {
            let Some(inner) = self.unrolled(used.name, used.span).and_then(|inner| self.known.get(&inner.name.span))
            else {
                continue;
            };
            known.cut |= inner.cut;
            let steps = used.times.saturating_mul(inner.steps.saturating_add(LAYER_STEPS));
            known.steps = known.steps.saturating_add(steps);
            if largest.is_none_or(|(most, _)| steps > most) {
                largest = Some((steps, used.span));
            }
            if inner.depth >= known.depth {
                known.depth = inner.depth + 1;
                deepest = Some(used.span);
            }
        }
        let span = model.name.span;
        if self.refused.contains(&span) {
            known = Known { steps: 0, depth: 0, cut: true };
        } else if let (true, Some((_, at))) = (known.steps > MAX_STEPS, largest) {
            self.refused.insert(span);
            if !known.cut {
                findings.report(too_many_steps(&model.name.text, at).related(span, "unrolled where it is used"));
            }
            known = Known { steps: 0, depth: 0, cut: true };
        } else if let (true, Some(at)) = (known.depth > MAX_DEPTH, deepest) {
            self.refused.insert(span);
            if !known.cut {
                let message = format!("more than {MAX_DEPTH} blocks stand inside one another");
                findings.report(Diagnostic::new(Code::TooDeep, at, message).label("this one is not followed further"));
            }
            known = Known { steps: 0, depth: 0, cut: true };
        }
        self.known.insert(span, known);
    }

    fn body(&self, body: &'a Body, times: u64, found: &mut Extent<'a>) {
        for statement in &body.statements {
            self.statement(statement, times, found);
        }
    }

    fn statement(&self, statement: &'a Statement, times: u64, found: &mut Extent<'a>) {
        statement.each_expr(&mut |expr| self.expr(expr, times, found));
    }

    fn expr(&self, expr: &'a Expr, times: u64, found: &mut Extent<'a>) {
        found.steps = found.steps.saturating_add(times);
        match &expr.kind {
            ExprKind::Call { callee, .. } => {
                if let ExprKind::Name(name) = &callee.kind {
                    if layers::find(name).is_some() {
                        found.steps = found.steps.saturating_add(times.saturating_mul(LAYER_STEPS));
                    } else if self.unrolled(name, callee.span).is_some() {
                        found.uses.push(Use { name, span: callee.span, times });
                    }
                }
            }
            ExprKind::Repeat { over, body, .. } => {
                self.expr(over, times, found);
                let rounds = match &over.kind {
                    ExprKind::Int(count) => u64::try_from(*count).unwrap_or(0),
                    ExprKind::List(items) => items.len() as u64,
                    _ => 0,
                };
                return self.body(body, times.saturating_mul(rounds), found);
            }
            ExprKind::If { branches, otherwise } => {
                branches.iter().for_each(|(condition, _)| self.expr(condition, times, found));
                let bodies = branches.iter().map(|(_, body)| body).chain(otherwise);
                return bodies.for_each(|body| self.body(body, 0, found));
            }
            _ => {}
        }
        expr.each_child(&mut |child| self.expr(child, times, found));
    }
}
