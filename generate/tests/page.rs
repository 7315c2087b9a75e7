//! The page of the diagnostic that rows cannot be made: its failing example fails, and its mended one makes rows.

mod oracle;

use std::sync::Arc;

use ndsl_compiler::diagnostics::Code;
use ndsl_generate::text::Locale;
use ndsl_generate::{Generator, NoInputs, Options};

#[test]
fn the_examples_of_the_page_are_what_they_say() {
    let examples: Vec<&str> =
        Code::NotMade.page().split("```ndsl\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
    let [failing, mended] = examples[..] else { panic!("{} examples", examples.len()) };
    let generator = |text: &str| {
        let schemas = oracle::schemas(text);
        let options = Options {
            seed: 1,
            locale: Locale::En,
            rows: 100,
            rows_of: Default::default(),
            inputs: &NoInputs,
            threads: 1,
        };
        Generator::new(Arc::clone(&schemas), &options)
    };
    let found = generator(failing).err().expect("the first example cannot be made");
    assert_eq!(found.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::NotMade]);
    let Ok(generator) = generator(mended) else { panic!("the second example can be made") };
    oracle::hold(&oracle::all(&generator, 64));
}
