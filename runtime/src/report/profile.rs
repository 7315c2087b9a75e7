//! The page of a profile: what each column of data is like, and how columns go together.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ndsl_compiler::diagram::grouped;

use super::histogram::{Axis, histogram};
use super::page::figure;
use super::related::{related, strongest};
use crate::data::{ColumnProfile, ValueKind, readable};
use crate::operations::profile::Response;

/// How many of a column's most frequent values have a bar.
const VALUES: usize = 8;

/// With more columns than this, their names are listed in front.
const LISTED: usize = 12;

/// The page: HTML that loads nothing.
pub fn page(profile: &Response) -> String {
    let data = &profile.data;
    let cells = (data.rows * data.columns.len()) as u64;
    let missing: u64 = data.columns.iter().map(|column| column.missing).sum();
    let files = match &data.files[..] {
        [only] => only.clone(),
        files => format!("{} files", files.len()),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (data.name) " – profile" }
                style { (PreEscaped(include_str!("page.css"))) (PreEscaped(include_str!("profile.css"))) }
            }
            body {
                header {
                    h1 { (data.name) }
                    p.note { "A profile of " (files) ", " (data.format) "." }
                }
                main {
                    div.figures {
                        (figure(&grouped(data.rows as u64), "rows"))
                        (figure(&grouped(data.columns.len() as u64), "columns"))
                        (figure(&percent(missing, cells), "of the cells have no value"))
                        @if let Some(bytes) = data.bytes { (figure(&sized(bytes), "on disk")) }
                    }
                    section {
                        h2 { "Columns" }
                        @if data.columns.len() > LISTED {
                            details open[data.columns.len() <= 60] {
                                summary { (grouped(data.columns.len() as u64)) " names" }
                                nav.names aria-label="columns" {
                                    @for (place, column) in data.columns.iter().enumerate() {
                                        a href=(format!("#column-{place}")) { (column.name) }
                                    }
                                }
                            }
                        }
                        div.cards {
                            @for (place, column) in data.columns.iter().enumerate() { (card(place, column, data.rows as u64)) }
                        }
                    }
                    @if !profile.relations.is_empty() {
                        section {
                            h2 { "How they go together" }
                            p.note {
                                @if profile.compared < data.rows as u64 { "Of " (grouped(profile.compared)) " rows, evenly from all. " }
                                "Two numbers by Pearson’s correlation, from −1 to 1; two columns of labels by Cramér’s V, labels and a number by the correlation ratio, both from 0 to 1."
                                @if !profile.left_out.is_empty() {
                                    " Left out, since they are texts of many values or never change: "
                                    (listed(&profile.left_out)) "."
                                }
                            }
                            (related(data, &profile.relations))
                            (strongest(data, &profile.relations))
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// A column: what it is, what is missing, how its values are spread.
fn card(place: usize, column: &ColumnProfile, rows: u64) -> Markup {
    html! {
        article.card id=(format!("column-{place}")) {
            h3 { (column.name) " " span.kind { (kind(column.kind)) } }
            (picture(column))
            dl.facts {
                @for (name, value) in facts(column, rows) {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}

/// How the values are spread: a histogram, or the most frequent of them.
fn picture(column: &ColumnProfile) -> Markup {
    let few = column.distinct.is_some_and(|count| count <= VALUES);
    if let Some(spread) = column.spread.as_ref().filter(|_| !few) {
        return histogram(&column.name, spread, Axis::Number);
    }
    if let Some(times) = &column.times {
        let axis = if column.kind == ValueKind::Time { Axis::Clock } else { Axis::Moment };
        return histogram(&column.name, times, axis);
    }
    match column.frequent.first() {
        Some((_, 2..)) => frequent(column),
        _ => html! {
            p.note {
                @match column.kind {
                    ValueKind::Empty => "There is no value.",
                    _ => "Hardly a value comes twice. The first:",
                }
            }
            ul.first { @for value in column.first.iter().flatten() { li { (shown(value)) } } }
        },
    }
}

/// The most frequent values, each with a bar as long as it is frequent.
fn frequent(column: &ColumnProfile) -> Markup {
    let shown_values = &column.frequent[..column.frequent.len().min(VALUES)];
    let most = shown_values.first().map_or(1, |(_, count)| *count).max(1);
    let others = column.distinct.unwrap_or_default().saturating_sub(shown_values.len());
    let rest = column.present - shown_values.iter().map(|(_, count)| count).sum::<u64>().min(column.present);
    html! {
        table.values {
            @for (value, count) in shown_values {
                tr {
                    th scope="row" { (shown(value)) }
                    td.bar { div style=(format!("width: {:.1}%", 100.0 * *count as f64 / most as f64)) {} }
                    td.number title=(grouped(*count)) { (percent(*count, column.present)) }
                }
            }
            @if others > 0 {
                tr.rest {
                    th scope="row" { (grouped(others as u64)) " other" @if others > 1 { "s" } }
                    td.bar {}
                    td.number title=(grouped(rest)) { (percent(rest, column.present)) }
                }
            }
        }
    }
}

fn facts(column: &ColumnProfile, rows: u64) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.push((
        "missing",
        match column.missing {
            0 => "none".to_owned(),
            missing => format!("{} ({})", grouped(missing), percent(missing, rows)),
        },
    ));
    if column.unreadable > 0 {
        facts.push(("no single values", grouped(column.unreadable)));
    }
    let distinct = column.distinct.map_or("more than 10,000".to_owned(), |count| grouped(count as u64));
    facts.push(("distinct", distinct));
    if let Some(spread) = &column.spread {
        facts.push(("mean", format!("{} ± {}", readable(spread.mean), readable(spread.standard_deviation))));
        facts.push(("range", format!("{} to {}", readable(spread.min), readable(spread.max))));
        let quantiles: Vec<String> = spread.quantiles.iter().map(|quantile| readable(quantile.value)).collect();
        facts.push(("5, 25, 50, 75, 95%", quantiles.join(" · ")));
    }
    if let Some((first, last)) = &column.between {
        facts.push(("range", format!("{first} to {last}")));
    }
    if let Some(lengths) = column.lengths.as_ref().filter(|_| column.kind == ValueKind::Text) {
        let range = match lengths.min == lengths.max {
            true => grouped(lengths.min),
            false => format!("{} to {}, mean {}", grouped(lengths.min), grouped(lengths.max), readable(lengths.mean)),
        };
        facts.push(("characters", range));
    }
    facts
}

/// What a column's values are, in a word.
fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Int => "int",
        ValueKind::Float => "float",
        ValueKind::Bool => "bool",
        ValueKind::Date => "date",
        ValueKind::Datetime => "datetime",
        ValueKind::Time => "time",
        ValueKind::Text => "text",
        ValueKind::Empty => "nothing",
    }
}

/// A value in as many characters as a card has room for; what cannot be seen as a program would write it.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    if text.trim().is_empty() {
        return format!("{text:?}");
    }
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    let rest = names.len().saturating_sub(MOST);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

fn percent(part: u64, whole: u64) -> String {
    match 100.0 * part as f64 / whole.max(1) as f64 {
        share if part > 0 && share < 0.05 => "< 0.1%".to_owned(),
        share => format!("{share:.1}%"),
    }
}

fn sized(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
