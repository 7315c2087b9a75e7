//! A `tokenizer.json` of Hugging Face: what it says of byte-pair encoding as GPT-2 has it. What would cut a text otherwise is refused by
//! its name; `.ci/tokenizers_check.py` holds what is read to the library that writes such files.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::byte_pairs::{BytePairs, bytes_of};
use super::error::shown;

/// Reads one.
///
/// # Errors
/// What in it would cut a text otherwise than is done here.
pub(super) fn read(text: &str) -> Result<BytePairs, String> {
    let file: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let model = &file["model"];
    let is_off = |value: &Value| value.is_null() || *value == "" || *value == false;
    if model["type"].as_str().is_some_and(|kind| kind != "BPE") {
        return Err(format!("its model is {}, and byte-pair encoding (`BPE`) is read", model["type"]));
    }
    for (part, value) in [
        ("normalizer", &file["normalizer"]),
        ("model.dropout", &model["dropout"]),
        ("model.continuing_subword_prefix", &model["continuing_subword_prefix"]),
        ("model.end_of_word_suffix", &model["end_of_word_suffix"]),
        ("model.byte_fallback", &model["byte_fallback"]),
        ("model.ignore_merges", &model["ignore_merges"]),
    ] {
        if !is_off(value) {
            return Err(format!("its `{part}` is {}, which is not carried out here", short(value)));
        }
    }
    let before = &file["pre_tokenizer"];
    if before["type"] != "ByteLevel" || before["add_prefix_space"] != false || before["use_regex"] == false {
        return Err(format!(
            "its `pre_tokenizer` is {}, and that of GPT-2 alone is read: `ByteLevel` with `add_prefix_space` false and `use_regex` true",
            short(before)
        ));
    }
    let (tokens, added) = numbered(&file)?;
    let pairs = BytePairs::new(tokens)?;
    let splits = splits(&model["merges"], &pairs)?;
    for (place, token) in pairs.tokens().iter().enumerate() {
        let place = place as u32;
        match (added.contains(&place), pairs.added().binary_search(&place).is_ok()) {
            (true, false) => {
                return Err(format!("its added token {} is one that its pairs make too", shown(token)));
            }
            (true, true) => continue,
            (false, _) => {}
        }
        // A text of this token alone would become it by any pair that makes its bytes; there it must be so by its own.
        let bytes = bytes_of(token).unwrap_or_default();
        let may = |token: u32, first: usize| splits.get(&token) == Some(&first);
        if pairs.joined(&bytes, &may) != [place] {
            return Err(format!("none of its pairs make its token {}, which is no added one", shown(token)));
        }
    }
    Ok(pairs)
}

/// Of the token that each pair makes, how many bytes of it are the first of the two.
fn splits(merges: &Value, pairs: &BytePairs) -> Result<HashMap<u32, usize>, String> {
    let mut splits = HashMap::new();
    let mut last = None;
    for merge in merges.as_array().ok_or("its model has no `merges`")? {
        let (left, right) = match merge {
            Value::String(pair) => pair.split_once(' ').ok_or_else(|| format!("{merge} is no pair"))?,
            pair => pair[0].as_str().zip(pair[1].as_str()).ok_or_else(|| format!("{merge} is no pair"))?,
        };
        let halves = bytes_of(left).zip(bytes_of(right));
        let token = halves.and_then(|(left, right)| Some((pairs.place(&[&left[..], &right].concat())?, left.len())));
        let (token, first) = token.ok_or_else(|| format!("the pair {merge} makes no token of its vocabulary"))?;
        if last.is_some_and(|last| last >= token) {
            return Err(
                "its `merges` are not in the order of its tokens, which is the order in which they are joined here"
                    .to_owned(),
            );
        }
        last = Some(token);
        splits.insert(token, first);
    }
    Ok(splits)
}

/// The tokens by their numbers, and the numbers of those that are added to what pairs make.
fn numbered(file: &Value) -> Result<(Vec<String>, HashSet<u32>), String> {
    let vocabulary = file["model"]["vocab"].as_object().ok_or("its model has no `vocab`")?;
    let mut all: Vec<(u64, &str)> = Vec::with_capacity(vocabulary.len());
    for (token, number) in vocabulary {
        all.push((number.as_u64().ok_or_else(|| format!("the token {} has no number", shown(token)))?, token));
    }
    let mut numbers = HashSet::new();
    for token in file["added_tokens"].as_array().into_iter().flatten() {
        let (Some(number), Some(content)) = (token["id"].as_u64(), token["content"].as_str()) else { continue };
        for flag in ["single_word", "lstrip", "rstrip"] {
            if token[flag] == true {
                return Err(format!("its added token {} has `{flag}`, which is not carried out here", shown(content)));
            }
        }
        if content.is_empty() || content.contains(char::is_whitespace) {
            return Err(format!("its added token {} has spaces, where a text may be cut here", shown(content)));
        }
        numbers.extend(u32::try_from(number));
        all.push((number, content));
    }
    all.sort_unstable();
    all.dedup();
    match all.iter().enumerate().find(|(place, (number, _))| *place as u64 != *number) {
        Some((place, _)) => {
            Err(format!("its tokens are not numbered one after another: none, or two, have the number {place}"))
        }
        None => Ok((all.into_iter().map(|(_, token)| token.to_owned()).collect(), numbers)),
    }
}

/// A part of the file, as messages repeat it.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let most = 120;
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A file of the bytes and what these pairs make, with other parts besides.
    fn file(pairs: &[[&str; 2]], parts: Value) -> String {
        let mut tokens: Vec<String> = (0..=255u8).map(|byte| crate::data::byte_pairs::written(&[byte])).collect();
        tokens.extend(pairs.iter().map(|pair| pair.concat()));
        let vocabulary: serde_json::Map<String, Value> =
            tokens.iter().enumerate().map(|(place, token)| (token.clone(), place.into())).collect();
        let mut file = json!({
            "normalizer": null,
            "added_tokens": [{ "id": tokens.len(), "content": "<|end|>", "special": true, "lstrip": false }],
            "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
            "model": { "type": "BPE", "vocab": vocabulary, "merges": pairs },
        });
        for (part, value) in parts.as_object().unwrap() {
            match part.strip_prefix("model.") {
                Some(part) => file["model"][part] = value.clone(),
                None => file[part] = value.clone(),
            }
        }
        file.to_string()
    }

    const LOW: &[[&str; 2]] = &[["l", "o"], ["lo", "w"], ["Ġ", "low"]];

    #[test]
    fn a_text_is_cut_as_the_pairs_say() {
        let pairs = read(&file(LOW, json!({}))).unwrap();
        let told = |text: &str| -> Vec<String> {
            pairs.encode(text).iter().map(|token| pairs.tokens()[*token as usize].clone()).collect()
        };
        assert_eq!(told("low lower<|end|>lo"), ["low", "Ġlow", "e", "r", "<|end|>", "lo"]);
        // As older files write pairs.
        let merges = json!(["l o", "lo w", "Ġ low"]);
        assert_eq!(read(&file(LOW, json!({ "model.merges": merges }))).unwrap().tokens(), pairs.tokens());
    }

    #[test]
    fn what_would_cut_otherwise_is_refused_by_its_name() {
        let refused = |parts| read(&file(LOW, parts)).unwrap_err();
        assert!(refused(json!({ "model.type": "Unigram" })).starts_with("its model is \"Unigram\""));
        assert!(refused(json!({ "model.byte_fallback": true })).contains("`model.byte_fallback` is true"));
        assert!(refused(json!({ "normalizer": { "type": "NFC" } })).contains(r#"`normalizer` is {"type":"NFC"}"#));
        let whitespace = refused(json!({ "pre_tokenizer": { "type": "Whitespace" } }));
        assert!(whitespace.contains(r#"`pre_tokenizer` is {"type":"Whitespace"}, and that of GPT-2"#), "{whitespace}");
        let prefixed = json!({ "type": "ByteLevel", "add_prefix_space": true });
        assert!(refused(json!({ "pre_tokenizer": prefixed })).contains("`add_prefix_space` false"));
        let token = |content: &str, flag: &str| json!([{ "id": 259, "content": content, flag: true }]);
        assert!(refused(json!({ "added_tokens": token("<a>", "lstrip") })).contains("\"<a>\" has `lstrip`"));
        assert!(refused(json!({ "added_tokens": token("<a b>", "special") })).contains("\"<a b>\" has spaces"));
        let own = json!([{ "id": 257, "content": "low" }]);
        assert!(refused(json!({ "added_tokens": own })).contains("\"low\" is one that its pairs make too"));
        assert!(
            refused(json!({ "model.merges": [["lo", "w"], ["l", "o"]] })).contains("not in the order of its tokens")
        );
        assert!(refused(json!({ "model.merges": [["x", "y"]] })).contains("makes no token"));
        assert!(refused(json!({ "model.merges": [["l", "o"]] })).contains("none of its pairs make its token \"low\""));
        // `low` by `l` and `ow` is never made, since `l` and `o` are joined first.
        let never = &[["l", "o"], ["o", "w"], ["l", "ow"]];
        assert!(read(&file(never, json!({}))).unwrap_err().contains("none of its pairs make its token \"low\""));
    }
}
