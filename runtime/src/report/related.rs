//! How columns go together: a picture of all pairs, and the strongest in words.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::data::{Measure, Relation, ValueKind};
use crate::operations::dataset;

/// The most columns that have a place in the picture: those that go with some other most strongly.
const MOST: usize = 40;

/// How many pairs are listed.
const LISTED: usize = 15;

const CELL: f64 = 22.0;

/// Room for names.
const MARGIN: f64 = 130.0;

/// Room behind the last column for its name, which is aslant.
const ASLANT: f64 = 80.0;

/// How many characters of a name are shown beside the picture.
const NAME: usize = 18;

/// All pairs of columns, each a field as dark as they go together.
pub(super) fn related(data: &dataset::Response, relations: &[Relation]) -> Markup {
    let mut strength: BTreeMap<usize, f64> = BTreeMap::new();
    for relation in relations {
        for column in [relation.one, relation.other] {
            let known = strength.entry(column).or_default();
            *known = known.max(relation.strength());
        }
    }
    let mut columns: Vec<usize> = strength.keys().copied().collect();
    let left = columns.len().saturating_sub(MOST);
    columns.sort_by(|a, b| strength[b].total_cmp(&strength[a]).then(a.cmp(b)));
    columns.truncate(MOST);
    // Numbers first, so that what is compared in one way stands together.
    let is_label = |column: &usize| matches!(data.columns[*column].kind, ValueKind::Text | ValueKind::Bool);
    columns.sort_by_key(|column| (is_label(column), *column));
    let place: BTreeMap<usize, usize> = columns.iter().enumerate().map(|(place, column)| (*column, place)).collect();
    let size = columns.len() as f64 * CELL;
    let at = |place: usize| MARGIN + place as f64 * CELL;
    let strongest = relations.iter().max_by(|a, b| a.strength().total_cmp(&b.strength()));
    let said = strongest.map_or(String::new(), |relation| {
        format!("How {} columns go together; the strongest: {}", columns.len(), sentence(data, relation))
    });
    html! {
        @if left > 0 { p.note { "The " (MOST) " columns that go with some other most strongly; " (left) " more are in the list alone, if at all." } }
        div.wide {
            svg.related viewBox=(format!("0 0 {} {}", MARGIN + size + ASLANT, MARGIN + size)) width=(MARGIN + size + ASLANT) height=(MARGIN + size) role="img" aria-label=(said) {
                @for (place, column) in columns.iter().enumerate() {
                    @let name = shortened(&data.columns[*column].name);
                    text.tick x=(MARGIN - 6.0) y=(at(place) + CELL / 2.0 + 3.5) text-anchor="end" { (name) }
                    text.tick x="0" y="0" transform=(format!("translate({} {}) rotate(-55)", at(place) + CELL / 2.0 + 3.0, MARGIN - 6.0)) { (name) }
                    rect.same x=(at(place) + 1.0) y=(at(place) + 1.0) width=(CELL - 2.0) height=(CELL - 2.0) {}
                }
                @for relation in relations {
                    @if let (Some(one), Some(other)) = (place.get(&relation.one), place.get(&relation.other)) {
                        @for (x, y) in [(*one, *other), (*other, *one)] {
                            rect class=(if relation.value < 0.0 { "against" } else { "with" })
                                x=(at(x) + 1.0) y=(at(y) + 1.0) width=(CELL - 2.0) height=(CELL - 2.0)
                                style=(format!("--share: {:.2}", relation.value.abs())) {
                                title { (sentence(data, relation)) }
                            }
                        }
                    }
                }
            }
        }
        p.scale {
            span.field.against style="--share: 1" {} " −1 "
            span.field.against style="--share: 0.5" {}
            span.field.with style="--share: 0" {} " 0 "
            span.field.with style="--share: 0.5" {}
            span.field.with style="--share: 1" {} " 1"
        }
    }
}

/// The pairs that go together most strongly.
pub(super) fn strongest(data: &dataset::Response, relations: &[Relation]) -> Markup {
    let mut order: Vec<&Relation> = relations.iter().collect();
    order.sort_by(|a, b| b.strength().total_cmp(&a.strength()).then((a.one, a.other).cmp(&(b.one, b.other))));
    order.truncate(LISTED);
    html! {
        h3 { "The strongest" }
        table.plain {
            thead { tr { th scope="col" { "Columns" } th scope="col" { "By" } th.number scope="col" { "Value" } th.number scope="col" { "Of ranks" } } }
            tbody {
                @for relation in order {
                    tr {
                        td { (data.columns[relation.one].name) " and " (data.columns[relation.other].name) }
                        td { (measure(relation.measure)) }
                        td.number { (signed(relation.value)) }
                        td.number { @if let Some(value) = relation.of_ranks { (signed(value)) } }
                    }
                }
            }
        }
    }
}

fn sentence(data: &dataset::Response, relation: &Relation) -> String {
    let [one, other] = [relation.one, relation.other].map(|column| data.columns[column].name.as_str());
    let ranks = relation.of_ranks.map_or(String::new(), |value| format!(", of ranks {}", signed(value)));
    format!("{one} and {other}: {} {}{ranks}", measure(relation.measure), signed(relation.value))
}

/// What a measure is called.
fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Pearson => "Pearson’s correlation",
        Measure::CramersV => "Cramér’s V",
        Measure::CorrelationRatio => "correlation ratio",
    }
}

fn signed(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".to_owned(),
        Some(size) => format!("−{size}"),
        None => text,
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
