//! Applies a layer: finds it, binds its arguments, builds it, and says what it became.

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind};

use super::arguments::{Arguments, Given, Site};
use super::context::{Context, LayerPart};
use super::facts::{FactKind, LayerReport};
use super::flow::{Call, LAYER_STEPS, Naming, Part};
use super::habits;
use super::names::Declared;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit};
use crate::ir::{Dim, LayerId, Op, Shape, ValueId, cost};
use crate::layers::{self, Apply, LayerDef};
use crate::suggest::listed;
use crate::{activations, functions, standard};

/// A layer with its arguments that is the argument of another: `LSTM(64)` in `Bidirectional(LSTM(64))`.
pub struct Inner<'e> {
    /// What it is.
    pub def: &'static LayerDef,
    /// What its call gives.
    pub arguments: Arguments<'e>,
    /// The call.
    pub span: Span,
}

impl Context<'_> {
    /// Applies the layer `def` to `piped`, or else to the flow.
    pub(super) fn layer(
        &mut self,
        def: &'static LayerDef,
        call: Call<'_>,
        piped: Option<Value>,
        naming: Naming<'_>,
    ) -> Value {
        let Call { span, name, head: name_span, arguments, brackets } = call;
        let site = Site { head: name_span, end: brackets.after(), noun: "parameter" };
        let is_piped = piped.is_some();
        let target = piped.or_else(|| self.flow.clone());
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        let (input, table) = match target {
            Some(Value::Tensor(id)) if !def.takes_a_row() => (id, None),
            Some(Value::Row(row)) if def.takes_a_row() => match row.columns.first().map(|column| column.value) {
                Some(first) => (first, Some(row)),
                // That no column is left was reported where they are left out.
                None => return self.given_up(),
            },
            Some(Value::Tensor(id)) => {
                let kind = self.type_of(id);
                let message = format!("`{name}` works on a row of a table, not on {kind}");
                let fault = Diagnostic::new(Code::WrongType, span, message).label("applied to a tensor");
                let fault = fault.help("declare the input as a row: `input row: Shop.Customer except (id)`");
                self.report_with_origin(fault, id);
                return self.given_up();
            }
            Some(Value::Row(row)) => {
                let message = format!("`{name}` works on a tensor, and this is a row of `{}`", row.path);
                let fault = Diagnostic::new(Code::WrongType, span, message).label("applied to a row of a table");
                let fault = fault.help("`Features()` makes numbers of a row; `row.age` is one of its columns");
                self.report(match self.statement_call == Some(span) {
                    true => fault.fix("insert `Features()`", span.before(), "Features() ", Applicability::Guess),
                    false => fault,
                });
                return self.given_up();
            }
            Some(Value::Unknown) => {
                self.fact(name_span, FactKind::Layer { signature: &def.signature, applied: None });
                return Value::Unknown;
            }
            Some(several @ (Value::List(_) | Value::Record(_))) if several.holds_tensors() => {
                self.report(
                    Diagnostic::new(Code::WrongType, span, format!("`{name}` works on one tensor, not on several"))
                        .label(format!("{} before it", several.describe()))
                        .help("`concat(axis=-1)` or `add()` after `|>` makes one of them"),
                );
                return Value::Unknown;
            }
            Some(other) => {
                self.report(
                    Diagnostic::new(
                        Code::WrongType,
                        span,
                        format!("`{name}` works on a tensor, not on {}", other.describe()),
                    )
                    .label("expected a tensor before it"),
                );
                return Value::Unknown;
            }
            None => {
                self.nothing_before(name, name_span);
                return Value::Unknown;
            }
        };
        let columns = table.as_ref().map_or(0, |row| row.columns.len());
        if self.dry || !self.spend(LAYER_STEPS) || !self.spend_columns(columns, span) {
            return self.given_up();
        }
        let layer_name = self.layer_called(&bound, def.signature.name, naming, span);
        self.note_flatten(def, input, span, is_piped);
        let given = self.given_to_layer(&def.signature, &bound, arguments);
        self.builder.begin_layer(layer_name.clone(), def.signature.name, input, span);
        self.builder.gives(given);
        let quiet = self.quiet;
        // With an argument refused, what the layer says of the rest may be wrong: it is applied for its rank alone.
        self.quiet |= bound.faulty;
        let sharing = self.sharing;
        self.sharing |= naming.is_shared();
        let mut apply = Apply {
            cx: self,
            arguments: &bound,
            input,
            table: table.clone(),
            span,
            name: layer_name.clone(),
            def,
            direction: None,
        };
        let output = (def.build)(&mut apply);
        self.quiet = quiet;
        self.sharing = sharing;
        self.builder.end_layer(output.unwrap_or(input));
        self.report_oversized();
        let Some(output) = output else {
            self.fact(name_span, FactKind::Layer { signature: &def.signature, applied: None });
            return Value::Unknown;
        };
        let made = self.layer_parts.remove(&layer_name).unwrap_or_default();
        let part = Part { name: layer_name, kind: def.signature.name.to_owned(), made, ..Part::default() };
        // A layer that answers what it was given leaves that what it was.
        if output != input {
            self.parts.insert(output, Arc::new(part));
        }
        if self.notes() {
            let mut applied = self.layer_report(input, output);
            if let Some(row) = &table {
                applied.input = row.described();
            }
            self.fact(name_span, FactKind::Layer { signature: &def.signature, applied: Some(applied) });
        }
        match bound.faulty {
            true => Value::Tensor(self.blurred(output, span)),
            false => Value::Tensor(output),
        }
    }

    /// A value of the same rank of which no dimension is known.
    fn blurred(&mut self, id: ValueId, span: Span) -> ValueId {
        let value = self.builder.value(id);
        let (element, rank) = (value.element, self.row(id).rank());
        self.builder.unknown(element, Shape::batched(vec![Dim::Unknown; rank]), span)
    }

    /// The layer that is the argument of another; what is none is reported.
    pub fn inner_layer<'e>(&mut self, expr: &'e Expr) -> Option<Inner<'e>> {
        let (callee, arguments, brackets) = match &expr.kind {
            ExprKind::Call { callee, arguments, brackets } => (callee, arguments, *brackets),
            ExprKind::Name(name) if layers::find(name).is_some() => {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, format!("`{name}` stands here with its arguments"))
                        .label("a layer needs its brackets")
                        .fix("add the brackets", expr.span.after(), "()", Applicability::Guess),
                );
                return None;
            }
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "a layer is expected here")
                        .label("expected a layer such as `LSTM(64)`"),
                );
                return None;
            }
        };
        let ExprKind::Name(name) = &callee.kind else {
            self.report(
                Diagnostic::new(Code::WrongType, callee.span, "a layer is called by its name")
                    .label("expected a layer such as `LSTM(64)`"),
            );
            return None;
        };
        let Some(def) = layers::find(name) else {
            if name.starts_with(|first: char| first.is_uppercase()) {
                self.unknown_layer(name, callee.span, expr.span, arguments);
            } else {
                self.report(
                    Diagnostic::new(Code::WrongType, callee.span, format!("`{name}` is a function, not a layer"))
                        .label("expected a layer such as `LSTM(64)`"),
                );
            }
            for argument in arguments {
                self.evaluate_quietly(&argument.value);
            }
            return None;
        };
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        self.fact(callee.span, FactKind::Layer { signature: &def.signature, applied: None });
        if let Some(given) = bound.first_tensor() {
            self.report(
                Diagnostic::new(Code::WrongType, given, format!("a `{name}` inside another layer takes no tensors"))
                    .label("a tensor")
                    .help("the layer around it decides what it is applied to"),
            );
            return None;
        }
        Some(Inner { def, arguments: bound, span: expr.span })
    }

    /// What a program names of a layer: the `state` of a recurrent one, which of an LSTM is a list of the state and the memory.
    pub fn layer_part(&mut self, layer: &Part, name: &str, span: Span) -> Option<Value> {
        let (_, part) = layer.made.iter().find(|(part, _)| *part == name)?;
        let LayerPart::State { state, memory } = part.clone();
        Some(match memory {
            None => Value::Tensor(state),
            Some((recurrent, operands)) => {
                let memory = self.builder.node(Op::Recurrent(recurrent), operands, span);
                Value::List([Value::Tensor(state), Value::Tensor(memory)].into())
            }
        })
    }

    /// The name of a layer: what `name=` or `as` calls it, or its kind.
    fn layer_called(&mut self, arguments: &Arguments<'_>, kind: &str, naming: Naming<'_>, site: Span) -> String {
        match (self.named(arguments, naming, site), naming) {
            (Some(name), Naming::Hint(_)) => self.unit.name(kind, Some(&name), site),
            _ => self.layer_name(kind, naming, site),
        }
    }

    /// What `name=` calls a layer; a name that another has is reported.
    fn named(&mut self, arguments: &Arguments<'_>, naming: Naming<'_>, site: Span) -> Option<String> {
        let name = arguments.parameter("name").and_then(|_| arguments.text("name"))?.to_owned();
        let expr = arguments.expr("name")?;
        let first = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
        if !first || !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
            self.report(
                Diagnostic::new(Code::OutOfRange, expr.span, "a layer's name is of letters, digits and `_`")
                    .label("not a name"),
            );
            return None;
        }
        if let Naming::Fixed(path) = naming {
            if path.rsplit('.').next() != Some(&name) {
                let message = "a shared layer is called what its `share` calls it";
                self.report(Diagnostic::new(Code::NoEffect, expr.span, message).label("would be a second name"));
            }
            return None;
        }
        let own = matches!(naming, Naming::Hint(Some(hint)) if hint.text == name);
        if !own && !self.unit.take(&name, site) {
            self.report(
                Diagnostic::new(Code::Duplicate, expr.span, format!("another layer is called `{name}`"))
                    .label("choose another name"),
            );
            return None;
        }
        Some(name)
    }

    fn layer_report(&self, input: ValueId, output: ValueId) -> LayerReport {
        let graph = self.builder.graph();
        let index = graph.layers.len() - 1;
        let own = Some(LayerId(index as u32));
        // What the layer was built of stands last, so no other is looked at.
        let parameters = graph.parameters.iter().rev().take_while(|parameter| parameter.layer == own);
        let nodes = graph.nodes.iter().rev().take_while(|node| node.layer == own);
        LayerReport {
            name: graph.layers[index].name.clone(),
            input: self.type_of(input),
            output: self.type_of(output),
            parameters: parameters.map(|parameter| parameter.shape.iter().product::<usize>()).sum(),
            flops: cost::sum(nodes.map(|node| cost::flops(graph, node))),
        }
    }

    /// What a use of a block or model became that made everything in the graph from `start` on.
    pub(in crate::check) fn use_report(
        &self,
        name: String,
        start: (usize, usize),
        input: &Value,
        output: &Value,
    ) -> LayerReport {
        let graph = self.builder.graph();
        let (nodes, parameters) = start;
        LayerReport {
            name,
            input: self.describe(input),
            output: self.describe(output),
            parameters: graph.parameters[parameters..].iter().map(|own| own.shape.iter().product::<usize>()).sum(),
            flops: cost::sum(graph.nodes[nodes..].iter().map(|node| cost::flops(graph, node))),
        }
    }

    /// How far the graph has come, for [`Self::use_report`].
    pub(in crate::check) fn graph_so_far(&self) -> (usize, usize) {
        let graph = self.builder.graph();
        (graph.nodes.len(), graph.parameters.len())
    }

    /// Remembers how a `Flatten()` would be written before a `Dense` on more than one axis, and warns after an image.
    fn note_flatten(&mut self, def: &LayerDef, input: ValueId, call: Span, piped: bool) {
        if def.signature.name != "Dense" {
            return;
        }
        let row = self.row(input);
        if row.rank() < 2 {
            return;
        }
        let source = self.names.source;
        // Inside a block or a `repeat` the text stands for several layers.
        let text = if self.unrolled.last().is_some() {
            None
        } else if piped {
            Some("Flatten() |> ".to_owned())
        } else if self.statement_call == Some(call) {
            let line = &source.text[source.line_range(source.line_of(call.start as usize)).start..call.start as usize];
            match line.trim().is_empty() {
                true => Some(format!("Flatten()\n{line}")),
                false => Some("Flatten(); ".to_owned()),
            }
        } else {
            None
        };
        let edit = text.map(|text| Edit { span: call.before(), text });
        if row.rank() >= 3 && !row.dims().contains(&Dim::Unknown) {
            let mut warning = Diagnostic::new(
                Code::LastAxis,
                call,
                format!("`Dense` on {row} works on the last axis alone and leaves the others"),
            )
            .label(format!("one `Dense` for each of the {} places", places(&row)))
            .help("`Flatten()` before it makes one row of all numbers, which is what a classifier usually wants");
            if let Some(edit) = &edit {
                warning = warning.fix("insert `Flatten()`", edit.span, &edit.text, Applicability::Guess);
            }
            self.report_with_origin(warning, input);
        }
        if let Some(edit) = edit {
            self.flatten_edits.insert((call.file, call.start), edit);
        }
    }

    pub(super) fn unknown_layer(&mut self, name: &str, span: Span, call: Span, arguments: &[Argument]) {
        let fault = Diagnostic::new(Code::UnknownLayer, span, format!("there is no layer `{name}`"));
        if let Some(entry) = self.names.get(name) {
            self.findings.names(span, entry.name.span);
            match entry.declared() {
                Declared::Broken => {}
                other => self.report(
                    fault
                        .label(format!("a {}, not a layer", other.noun()))
                        .related(entry.name.span, format!("`{name}` is declared here")),
                ),
            }
            return;
        }
        let (fault, elsewhere) = self.names.or_elsewhere(fault, name);
        if elsewhere {
            return self.report(fault);
        }
        if name == "Input" {
            self.report(
                Diagnostic::new(Code::NoEffect, span, "`Input(…)` is a statement of its own, before the layers")
                    .label("cannot stand here"),
            );
            return;
        }
        if let Some(written) = layers::merging(name) {
            self.report(
                fault
                    .label("several tensors are put together by a function or an operator")
                    .help(format!("it is written `{written}`; of a `branch`, `branch {{ … }} |> {}`", merged(name))),
            );
            return;
        }
        if matches!(name, "Model" | "Sequential" | "Functional" | "Module") {
            self.report(
                fault
                    .label("a model is a declaration")
                    .help("layers stand in the model's body one after the other, and its last value is the output"),
            );
            return;
        }
        if name == "Lambda" && arguments.iter().any(|argument| matches!(argument.value.kind, ExprKind::Error)) {
            // What is between its brackets cannot be read, and has been reported.
            return;
        }
        if let Some(help) = layers::otherwise(name) {
            self.report(fault.label("no layer here").help(help));
            return;
        }
        let alias = layers::find_alias(name);
        if let Some(activation) = alias.filter(|def| def.signature.name == "Activation") {
            let function = activation_name(name);
            self.report(fault.label(format!("called `{}({function})` here", activation.signature.name)).fix(
                format!("replace it with `Activation({function})`"),
                call,
                format!("Activation({function})"),
                Applicability::Guess,
            ));
            return;
        }
        let lower = name.to_lowercase();
        if alias.is_none() && (activations::find(&lower).is_some() || functions::find(&lower).is_some()) {
            self.report(fault.label("functions are written in lower case").fix(
                format!("replace `{name}` with `{lower}`"),
                span,
                lower,
                Applicability::Safe,
            ));
            return;
        }
        let known = layers::LAYERS.iter().map(|def| def.signature.name);
        let names = self.names;
        let blocks = names.blocks.iter().copied().chain(standard::names().map(|name| name as &str));
        let near = self.findings.nearest(name, known.clone().chain(blocks));
        let fault = match (alias, near) {
            (Some(def), _) => {
                let fault = fault.label(format!("called `{}` here, as in Keras", def.signature.name)).fix(
                    format!("replace `{name}` with `{}`", def.signature.name),
                    span,
                    def.signature.name,
                    Applicability::Safe,
                );
                habits::without_size(fault, name, arguments)
            }
            (None, _) if layers::LATER.contains(&name) => {
                Diagnostic::new(Code::Reserved, span, format!("the layer `{name}` is not in this version of ndsl"))
                    .label("will come later")
            }
            (None, Some(meant)) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            (None, None) => fault.label("not known").help(match listed(known) {
                Some(names) => format!("the layers are {names}"),
                None => "`docs/reference/layers.md` lists the layers".to_owned(),
            }),
        };
        self.report(fault);
    }
}

/// The call that puts the values of a `branch` together as a layer of Keras does.
fn merged(layer: &str) -> &'static str {
    match layer {
        "Add" => "add()",
        "Multiply" => "multiply()",
        "Concatenate" => "concat(axis=-1)",
        "Maximum" => "maximum()",
        "Minimum" => "minimum()",
        _ => "average()",
    }
}

/// All dimensions but the last: `26 x 26`.
fn places(row: &Shape) -> String {
    let (_, others) = row.dims().split_last().unwrap_or((&Dim::Unknown, &[]));
    others.iter().map(Dim::to_string).collect::<Vec<_>>().join(" x ")
}

/// The activation a layer of another library stands for.
pub(super) fn activation_name(layer: &str) -> &'static str {
    match layer {
        "Sigmoid" => "sigmoid",
        "Softmax" => "softmax",
        "LogSoftmax" => "log_softmax",
        "Tanh" => "tanh",
        "GELU" => "gelu",
        "LeakyReLU" => "leaky_relu",
        "SiLU" => "silu",
        "ELU" => "elu",
        "SELU" => "selu",
        "CELU" => "celu",
        "Mish" => "mish",
        "Softplus" => "softplus",
        "Softsign" => "softsign",
        "Hardtanh" => "hard_tanh",
        "Hardsigmoid" => "hard_sigmoid",
        "Hardswish" => "hard_silu",
        "LogSigmoid" => "log_sigmoid",
        "Tanhshrink" => "tanh_shrink",
        "ReLU6" => "relu6",
        _ => "relu",
    }
}
