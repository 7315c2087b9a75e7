//! Plain text: the rows it is cut into, and the numbers of its tokens.

use std::fs;
use std::path::Path;

use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located, TextShape, Tokens};
use ndsl_grammar::Span;
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{DataError, Dataset, Reading, Target, open, read};

fn plan(path: &str, context: usize, stride: usize, tokens: Tokens) -> DatasetPlan {
    let files = Files::of(Located { text: path.to_owned(), span: Span::default() }, Format::Text);
    let source = DataSource::Text { files, shape: TextShape { context, stride, tokens } };
    DatasetPlan { name: "Plays".into(), span: Span::default(), folder: String::new(), source }
}

fn text(folder: &Path, text: impl AsRef<[u8]>, plan: &DatasetPlan) -> Result<Dataset, DataError> {
    fs::write(folder.join("plays.txt"), text).unwrap();
    open(plan, folder)
}

fn numbers(data: &Dataset, name: &str) -> Vec<i64> {
    let rows: Vec<usize> = (0..data.rows).collect();
    match data.batch(data.field(name).unwrap(), &rows).unwrap().data {
        TensorData::I64(numbers) => numbers,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_is_so_many_characters_and_each_ones_successor() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(folder.path(), "abcabd", &plan("plays.txt", 2, 2, Tokens::Characters)).unwrap();
    assert_eq!((data.rows, numbers(&data, "tokens"), numbers(&data, "next")), (2, vec![0, 1, 2, 0], vec![1, 2, 0, 1]));
    assert_eq!(data.field("next").unwrap().classes.as_deref().unwrap(), ["a", "b", "c", "d"]);
    let data = text(folder.path(), "abcabd", &plan("plays.txt", 2, 1, Tokens::Characters)).unwrap();
    assert_eq!((data.rows, &numbers(&data, "tokens")[..4]), (4, &[0, 1, 1, 2][..]));
}

#[test]
fn bytes_and_words_are_tokens_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(folder.path(), "é!", &plan("plays.txt", 2, 2, Tokens::Bytes)).unwrap();
    assert_eq!((numbers(&data, "tokens"), numbers(&data, "next")), (vec![0xc3, 0xa9], vec![0xa9, 0x21]));
    let words = Tokens::Words { vocabulary: 3, lower: true };
    let data = text(folder.path(), "The cat, the cat and THE dog.", &plan("plays.txt", 8, 8, words)).unwrap();
    assert_eq!(data.field("next").unwrap().classes.as_deref().unwrap(), ["<unknown>", "the", "cat"]);
    assert_eq!(numbers(&data, "tokens"), [1, 2, 0, 1, 2, 0, 1, 0]);
}

#[test]
fn a_text_is_read_with_the_vocabulary_of_the_one_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plays.txt"), "dcb").unwrap();
    let vocabulary = ["b", "c", "d", "z"].map(str::to_owned);
    let reading = Reading { target: Target::Leave, vocabulary: Some(&vocabulary), ..Reading::default() };
    let data = read(&plan("plays.txt", 2, 2, Tokens::Characters), folder.path(), reading).unwrap();
    assert_eq!((data.fields.len(), numbers(&data, "tokens")), (1, vec![2, 1]));
    fs::write(folder.path().join("plays.txt"), "dca\n").unwrap();
    let error = read(&plan("plays.txt", 2, 2, Tokens::Characters), folder.path(), reading).unwrap_err();
    assert_eq!(error.fault.to_string(), "it has characters that did not occur in training: \"\\n\", \"a\"");
}

#[test]
fn a_text_that_cannot_be_cut_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan("plays.txt", 4, 4, Tokens::Characters);
    let message = |bytes: &[u8]| text(folder.path(), bytes, &plan).unwrap_err().fault.to_string();
    assert_eq!(message(b""), "the file is empty");
    assert_eq!(message(b"abcd"), "it has 4 tokens, and a row and what follows it are 5");
    assert_eq!(message(b"ab\ncd\xff\xfe"), "line 2 is not UTF-8 text");
}

#[test]
fn pairs_of_bytes_are_learnt_or_read_and_stay_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let plays = "to be, or not to be, that is the question. ".repeat(20);
    let learnt = plan("plays.txt", 8, 8, Tokens::Pairs { vocabulary: 300 });
    let data = text(folder.path(), &plays, &learnt).unwrap();
    let vocabulary = data.field("next").unwrap().classes.clone().unwrap();
    assert_eq!((vocabulary.len(), vocabulary[256].as_str()), (279, "Ġt"));
    assert!(data.rows < plays.len() / 24, "{} rows of {} bytes", data.rows, plays.len());
    // A text with other letters is written with the same tokens.
    fs::write(folder.path().join("plays.txt"), "to be, or nöt to be?").unwrap();
    let reading = Reading { target: Target::Leave, vocabulary: Some(&vocabulary), ..Reading::default() };
    let whole = |plan: &DatasetPlan| {
        let mut shape = plan.clone();
        if let DataSource::Text { shape, .. } = &mut shape.source {
            (shape.context, shape.stride) = (1, 1);
        }
        let data = read(&shape, folder.path(), reading).unwrap();
        numbers(&data, "tokens").iter().map(|token| vocabulary[*token as usize].clone()).collect::<Vec<_>>().join("|")
    };
    assert_eq!(whole(&learnt), "t|o|Ġbe|,|Ġor|Ġ|n|Ã|¶|t|Ġto|Ġbe");
    // The same from a file, which is not looked for where the model has its tokens.
    let path = |name: &str| Tokens::Tokenizer { path: Located { text: name.into(), span: Span::default() } };
    assert_eq!(whole(&plan("plays.txt", 8, 8, path("nowhere.json"))), whole(&learnt));
    let error = open(&plan("plays.txt", 1, 1, path("nowhere.json")), folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("nowhere.json`: there is no such file"), "{error}");
    fs::write(folder.path().join("tokenizer.json"), r#"{"model": {"type": "WordPiece"}}"#).unwrap();
    let error = open(&plan("plays.txt", 1, 1, path("tokenizer.json")), folder.path()).unwrap_err();
    assert_eq!(error.fault.to_string(), "its model is \"WordPiece\", and byte-pair encoding (`BPE`) is read");
}
