//! The settings of a `train` beside what is trained on what: validation, watching, weights, freezing, where weights come from,
//! searching and adversarial steps.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};

use super::super::arguments::{Arguments, Given, Site};
use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::model::instantiate;
use super::super::names::{Declared, Entry};
use super::super::value::Value;
use super::fields::each_name;
use super::{Rows, Settings};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::plan::{Located, Origin, Pruning, Search, SearchMethod};
use crate::settings::train::{SEARCH, STEP};
use crate::suggest::{listed, nearest};

/// The entry of a record.
pub(super) fn entry_of<'e>(record: Option<&'e Expr>, key: &str) -> Option<&'e Expr> {
    let ExprKind::Record(record) = &record?.kind else { return None };
    record.entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value)
}

/// What `monitor` of a setting names: between braces, by its name in a call, or in a call's first place.
pub(super) fn monitor_of<'e>(bound: &Arguments<'e>, name: &str) -> Option<&'e Expr> {
    match bound.expr(name).map(|expr| &expr.kind) {
        Some(ExprKind::Call { arguments, .. }) => {
            let named = |argument: &&ndsl_grammar::ast::Argument| {
                argument.name.as_ref().is_some_and(|name| name.text == "monitor")
            };
            let first = arguments.first().filter(|argument| argument.name.is_none());
            arguments.iter().find(named).or(first).map(|argument| &argument.value)
        }
        _ => entry_of(bound.expr(name), "monitor"),
    }
}

impl Context<'_> {
    /// Checks what a training does beside its loss, its rows and its model. Answers the other dataset whose rows are held out, if
    /// one is.
    pub(super) fn upkeep(
        &mut self,
        bound: &Arguments<'_>,
        rows: Option<&Rows>,
        metrics: &[Settings],
        entry: Entry<'_>,
    ) -> Option<Rows> {
        let settings = |name: &str| match bound.value(name) {
            Some(Value::Settings(settings)) => Some(settings.clone()),
            _ => None,
        };
        let validation = settings("validation");
        let held_out = bound.given("validation") || bound.float("validation_split") > 0.0;
        let mut others = None;
        if let (Some(split), Some(validation)) = (bound.expr("validation_split"), bound.expr("validation")) {
            self.conflict(
                validation.span,
                "`validation` and `validation_split` both say which rows are held out",
                "one of them is enough",
                (split.span, "the other"),
            );
        }
        for name in ["early_stopping", "checkpoints", "schedule"] {
            let Some(given) = settings(name) else { continue };
            if given.signature.parameter("monitor").is_none() {
                continue;
            }
            let monitor = monitor_of(bound, name);
            if let Some(monitor) = monitor {
                self.monitor(monitor, metrics, held_out);
            }
            self.mode(&given, monitor);
        }
        if let Some(rows) = rows {
            if let Some(validation) = validation {
                others = self.held_out_by(&validation, rows, bound.expr("validation"));
            }
            if let Some(Value::Text(column)) = bound.value("sample_weight") {
                let (column, span) = (column.to_string(), bound.span("sample_weight", rows.span));
                self.column_of(rows, &column, span, "sample_weight");
            }
            if let Some(condition) = bound.expr("where") {
                self.row_condition(condition, rows);
            }
        }
        if let Some(from) = bound.expr("from") {
            self.origin_of_weights(from, Some(entry.name.span), None);
        }
        if let Some(search) = settings("search") {
            let at = bound.span("search", entry.name.span);
            self.search(&search, entry_of(bound.expr("search"), "monitor"), metrics, held_out, at);
        }
        self.several_models(bound);
        if let (Some(clip), Some(value)) = (bound.expr("clip_norm"), bound.expr("clip_value")) {
            self.conflict(
                value.span,
                "gradients are kept small by `clip_norm` or by `clip_value`",
                "one of them is enough",
                (clip.span, "the other"),
            );
        }
        others
    }

    /// Reports two settings that exclude each other.
    pub(super) fn conflict(&mut self, span: Span, message: &str, label: &str, other: (Span, &str)) {
        self.report(Diagnostic::new(Code::Conflict, span, message).label(label).related(other.0, other.1));
    }

    fn held_out_by(&mut self, validation: &Settings, rows: &Rows, expr: Option<&Expr>) -> Option<Rows> {
        if validation.signature.parameter("by").is_some()
            && let Some((span, Value::Text(column))) = validation.given("by")
        {
            self.column_of(rows, column, span, "by");
        }
        if validation.signature.name == "stratified" && rows.target.is_none() && validation.given("by").is_none() {
            let fault = Diagnostic::new(
                Code::MissingArgument,
                validation.span,
                format!("`{}` has no target to stratify by", rows.name),
            );
            self.report(fault.label("`by` not given").related(rows.span, "declared without a target"));
        }
        let ("rows", Some(ExprKind::Call { arguments, .. })) = (validation.signature.name, expr.map(|expr| &expr.kind))
        else {
            return None;
        };
        let given = &arguments.first()?.value;
        let others = self.dataset_use(given)?;
        let kind = |rows: &Rows| rows.plan.as_ref().map(|plan| std::mem::discriminant(&plan.source));
        let differ = others.table != rows.table || kind(&others) != kind(rows) || others.target != rows.target;
        if differ && others.plan.is_some() && rows.plan.is_some() {
            let message = format!("the rows of `{}` are not like those of `{}`", others.name, rows.name);
            let fault = Diagnostic::new(Code::DataMismatch, given.span, message).label("has other fields");
            self.report(fault.related(others.span, "declared here").related(rows.span, "trained on this one"));
            return None;
        }
        Some(others)
    }

    /// A condition on the columns of a row.
    fn row_condition(&mut self, condition: &Expr, rows: &Rows) {
        if !is_condition(condition) {
            if !matches!(condition.kind, ExprKind::Error) {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    condition.span,
                    "`where` takes a condition, which is true or false",
                );
                self.report(fault.label("expected a comparison such as `rating >= 4`"));
            }
            return;
        }
        let mut names: Vec<(String, Span)> = Vec::new();
        each_operand(condition, &mut |name, span| names.push((name.to_owned(), span)));
        for (name, span) in names {
            if self.names.get(&name).is_none() {
                self.column_of(rows, &name, span, "where");
            }
        }
    }

    /// Where the first weights come from, as it was checked.
    pub(super) fn first_weights(&mut self, expr: &Expr) -> Option<Origin> {
        let expr = self.choice_of(expr);
        let located = |text: &str| Located { text: text.to_owned(), span: expr.span };
        match &expr.kind {
            ExprKind::Str(path) => Some(Origin::Path { path: located(path), folder: self.names.folder_of(expr.span) }),
            ExprKind::Field { base, name } => match &base.kind {
                ExprKind::Name(run) if name.text == "last" => Some(Origin::Last(located(run))),
                ExprKind::Name(run) => Some(Origin::Best(located(run))),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where weights come from: another training's `best` or `last`, or a file. Answers the name of that training.
    pub(super) fn origin_of_weights(&mut self, expr: &Expr, own: Option<Span>, model: Option<&str>) -> Option<String> {
        let expr = self.choice_of(expr);
        let (base, part) = match &expr.kind {
            ExprKind::Str(_) | ExprKind::Error => return None,
            ExprKind::Field { base, name } => (base.as_ref(), Some(name)),
            ExprKind::Name(_) => (expr, None),
            _ => {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    expr.span,
                    "`from` takes `run.best` or `run.last` of a training, or a path",
                );
                self.evaluate_quietly(expr);
                self.report(fault.label("not where weights come from"));
                return None;
            }
        };
        let ExprKind::Name(run) = &base.kind else {
            let fault = Diagnostic::new(Code::WrongType, base.span, "a training is named by one word");
            self.report(fault.label("expected the name of a training"));
            return None;
        };
        let entry = match self.names.get(run).map(|entry| (entry, entry.declared())) {
            Some((entry, Declared::Train(_))) => entry,
            Some((_, Declared::Broken)) => return None,
            Some((entry, other)) => {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    base.span,
                    format!("`{run}` is a {}, not a training", other.noun()),
                );
                self.report(fault.label("expected a training").related(entry.name.span, "declared here"));
                return None;
            }
            None => {
                let fault = Diagnostic::new(Code::UnknownName, base.span, format!("there is no training `{run}`"));
                let names = self.names;
                self.unknown_declaration(fault, run, base.span, &names.trains);
                return None;
            }
        };
        if self.notes() {
            let (name, kind, definition) = (run.clone(), "training".into(), entry.name.span);
            self.fact(base.span, FactKind::Value { name, kind, docs: None, definition });
        }
        if own == Some(entry.name.span) {
            let fault = Diagnostic::new(Code::Cycle, base.span, format!("`{run}` would start from its own result"));
            self.report(fault.label("this training itself"));
            return None;
        }
        match part {
            Some(part) if matches!(part.text.as_str(), "best" | "last") => {}
            Some(part) => {
                let fault = Diagnostic::new(
                    Code::OutOfRange,
                    part.span,
                    format!("a training has `best` and `last`, and no `{}`", part.text),
                );
                let meant = nearest(&part.text, ["best", "last"]).unwrap_or("best");
                self.report(fault.label("not one of them").fix(
                    format!("replace it with `{meant}`"),
                    part.span,
                    meant,
                    Applicability::Guess,
                ));
                return None;
            }
            None => {
                let fault = Diagnostic::new(Code::WrongType, expr.span, format!("which weights of `{run}`?"));
                self.report(fault.label("its best epoch, or its last").fix(
                    format!("write `{run}.best`"),
                    expr.span,
                    format!("{run}.best"),
                    Applicability::Guess,
                ));
                return None;
            }
        }
        let trained = self.model_trained_by(entry);
        if let (Some(model), Some((trained, at))) = (model, trained)
            && trained != model
        {
            let fault = Diagnostic::new(
                Code::Conflict,
                expr.span,
                format!("`{run}` trains `{trained}`, and its weights do not fit `{model}`"),
            );
            self.report(fault.label(format!("weights of `{trained}`")).related(at, format!("`{run}` trains this")));
        }
        Some(run.clone())
    }

    /// The name of the model that a training trains, and where it says so.
    pub(super) fn model_trained_by<'n>(&self, entry: Entry<'n>) -> Option<(&'n str, Span)> {
        let Declared::Train(settings) = entry.declared() else { return None };
        let model = settings.entries.iter().find(|entry| entry.key.text == "model")?;
        let callee = match &model.value.kind {
            ExprKind::Call { callee, .. } => callee,
            _ => &model.value,
        };
        match &callee.kind {
            ExprKind::Name(name) if name != crate::settings::tune::TUNE.name => Some((name, callee.span)),
            _ => None,
        }
    }

    fn search(&mut self, search: &Settings, monitor: Option<&Expr>, metrics: &[Settings], held_out: bool, at: Span) {
        if let Some(monitor) = monitor {
            self.monitor(monitor, metrics, held_out);
        }
        self.mode(search, monitor);
        if !self.names.all.tunes.any() {
            self.report(
                Diagnostic::new(Code::NoEffectSetting, at, "there is nothing to search for")
                    .label("nothing here is a `tune(…)`")
                    .help("such as `learning_rate=tune(1e-4..1e-2, scale=log)`"),
            );
        }
        if search.word("method") == "grid" {
            for setting in ["warmup", "prune"] {
                if let Some((span, value)) = search.given(setting)
                    && *value != Value::Text("none".into())
                    && setting == "warmup"
                {
                    let fault = Diagnostic::new(Code::NoEffectSetting, span, "a grid judges no trial by the others");
                    self.report(fault.label("changes nothing"));
                }
            }
        }
    }

    /// How the values of `tune(…)` are looked for: as `search` says, and as it would say by itself.
    pub(super) fn how_to_search(&mut self, bound: &Arguments<'_>) -> Search {
        let own = Settings { signature: &SEARCH, span: Span::default(), values: vec![None; SEARCH.parameters.len()] };
        let given = match bound.value("search") {
            Some(Value::Settings(given)) => given,
            _ => &own,
        };
        let whole = |name: &str| given.int(name).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        let held_out = bound.given("validation") || bound.float("validation_split") > 0.0;
        let monitor = monitor_of(bound, "search").map(|monitor| self.watched(given, Some(monitor), held_out));
        Search {
            method: match given.word("method") {
                "random" => SearchMethod::Random,
                "grid" => SearchMethod::Grid,
                _ => SearchMethod::Bayesian,
            },
            trials: whole("trials"),
            prune: match given.word("prune") {
                "median" => Pruning::Median,
                "halving" => Pruning::Halving,
                _ => Pruning::None,
            },
            warmup: whole("warmup"),
            monitor,
            timeout: given.quantity("timeout").map(|quantity| quantity.amount()),
            seed: bound.unsigned("seed"),
        }
    }

    /// `models` and `steps`: each model by itself, each step against them.
    fn several_models(&mut self, bound: &Arguments<'_>) {
        let (models, steps) = (bound.expr("models"), bound.expr("steps"));
        if let (Some(models), Some(model)) = (models, bound.expr("model")) {
            self.conflict(
                models.span,
                "a training has one `model` or several `models`",
                "several",
                (model.span, "one"),
            );
        }
        if let (Some(steps), Some(loss)) =
            (steps.filter(|steps| matches!(steps.kind, ExprKind::Record(_))), bound.expr("loss"))
        {
            self.conflict(
                loss.span,
                "with `steps`, each of them has a loss of its own",
                "the loss of which step?",
                (steps.span, "the steps"),
            );
        }
        let mut names: Vec<&str> = Vec::new();
        match models.map(|expr| (&expr.kind, expr.span)) {
            Some((ExprKind::Record(record), _)) => {
                for entry in &record.entries {
                    names.push(&entry.key.text);
                    let value = self.choice_of(&entry.value);
                    if let Some(used) = self.model_use(value) {
                        instantiate(self.names, self.findings, used.model, used.uses);
                    }
                }
                if steps.is_none() {
                    let fault = Diagnostic::new(
                        Code::MissingArgument,
                        record.span,
                        "several `models` need `steps` that say what moves each",
                    );
                    self.report(fault.label("`steps` not given"));
                }
            }
            Some((ExprKind::Error, _)) | None => {}
            Some((_, span)) => {
                let fault = Diagnostic::new(Code::WrongType, span, "`models` takes settings between braces");
                self.report(fault.label("expected `{ g: Generator(), d: Critic() }`"));
            }
        }
        let Some(steps) = steps else { return };
        let ExprKind::Record(record) = &steps.kind else {
            if !matches!(steps.kind, ExprKind::Error) {
                let number = matches!(steps.kind, ExprKind::Int(_));
                let fault = Diagnostic::new(
                    Code::WrongType,
                    steps.span,
                    "`steps` takes settings between braces: what a step does to each of `models`",
                );
                let fault = fault.label("expected `{ d: { loss: … }, g: { loss: … } }`");
                self.report(if number { fault.help("how many steps there are at most is `max_steps`") } else { fault });
            }
            return;
        };
        for entry in &record.entries {
            if models.is_some() && !names.contains(&entry.key.text.as_str()) {
                let fault =
                    Diagnostic::new(Code::UnknownName, entry.key.span, format!("`models` has no `{}`", entry.key.text));
                self.unknown_declaration(fault, &entry.key.text, entry.key.span, &names);
            }
            let ExprKind::Record(step) = &entry.value.kind else {
                if !matches!(entry.value.kind, ExprKind::Error) {
                    let fault = Diagnostic::new(Code::WrongType, entry.value.span, "a step is settings between braces");
                    self.report(fault.label("expected `{ loss: … }`"));
                }
                continue;
            };
            let site = Site { head: entry.key.span, end: step.span.after(), noun: "setting" };
            self.bind(&STEP, step.entries.iter().map(Given::from), site);
        }
    }

    /// What `freeze` names, each with its place. It must be known before the layers are made: a frozen one may compute something
    /// else.
    pub(super) fn frozen<'e>(&mut self, expr: Option<&'e Expr>) -> Vec<(String, &'e Expr)> {
        let items = match expr.map(|expr| (expr, &expr.kind)) {
            Some((_, ExprKind::List(items))) => items.as_slice(),
            None | Some((_, ExprKind::Error)) => &[],
            Some((expr, _)) => std::slice::from_ref(expr),
        };
        let mut patterns = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                ExprKind::Str(text) => patterns.push((text.clone(), item)),
                ExprKind::Name(_) | ExprKind::Field { .. } => patterns.push((self.written(item.span).to_owned(), item)),
                _ if unread(item) => {}
                _ => {
                    let fault = Diagnostic::new(Code::WrongType, item.span, "`freeze` takes the names of layers");
                    self.report(fault.label("expected a name, or a text in which `*` stands for any characters"));
                }
            }
        }
        self.frozen = patterns.iter().map(|(pattern, _)| pattern.clone()).collect();
        patterns
    }

    /// Whether a training leaves a layer as it is.
    pub fn is_frozen(&self, layer: &str) -> bool {
        self.frozen.iter().any(|pattern| covers(pattern, layer))
    }

    /// Reports what `freeze` names and no layer is called.
    pub(super) fn freezes_something(&mut self, patterns: Vec<(String, &Expr)>) {
        for (pattern, item) in patterns {
            let layers = &self.builder.graph().layers;
            let names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
            // A model that could not be built has layers that are not known.
            if names.is_empty() || names.iter().any(|name| covers(&pattern, name)) {
                continue;
            }
            let fault =
                Diagnostic::new(Code::UnknownName, item.span, format!("no layer of the model is called `{pattern}`"));
            let known = || names.iter().map(String::as_str);
            let fault = match nearest(&pattern, known()) {
                Some(meant) => {
                    let text =
                        if matches!(item.kind, ExprKind::Str(_)) { format!("\"{meant}\"") } else { meant.to_owned() };
                    fault.label(format!("did you mean `{meant}`?")).fix(
                        format!("replace it with `{meant}`"),
                        item.span,
                        text,
                        Applicability::Guess,
                    )
                }
                None => match listed(known()) {
                    Some(names) => fault.label("freezes nothing").help(format!("the layers are {names}")),
                    None => fault.label("freezes nothing"),
                },
            };
            self.report(fault);
        }
    }
}

/// Whether a part of an expression could not be read.
fn unread(expr: &Expr) -> bool {
    let mut found = matches!(expr.kind, ExprKind::Error);
    expr.each_child(&mut |child| found |= unread(child));
    found
}

/// Whether a name is what a pattern means: itself, a part of it, or what `*` stands for.
fn covers(pattern: &str, name: &str) -> bool {
    match pattern.contains('*') {
        // `encoder.*` is all of `encoder`.
        true => matches(pattern.as_bytes(), name.as_bytes()) || pattern.strip_suffix(".*") == Some(name),
        false => name == pattern || name.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('.')),
    }
}

/// `*` stands for any bytes: on a mismatch the last `*` takes one more, so that no text takes longer than both lengths' product.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while of < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, of));
            at += 1;
        } else if pattern.get(at) == Some(&text[of]) {
            (at, of) = (at + 1, of + 1);
        } else if let Some((back, taken)) = star {
            star = Some((back, taken + 1));
            (at, of) = (back + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Whether an expression is true or false by its form.
fn is_condition(expr: &Expr) -> bool {
    use BinaryOperator as Op;
    match &expr.kind {
        ExprKind::Binary { operator, .. } => matches!(
            operator,
            Op::Or
                | Op::And
                | Op::Equal
                | Op::NotEqual
                | Op::Less
                | Op::LessEqual
                | Op::Greater
                | Op::GreaterEqual
                | Op::In
        ),
        ExprKind::Unary { operator: UnaryOperator::Not, .. }
        | ExprKind::Bool(_)
        | ExprKind::Name(_)
        | ExprKind::Field { .. } => true,
        _ => false,
    }
}

/// Every bare word of a condition that must be a column: a word compared with one may be a label.
fn each_operand(expr: &Expr, each: &mut dyn FnMut(&str, Span)) {
    match &expr.kind {
        ExprKind::Name(name) => each(name, expr.span),
        ExprKind::Binary {
            operator: BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::In,
            left,
            ..
        } => {
            each_operand(left, each);
        }
        _ => expr.each_child(&mut |child| each_operand(child, each)),
    }
}

/// Every bare word of an expression, for conditions on variables.
pub(super) fn words(expr: &Expr) -> Vec<String> {
    let mut words = Vec::new();
    each_name(expr, &mut |name| words.push(name.to_owned()));
    words
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_pattern_names_layers_whole_by_their_beginning_or_by_a_star() {
        assert!(covers("encoder", "encoder"));
        assert!(covers("encoder", "encoder.dense"));
        assert!(!covers("encoder", "encoder_2"));
        assert!(covers("encoder.*", "encoder.dense") && covers("encoder.*", "encoder"));
        assert!(covers("block_*.dense", "block_3.dense") && !covers("block_*.dense", "block_3.conv"));
        assert!(covers("*", "anything") && covers("d*n*e*", "dense_1"));
        assert!(!covers(&"a*".repeat(40), &"b".repeat(4000)));
    }
}
