//! What settings and parameters are called, but for those that are given already.

use ndsl_compiler::signature::{Default, Signature};

use super::catalogue::takes_braces;
use super::{Docs, Item, Kind, Place};
use crate::ide::callee::Callee;

/// The settings of a declaration, or of one between braces.
pub(super) fn keys(place: &Place<'_>, signature: &'static Signature) -> Vec<Item> {
    let Some(frame) = place.context.frame() else { return Vec::new() };
    let mut given: Vec<&str> = frame.given.iter().map(|name| place.word(name)).collect();
    given.extend(behind(place));
    let has_colon = place.text[place.offset..].trim_start_matches(is_letter).trim_start().starts_with(':');
    let free = signature.parameters.iter().filter(|parameter| !given.contains(&parameter.name));
    free.map(|parameter| {
        let item = Item::new(parameter.name, Kind::Property)
            .detail(parameter.kind.to_string())
            .docs(Docs::Of(format!("setting/{}.{}", signature.name, parameter.name)))
            .rank(match parameter.default {
                Default::Required | Default::RequiredWithout(_) => 1,
                _ if parameter.later => 3,
                _ => 2,
            });
        match (has_colon, takes_braces(parameter)) {
            (true, _) => item,
            (false, true) => item.snippet(format!("{}: {{ $1 }}$0", parameter.name)),
            (false, false) => Item { insert: format!("{}: ", parameter.name), ..item },
        }
    })
    .collect()
}

/// The parameters of what is called that can still be given by name.
pub(super) fn arguments(place: &Place<'_>, callee: &Callee<'_>) -> Vec<Item> {
    let Some(frame) = place.context.frame() else { return Vec::new() };
    let named: Vec<&str> = frame.given.iter().map(|name| place.word(name)).chain(behind(place)).collect();
    let by_place = frame.index.saturating_sub(frame.given.len());
    let has_sign = place.text[place.offset..].trim_start_matches(is_letter).trim_start().starts_with('=');
    let all = callee.parameters();
    let placed = all.iter().filter(|parameter| !parameter.by_name).take(by_place);
    let placed: Vec<&str> = placed.map(|parameter| parameter.name.as_str()).collect();
    let free = all.iter().filter(|it| !named.contains(&it.name.as_str()) && !placed.contains(&it.name.as_str()));
    free.map(|parameter| {
        let docs = match callee {
            Callee::BuiltIn(signature) => Docs::Of(format!("setting/{}.{}", signature.name, parameter.name)),
            _ if parameter.docs.is_empty() => Docs::None,
            _ => Docs::Text(parameter.docs.clone()),
        };
        let item = Item::new(format!("{}=", parameter.name), Kind::Property)
            .detail(parameter.written.clone())
            .docs(docs)
            .rank(if parameter.required { 0 } else { 1 });
        match has_sign {
            true => Item { insert: parameter.name.clone(), ..item },
            false => item,
        }
    })
    .collect()
}

/// The names that are given behind the place, up to the bracket that closes.
fn behind<'a>(place: &Place<'a>) -> Vec<&'a str> {
    let rest = &place.text[place.offset..];
    let mut depth = 0usize;
    let mut names = Vec::new();
    let mut word: Option<&str> = None;
    for token in ndsl_grammar::lex(rest.get(..rest.floor_char_boundary(4096)).unwrap_or(rest)) {
        let text = &rest[token.range()];
        match text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => break,
            ")" | "]" | "}" => depth -= 1,
            "=" | ":" if depth == 0 => names.extend(word),
            _ => {}
        }
        word = token.kind.is_word().then_some(text);
    }
    names
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
