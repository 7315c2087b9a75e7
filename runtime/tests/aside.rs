//! Data that memory cannot hold is read from a file, batch by batch, and nothing else is different.
#![cfg(feature = "burn")]

use std::fs;
use std::path::PathBuf;

use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located, TextShape, Tokens};
use ndsl_grammar::Span;
use ndsl_runtime::data::{Dataset, Reading, read};
use ndsl_runtime::operations::train::{Request, run};
use ndsl_runtime::train::{Cancel, Silent, StepProgress, Watcher};

const COLUMNS: &str = r#"dataset Rows = csv("rows.csv", columns=["x*"], target=kind)

model Net {
    input x: f32[3]

    Dense(4, activation=relu)
    Dense(2) as logits
}

train net {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind), metrics: [accuracy], optimizer: Adam(1e-2)
    epochs: 2, batch_size: 8, validation: stratified(0.2), class_weights: balanced, seed: 1
}
"#;

const TABLE: &str = r#"schema Shop {
    table Customer {
        age:    int
        spends: decimal(2)?
        member: bool
        weight: float
        leaves: bool
    }
}

dataset People: Shop.Customer = csv("people.csv")

model Leaving {
    input row: Shop.Customer except (leaves, weight)
    Features()
    Dense(4, activation=relu)
    Dense(1) as leaves: Shop.Customer.leaves
}

train leaving {
    model: Leaving(), dataset: People, sample_weight: weight
    optimizer: Adam(0.02), epochs: 2, batch_size: 16, validation: random(0.25), seed: 3
}
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let row = |row: usize| {
            let x = [row * 37 % 50, row * 53 % 47, row * 11 % 29].map(|number| number as f32 / 25.0 - 1.0);
            format!("{},{},{},{}\n", x[0], x[1], x[2], if x[0] > x[1] { "above" } else { "below" })
        };
        let rows: String = (0..300).map(row).collect();
        fs::write(folder.path().join("rows.csv"), format!("x1,x2,x3,kind\n{rows}")).unwrap();
        let person = |id: usize| {
            let age = 20 + id * 7 % 50;
            let spends = if id.is_multiple_of(5) { String::new() } else { format!("{}.50", 10 + id * 13 % 90) };
            format!("{age},{spends},{},{}.5,{}\n", id.is_multiple_of(3), id % 4, age < 45)
        };
        let people: String = (0..300).map(person).collect();
        fs::write(folder.path().join("people.csv"), format!("age,spends,member,weight,leaves\n{people}")).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn request(&self, text: &str, output: &str, memory: Option<u64>) -> Request {
        Request {
            name: "net.ndsl".into(),
            text: text.into(),
            folder: self.0.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.path(output),
            resume: false,
            memory,
            device: Default::default(),
        }
    }

    fn weights(&self, output: &str) -> Vec<u8> {
        fs::read(self.path(output).join("model.safetensors")).unwrap()
    }
}

struct Stopping(usize, Cancel);

impl Watcher for Stopping {
    fn on_step(&mut self, _: &StepProgress) {
        self.0 -= 1;
        if self.0 == 0 {
            self.1.cancel();
        }
    }
}

#[test]
fn the_weights_are_those_of_data_that_is_held() {
    for text in [COLUMNS, TABLE] {
        let place = Place::new();
        let held = run(&place.request(text, "held", None), &mut Silent, &Cancel::new()).unwrap();
        let aside = run(&place.request(text, "aside", Some(1000)), &mut Silent, &Cancel::new()).unwrap();
        let [held, aside] = [held, aside].map(|response| response.metadata.unwrap());
        assert_eq!(held.dataset, aside.dataset, "the hash of the data, too");
        assert!(place.weights("held") == place.weights("aside"));
        // A run goes on whichever of the two it was begun as.
        let cancel = Cancel::new();
        let stopped = place.request(text, "resumed", Some(1000));
        assert!(run(&stopped, &mut Stopping(7, cancel.clone()), &cancel).unwrap().cancelled);
        run(&Request { resume: true, memory: None, ..stopped }, &mut Silent, &Cancel::new()).unwrap();
        assert!(place.weights("held") == place.weights("resumed"));
    }
}

#[test]
fn every_source_that_is_put_aside_has_the_rows_of_one_that_is_held() {
    let place = Place::new();
    let located = |text: &str| Located { text: text.to_owned(), span: Span::default() };
    let pixels: Vec<u8> = (0..40 * 6).map(|number| (number * 7 % 256) as u8).collect();
    let idx = |dims: &[u32], bytes: &[u8]| {
        let head: Vec<u8> = dims.iter().flat_map(|dim| dim.to_be_bytes()).collect();
        [&[0, 0, 8, dims.len() as u8][..], &head, bytes].concat()
    };
    fs::write(place.path("images"), idx(&[40, 2, 3], &pixels)).unwrap();
    fs::write(place.path("labels"), idx(&[40], &pixels[..40])).unwrap();
    let npy = |shape: &str, numbers: &[u8]| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), numbers].concat()
    };
    let floats: Vec<u8> = (0..40 * 3).flat_map(|number| (number as f32 / 7.0).to_le_bytes()).collect();
    fs::write(place.path("x.npy"), npy("(40, 3)", &floats)).unwrap();
    fs::write(place.path("y.npy"), npy("(40,)", &floats[..160])).unwrap();
    fs::write(place.path("plays.txt"), "To be, or not to be: that is the question.\n".repeat(30)).unwrap();
    let text = |context, stride, tokens| DataSource::Text {
        files: Files::of(located("plays.txt"), Format::Text),
        shape: TextShape { context, stride, tokens },
    };
    let sources = [
        DataSource::Columns {
            files: Files::of(located("rows.csv"), Format::Csv(Default::default())),
            columns: None,
            target: Some(located("kind")),
        },
        DataSource::Idx { images: located("images"), labels: located("labels") },
        DataSource::Npy { x: located("x.npy"), y: Some(located("y.npy")) },
        text(4, 4, Tokens::Characters),
        text(5, 2, Tokens::Bytes),
        text(3, 3, Tokens::Words { vocabulary: 9, lower: true }),
        text(3, 4, Tokens::Pairs { vocabulary: 270 }),
    ];
    for source in sources {
        let plan = DatasetPlan { name: "Rows".into(), span: Span::default(), folder: String::new(), source };
        let open = |memory| read(&plan, place.0.path(), Reading { memory, ..Reading::default() }).unwrap();
        let (held, aside) = (open(None), open(Some(64)));
        assert!(aside.fields[0].is_read_by_batch() && !held.fields[0].is_read_by_batch(), "{plan:?}");
        assert_eq!(held.rows, aside.rows);
        let mixed: Vec<usize> = (0..held.rows).map(|row| row * 31 % held.rows).collect();
        let same = |held: &Dataset, aside: &Dataset, rows: &[usize]| {
            for (one, other) in held.fields.iter().zip(&aside.fields) {
                assert_eq!((&one.name, &one.shape, &one.classes), (&other.name, &other.shape, &other.classes));
                assert_eq!(held.batch(one, rows).unwrap(), aside.batch(other, rows).unwrap(), "{}", one.name);
            }
        };
        same(&held, &aside, &(0..held.rows).collect::<Vec<_>>());
        same(&held, &aside, &mixed);
        // Rows of another dataset behind these are found, wherever both stand.
        let (mut both, mut others) = (open(None), open(Some(64)));
        both.add(open(None));
        others.add(open(None));
        let mixed: Vec<usize> = (0..both.rows).map(|row| row * 31 % both.rows).collect();
        same(&both, &others, &mixed);
    }
}
