//! The rows that a model is most wrong about.

use maud::{Markup, html};
use ndsl_compiler::ir::{Graph, Op, ValueSource};
use ndsl_compiler::schema::datum::civil;

use super::bitmap;
use super::judged::{Answer, Judged, Wrong, number};
use crate::data::{Dataset, Field};
use crate::model::Metadata;
use crate::signature::{ColumnSignature, Signature};
use crate::tensor::{Tensor, TensorData};

/// How many columns of a row are shown.
const CELLS: usize = 12;

/// How many numbers of one of them.
const NUMBERS: usize = 8;

/// How many tokens of a text are shown.
const TOKENS: usize = 240;

/// The longest side of a picture that is shown.
const SIDE: usize = 512;

pub(super) fn examples(judged: &Judged, metadata: &Metadata, graph: &Graph, data: &Dataset) -> Markup {
    html! {
        div.examples {
            @for wrong in &judged.worst {
                div.example {
                    (row(wrong, &metadata.signature, graph, data))
                    div.said {
                        @for answer in &wrong.answers { (said(answer, metadata.classes.as_deref())) }
                        div.note { (data.place(wrong.row)) ", loss " (number(wrong.loss)) }
                    }
                }
            }
        }
    }
}

/// An answer beside the right one; `known` are the names of the classes.
fn said(answer: &Answer, known: Option<&[String]>) -> Markup {
    let (right, answered, probability, is_wrong) = match *answer {
        Answer::Class { right, answered, probability } => {
            let name =
                |class: usize| known.and_then(|known| known.get(class)).cloned().unwrap_or_else(|| class.to_string());
            (name(right), name(answered), Some(probability), right != answered)
        }
        // How far off a number is, the loss says: hardly one is right to the last digit.
        Answer::Number { right, answered } => (number(right), number(answered), None, false),
    };
    html! {
        div {
            span.answered.wrong[is_wrong] { (answered) }
            @if let Some(probability) = probability { span.note { (format!(" {:.1}%", 100.0 * probability)) } }
            span.note { " – it is " } strong { (right) }
        }
    }
}

/// What went in.
fn row(wrong: &Wrong, signature: &Signature, graph: &Graph, data: &Dataset) -> Markup {
    let inputs: Vec<&Field> = data
        .fields
        .iter()
        .filter(|field| {
            field.name != data.target && graph.inputs.iter().any(|input| *graph.value(*input).name == *field.name)
        })
        .collect();
    let picture = inputs.iter().find_map(|field| {
        let (height, width, channels) = image(graph, field)?;
        // A picture that has gone since is left out.
        let tensor = data.batch(field, &[wrong.row]).ok()?;
        let side = height.max(width);
        let range = matches!(tensor.data, TensorData::U8(_)).then_some((0.0, 255.0));
        let url = bitmap::data_url(&numbers(&tensor), range, height, width, channels);
        // Small pictures are shown larger, point by point.
        let scale = (96 / side.max(1)).clamp(1, 12);
        Some(html! { img src=(url) width=(width * scale) height=(height * scale) alt=(data.place(wrong.row)); })
    });
    if let Some(picture) = picture {
        return picture;
    }
    let vocabulary = data.field(&data.target).and_then(|target| target.classes.as_deref());
    let mut shown: Vec<(&str, String)> = Vec::new();
    for field in inputs {
        let Ok(tensor) = data.batch(field, &[wrong.row]) else { continue };
        let columns = signature.inputs.iter().filter_map(|input| input.column.as_ref());
        let column = columns.into_iter().find(|column| column.name.rsplit('.').next() == Some(&*field.name));
        match (column, data.columns.as_ref().filter(|names| names.len() == tensor.data.len())) {
            (Some(column), _) => shown
                .push((&field.name, tensor.data.number(0).map_or_else(String::new, |value| decoded(column, value)))),
            (None, Some(names)) => {
                shown.extend(names.iter().map(String::as_str).zip(numbers(&tensor).into_iter().map(number)));
            }
            (None, None) => shown.push((&field.name, cell(&tensor, vocabulary))),
        }
    }
    html! {
        table.cells {
            @for (name, value) in shown.iter().take(CELLS) { tr { th { (name) } td { (value) } } }
            @if shown.len() > CELLS { tr { td.note colspan="2" { "and " (shown.len() - CELLS) " more" } } }
        }
    }
}

/// A value of a table's column, as the table has it.
fn decoded(column: &ColumnSignature, value: f64) -> String {
    let whole = value as i64;
    let is_null = column.null.as_ref().is_some_and(|null| match null.parse::<i64>() {
        Ok(null) => whole == null,
        Err(_) => value.is_nan(),
    });
    let day = |day: i64| {
        let (year, month, day) = civil(day);
        format!("{year:04}-{month:02}-{day:02}")
    };
    let clock = |second: i64| format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    let label = || column.labels.as_ref()?.get(usize::try_from(whole).ok()?).cloned();
    match column.kind.as_str() {
        _ if is_null => "null".to_owned(),
        "date" => day(whole),
        "datetime" => format!("{}T{}", day(whole.div_euclid(86_400)), clock(whole.rem_euclid(86_400))),
        "time" => clock(whole.rem_euclid(86_400)),
        _ => label().unwrap_or_else(|| number(value)),
    }
}

/// The height, width and channels of a field that is a picture, or that the graph first of all makes one of.
fn image(graph: &Graph, field: &Field) -> Option<(usize, usize, usize)> {
    let as_image = |shape: &[usize]| match *shape {
        [height, width, channels @ (1 | 3)] if height > 1 && width > 1 && height.max(width) <= SIDE => {
            Some((height, width, channels))
        }
        _ => None,
    };
    as_image(&field.shape).or_else(|| {
        let input = graph.inputs.iter().find(|input| *graph.value(**input).name == *field.name)?;
        graph.nodes.iter().filter(|node| matches!(node.op, Op::Reshape(_))).find_map(|node| {
            // What only changes the kind or the size of the numbers may stand between.
            let mut from = *node.inputs.first()?;
            while from != *input {
                let ValueSource::Node(index) = graph.value(from).source else { return None };
                let before = &graph.nodes[index as usize];
                from = match before.inputs.as_slice() {
                    [one] => *one,
                    _ => return None,
                };
            }
            let dims = graph.value(node.output).shape.row();
            let known: Option<Vec<usize>> = dims.dims().iter().map(|dim| dim.known()).collect();
            known.as_deref().and_then(as_image)
        })
    })
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    (0..tensor.data.len()).filter_map(|index| tensor.data.number(index)).collect()
}

/// The numbers of a field, or its tokens by what they stand for.
fn cell(tensor: &Tensor, vocabulary: Option<&[String]>) -> String {
    if let (TensorData::I64(tokens), Some(vocabulary)) = (&tensor.data, vocabulary)
        && tokens.len() > 1
    {
        let words = tokens.iter().map(|token| usize::try_from(*token).ok().and_then(|token| vocabulary.get(token)));
        if let Some(words) = words.collect::<Option<Vec<&String>>>() {
            let more = if words.len() > TOKENS { " …" } else { "" };
            let glue = if words.iter().all(|word| word.chars().count() <= 1) { "" } else { " " };
            let words: Vec<&str> = words.into_iter().take(TOKENS).map(String::as_str).collect();
            return format!("{}{more}", words.join(glue));
        }
    }
    let all = numbers(tensor);
    let shown: Vec<String> = all.iter().take(NUMBERS).map(|value| number(*value)).collect();
    match all.len() > shown.len() {
        true => format!("{}, … ({} numbers)", shown.join(", "), all.len()),
        false => shown.join(", "),
    }
}
