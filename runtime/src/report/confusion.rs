//! What was taken for what, as a table.

use maud::{Markup, html};

use crate::train::Confusion;

/// A square of more classes is no longer read.
const SQUARE: usize = 24;

/// How many pairs are listed in its place.
const PAIRS: usize = 20;

pub(super) fn confusion(classes: &[String], confusion: &Confusion) -> Markup {
    let counts = confusion.counts();
    html! {
        @if classes.len() <= SQUARE { (square(classes, counts)) } @else { (pairs(classes, counts)) }
    }
}

fn square(classes: &[String], counts: &[Vec<u64>]) -> Markup {
    let all = || 0..classes.len();
    html! {
        p.note { "Rows are what it was, columns what was answered. The darker a cell, the larger its share of the row." }
        div.wide { table.confusion {
            thead {
                tr { th {} @for name in classes { th scope="col" { (name) } } th scope="col" { "recall" } }
            }
            tbody {
                @for right in all() {
                    tr {
                        th scope="row" { (classes[right]) }
                        @for answered in all() {
                            @let count = counts[right][answered];
                            @let share = share(count, of(counts, right)).unwrap_or(0.0);
                            td.right[right == answered].wrong[right != answered].strong[share > 0.55]
                                style=(format!("--share: {share:.3}"))
                                title=(format!("{} taken for {}: {count}", classes[right], classes[answered]))
                            { @if count > 0 { (count) } }
                        }
                        td.sum { (percent(counts[right][right], of(counts, right))) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "precision" }
                    @for answered in all() {
                        td.sum { (percent(counts[answered][answered], taken_for(counts, answered))) }
                    }
                    td.sum {}
                }
            }
        } }
    }
}

fn pairs(classes: &[String], counts: &[Vec<u64>]) -> Markup {
    let cells = counts
        .iter()
        .enumerate()
        .flat_map(|(right, row)| row.iter().enumerate().map(move |(answered, count)| (*count, right, answered)));
    let mut pairs: Vec<(u64, usize, usize)> =
        cells.filter(|(count, right, answered)| *count > 0 && right != answered).collect();
    pairs.sort_by_key(|(count, right, answered)| (std::cmp::Reverse(*count), *right, *answered));
    html! {
        p.note { "What is most often taken for something else, of " (classes.len()) " classes." }
        div.wide { table.plain {
            thead { tr { th { "it was" } th { "taken for" } th.number { "times" } th.number { "of all of it" } } }
            tbody {
                @for (count, right, answered) in pairs.iter().take(PAIRS) {
                    tr {
                        td { code { (format!("{:?}", classes[*right])) } }
                        td { code { (format!("{:?}", classes[*answered])) } }
                        td.number { (count) }
                        td.number { (percent(*count, of(counts, *right))) }
                    }
                }
            }
        } }
    }
}

/// How often it was this class.
fn of(counts: &[Vec<u64>], class: usize) -> u64 {
    counts[class].iter().sum()
}

/// How often this class was answered.
fn taken_for(counts: &[Vec<u64>], class: usize) -> u64 {
    counts.iter().map(|row| row[class]).sum()
}

fn share(count: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| count as f64 / all as f64)
}

fn percent(count: u64, all: u64) -> String {
    share(count, all).map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}
