//! What was taken for what, as a table.

use maud::{Markup, html};

use super::Confusion;

/// A square of more classes is no longer read.
const SQUARE: usize = 24;

/// How many pairs are listed in its place.
const PAIRS: usize = 20;

pub(super) fn confusion(confusion: &Confusion) -> Markup {
    html! {
        @if confusion.classes.len() <= SQUARE { (square(confusion)) } @else { (pairs(confusion)) }
    }
}

fn square(confusion: &Confusion) -> Markup {
    let classes = || 0..confusion.classes.len();
    let count = |right, answered| confusion.counts.get(&(right, answered)).copied().unwrap_or(0);
    html! {
        p.note { "Rows are what it was, columns what was answered. The darker a cell, the larger its share of the row." }
        div.wide { table.confusion {
            thead {
                tr { th {} @for name in &confusion.classes { th scope="col" { (name) } } th scope="col" { "recall" } }
            }
            tbody {
                @for right in classes() {
                    tr {
                        th scope="row" { (confusion.classes[right]) }
                        @for answered in classes() {
                            @let count = count(right, answered);
                            @let share = share(count, confusion.of(right)).unwrap_or(0.0);
                            td.right[right == answered].wrong[right != answered].strong[share > 0.55]
                                style=(format!("--share: {share:.3}"))
                                title=(format!("{} taken for {}: {count}", confusion.classes[right], confusion.classes[answered]))
                            { @if count > 0 { (count) } }
                        }
                        td.sum { (percent(confusion.right(right), confusion.of(right))) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "precision" }
                    @for answered in classes() {
                        td.sum { (percent(confusion.right(answered), confusion.answered(answered))) }
                    }
                    td.sum {}
                }
            }
        } }
    }
}

fn pairs(confusion: &Confusion) -> Markup {
    let mut pairs: Vec<(u64, usize, usize)> = confusion
        .counts
        .iter()
        .filter(|((right, answered), _)| right != answered)
        .map(|((right, answered), count)| (*count, *right, *answered))
        .collect();
    pairs.sort_by_key(|(count, right, answered)| (std::cmp::Reverse(*count), *right, *answered));
    html! {
        p.note { "What is most often taken for something else, of " (confusion.classes.len()) " classes." }
        div.wide { table.plain {
            thead { tr { th { "it was" } th { "taken for" } th.number { "times" } th.number { "of all of it" } } }
            tbody {
                @for (count, right, answered) in pairs.iter().take(PAIRS) {
                    tr {
                        td { code { (format!("{:?}", confusion.classes[*right])) } }
                        td { code { (format!("{:?}", confusion.classes[*answered])) } }
                        td.number { (count) }
                        td.number { (percent(*count, confusion.of(*right))) }
                    }
                }
            }
        } }
    }
}

fn share(count: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| count as f64 / all as f64)
}

fn percent(count: u64, all: u64) -> String {
    share(count, all).map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}
