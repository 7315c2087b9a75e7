//! Which columns of a table are meant: exact names, and patterns in which `*` stands for any characters.

use ndsl_compiler::plan::Located;
use ndsl_grammar::Span;

use super::Fault;

/// The columns that a table's inputs are, as indices into the header, each once.
///
/// In the order of the patterns, and for each pattern in the order of the file. A pattern with a `*` leaves the target
/// out; naming it is an error. A fault comes with the place of the program it is about.
pub(super) fn choose(
    header: &[String],
    patterns: Option<&[Located]>,
    target: Option<&str>,
    span: Span,
) -> Result<Vec<usize>, (Span, Fault)> {
    let Some(patterns) = patterns else {
        let all: Vec<usize> = (0..header.len()).filter(|index| target != Some(&header[*index])).collect();
        return match all.is_empty() {
            true => Err((span, no_columns(target))),
            false => Ok(all),
        };
    };
    let mut chosen = Vec::new();
    let mut taken = vec![false; header.len()];
    for pattern in patterns {
        let text = &pattern.text;
        let is_pattern = text.contains('*');
        if !is_pattern && target == Some(text) {
            return Err((pattern.span, Fault::TargetAsInput { name: text.clone() }));
        }
        let mut found = false;
        for (index, name) in header.iter().enumerate() {
            if target != Some(name) && pattern.names_column(name) {
                found = true;
                if !std::mem::replace(&mut taken[index], true) {
                    chosen.push(index);
                }
            }
        }
        if !found {
            let (suggestion, available) = (closest(text, header), header.to_vec());
            let fault = match is_pattern {
                true => Fault::NoMatch { pattern: text.clone(), suggestion, available },
                false => Fault::UnknownColumn { name: text.clone(), suggestion, available },
            };
            return Err((pattern.span, fault));
        }
    }
    match chosen.is_empty() {
        true => Err((span, no_columns(target))),
        false => Ok(chosen),
    }
}

fn no_columns(target: Option<&str>) -> Fault {
    Fault::NoColumns { target: target.map(str::to_owned) }
}

/// The column called `name`.
pub(super) fn find(header: &[String], name: &str) -> Result<usize, Fault> {
    header.iter().position(|column| column == name).ok_or_else(|| Fault::UnknownColumn {
        name: name.to_owned(),
        suggestion: closest(name, header),
        available: header.to_vec(),
    })
}

/// The candidate within a third of the name's length.
pub(crate) fn closest(name: &str, candidates: &[String]) -> Option<String> {
    let limit = (name.chars().count() / 3).max(1);
    let distance = |candidate: &String| (strsim::damerau_levenshtein(name, candidate), candidate.clone());
    candidates.iter().map(distance).filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_suggested() {
        let columns = ["label".to_owned(), "width".to_owned()];
        assert_eq!(closest("lable", &columns).as_deref(), Some("label"));
        assert_eq!(closest("target", &columns), None);
    }
}
