//! Values on the way as tables, and rows drawn from a model: its graph from a value on.
#![cfg(feature = "burn")]

use std::fs;
use std::path::{Path, PathBuf};

use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located};
use ndsl_grammar::Span;
use ndsl_runtime::data::open_inputs;
use ndsl_runtime::operations::sample::values::{self, Response, Written};
use ndsl_runtime::operations::{predict, train, values as named};
use ndsl_runtime::train::{Cancel, Silent};

const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x_*"], target=kind)

model Decoder {
    input code: f32[2]
    Dense(12)
    Reshape([2, 2, 3])
}

model Vae {
    input image: f32[2, 2, 3]
    Flatten() as flat
    mean = flat |> Dense(2)
    log_variance = flat |> Dense(2)
    code = mean + exp(log_variance / 2) * random_normal(mean)
    share decoder = Decoder()
    output pixels = code |> decoder()
    again = mean |> decoder()
    output mean_again = again * 1
    output spread = log_variance * 1
}

train vae {
    model: Vae()
    dataset: Rows
    inputs: { image: reshape(columns, [2, 2, 3]) / 8 }
    loss: mse(pixels, reshape(columns, [2, 2, 3]) / 8)
    epochs: 2, batch_size: 8, seed: 1
}

model Conditional {
    input image: f32[2, 2, 3]
    input kind: i64
    flat = image |> Flatten()
    mean = flat |> Dense(2)
    log_variance = flat |> Dense(2)
    code = mean + exp(log_variance / 2) * random_normal(mean)
    output pixels = concat(code, cast(one_hot(kind, 3), f32)) |> Dense(12) |> Reshape([2, 2, 3])
}

train conditional {
    model: Conditional()
    dataset: Rows
    inputs: { image: reshape(columns, [2, 2, 3]) / 8, kind: kind }
    loss: binary_cross_entropy(pixels, reshape(columns, [2, 2, 3]) / 8)
    epochs: 2, batch_size: 8, seed: 1
}

model Labels {
    input x: f32[12]
    Dense(4, activation=relu) as hidden
    Dense(3) as logits
}

train labels {
    model: Labels()
    dataset: Rows
    inputs: { x: columns / 8 }
    loss: cross_entropy(logits, kind)
    epochs: 1, batch_size: 8, seed: 1
}
"#;

struct Place(tempfile::TempDir);

impl Place {
    /// With the model of training `name` in the folder of that name.
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut rows: String = (0..12).map(|at| format!("x_{at},")).collect::<String>() + "kind\n";
        for row in 0..40u32 {
            (0..12).for_each(|at| rows += &format!("{},", (row * 5 + at * at * 3) % 9));
            rows += &format!("{}\n", row % 3);
        }
        fs::write(folder.path().join("rows.csv"), rows).unwrap();
        let request = train::Request {
            name: "rows.ndsl".into(),
            text: PROGRAM.into(),
            folder: folder.path().into(),
            train: Some(name.into()),
            set: Vec::new(),
            output: folder.path().join(name),
            resume: false,
            memory: None,
            device: Default::default(),
        };
        train::run(&request, &mut Silent, &Cancel::new()).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn predict(&self, model: &str, values: &[&str], output: &str) -> Result<predict::Response, String> {
        let request = predict::Request {
            model: self.path(model),
            data: vec![self.path("rows.csv")],
            output: Some(self.path(output)),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ..predict::Request::default()
        };
        predict::run(&request, &Cancel::new()).map_err(|error| error.to_string())
    }

    fn draw(&self, request: values::Request) -> Result<Response, String> {
        let request = values::Request { model: self.path("vae"), ..request };
        values::run(&request, &Cancel::new()).map_err(|error| error.to_string())
    }

    fn drawn(&self, request: values::Request) -> Vec<String> {
        match self.draw(request).unwrap().written {
            Written::Table(table) => String::from_utf8(table).unwrap().lines().map(str::to_owned).collect(),
            other => panic!("{other:?}"),
        }
    }
}

/// The numbers of a table of numbers, read as data is read.
fn read(path: &Path) -> (usize, Vec<usize>, Vec<f64>) {
    let located = Located { text: path.display().to_string(), span: Span::default() };
    let source = match Format::by_name(&located.text) {
        Some(format) => DataSource::Columns { files: Files::of(located, format), columns: None, target: None },
        None => DataSource::Npy { x: located, y: None },
    };
    let plan = DatasetPlan { name: "read".into(), span: Span::default(), folder: String::new(), source };
    let data = open_inputs(&plan, Path::new(""), None).unwrap();
    let field = &data.fields[0];
    let held = field.data.held().unwrap();
    let numbers = (0..held.len()).map(|at| held.number(at).unwrap()).collect();
    (data.rows, field.shape.clone(), numbers)
}

#[test]
fn values_that_have_a_name_are_answered_in_every_form() {
    let place = Place::new("labels");
    let listed = named::run(&named::Request { model: place.path("labels") }).unwrap();
    let shown: Vec<_> = listed.values.iter().map(|it| (it.name.as_str(), &it.shape[..], it.is_output)).collect();
    assert_eq!(shown, [("x", &[12][..], false), ("hidden", &[4], false), ("logits", &[3], true)]);
    assert_eq!(listed.values[1].made_by, "Dense");

    place.predict("labels", &["hidden"], "hidden.npy").unwrap();
    let (rows, shape, numbers) = read(&place.path("hidden.npy"));
    assert_eq!((rows, &shape[..]), (40, &[4][..]));
    // The layer ends in a relu.
    assert!(numbers.iter().all(|number| *number >= 0.0) && numbers.iter().any(|number| *number > 0.0));
    let response = place.predict("labels", &["hidden", "hidden"], "hidden.csv").unwrap();
    assert_eq!(response.columns, ["hidden_0", "hidden_1", "hidden_2", "hidden_3"]);
    assert_eq!(read(&place.path("hidden.csv")), (rows, shape, numbers.clone()));
    let lines = |name: &str| -> Vec<serde_json::Value> {
        let text = fs::read_to_string(place.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    place.predict("labels", &["hidden", "logits"], "both.jsonl").unwrap();
    let both = lines("both.jsonl");
    assert_eq!(both.len(), 40);
    let first: Vec<f64> = both[1]["hidden"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    let close = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(close(&first, &numbers[4..8]), "{first:?} {:?}", &numbers[4..8]);
    // What is predicted: labels and probabilities, of which an array has the latter.
    for output in ["answers.csv", "answers.jsonl", "answers.parquet", "answers.npy"] {
        place.predict("labels", &[], output).unwrap();
    }
    let (_, shape, probabilities) = read(&place.path("answers.npy"));
    assert_eq!((&shape[..], probabilities.len()), (&[3][..], 120));
    let (rows, shape, columns) = read(&place.path("answers.parquet"));
    assert_eq!((rows, &shape[..]), (40, &[4][..]));
    assert_eq!(read(&place.path("answers.csv")), (rows, shape, columns.clone()));
    let answers = lines("answers.jsonl");
    for (row, answer) in answers.iter().enumerate() {
        let (columns, of_row) = (&columns[row * 4..row * 4 + 4], &probabilities[row * 3..row * 3 + 3]);
        assert_eq!(answer["prediction"].as_f64(), Some(columns[0]));
        assert!(close(&columns[1..], of_row), "{columns:?} {of_row:?}");
        let largest = of_row.iter().copied().fold(0.0, f64::max);
        assert_eq!(of_row[columns[0] as usize], largest);
    }
}

#[test]
fn what_has_no_value_of_that_name_says_what_there_is() {
    let place = Place::new("labels");
    let error = |values: &[&str], output: &str| place.predict("labels", values, output).unwrap_err();
    assert_eq!(error(&["hiden"], "a.csv"), "`Labels` has no value `hiden`; did you mean `hidden`?");
    assert_eq!(error(&["nothing"], "a.csv"), "`Labels` has no value `nothing`; there is `x`, `hidden` or `logits`");
    assert_eq!(error(&["x", "hidden"], "a.npy"), "an NPY file holds one array, and 2 values were asked for");
    assert!(error(&["x"], "a.xls").ends_with("`.csv`, `.jsonl`, `.parquet` and `.npy`"));
    assert!(!place.path("a.csv").exists() && !place.path("a.npy").exists());
}

#[test]
fn a_variational_model_is_drawn_from_where_it_draws_itself() {
    let place = Place::new("vae");
    let table = |count: usize, seed: u64| {
        let values = vec!["pixels".to_owned()];
        place.drawn(values::Request { count, seed, values, ..values::Request::default() })
    };
    let three = table(3, 5);
    assert_eq!((three.len(), three[0].split(',').count()), (4, 12));
    assert!(three[0].starts_with("pixels_0,pixels_1,"));
    assert_eq!(table(70, 5)[..4], three[..]);
    assert_ne!(table(3, 6)[1], three[1]);
    let response = place.draw(values::Request { output: Some(place.path("a.npy")), ..values::Request::default() });
    let response = response.unwrap();
    // The two outputs that do not depend on the code are no part of what is drawn.
    assert_eq!((response.from.as_str(), response.values, response.rows), ("code", vec!["pixels".to_owned()], 16));
    assert_eq!(read(&place.path("a.npy")).1, [2, 2, 3]);
}

#[test]
fn given_codes_are_decoded() {
    let place = Place::new("vae");
    place.predict("vae", &["mean"], "codes.npy").unwrap();
    place.predict("vae", &["mean"], "codes.csv").unwrap();
    place.predict("vae", &["again"], "expected.npy").unwrap();
    let (_, _, expected) = read(&place.path("expected.npy"));
    for codes in ["codes.npy", "codes.csv"] {
        let request = values::Request {
            from: Some("code".into()),
            given: Some(place.path(codes)),
            output: Some(place.path("decoded.npy")),
            ..values::Request::default()
        };
        assert_eq!(place.draw(request).unwrap().rows, 40);
        let (_, shape, decoded) = read(&place.path("decoded.npy"));
        assert_eq!(shape, [2, 2, 3]);
        assert!(decoded.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5));
    }
    let error = |from: &str, given: &str| {
        let (from, given) = (Some(from.to_owned()), Some(place.path(given)));
        place
            .draw(values::Request { from, given, output: Some(place.path("x.csv")), ..values::Request::default() })
            .unwrap_err()
    };
    assert!(
        error("flat", "codes.csv").starts_with("`flat` has 12 numbers a row, and `"),
        "{}",
        error("flat", "codes.csv")
    );
    assert!(error("flat", "codes.csv").ends_with("codes.csv` has 2"));
    assert!(error("code", "codes.txt").contains("ends in nothing that rows of numbers are read from"));
    assert!(error("code", "none.csv").contains("there is no such file"));
}

#[test]
fn rows_of_points_become_pictures() {
    let place = Place::new("vae");
    let folder = place.path("pictures");
    let draw = |count: usize, range: Option<(f64, f64)>| {
        place.draw(values::Request { count, range, output: Some(folder.clone()), ..values::Request::default() })
    };
    let names = || {
        let mut names: Vec<String> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let written = draw(3, Some((-4.0, 4.0))).unwrap().written;
    assert_eq!(written, Written::Pictures { folder: folder.clone(), range: (-4.0, 4.0) });
    assert_eq!(names(), ["000.png", "001.png", "002.png", "sheet.png"]);
    let request = values::Request { count: 3, values: vec!["pixels".into()], ..values::Request::default() };
    let numbers: Vec<f32> = place.drawn(request)[2].split(',').map(|number| number.parse().unwrap()).collect();
    let picture = image::open(folder.join("001.png")).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (2, 2));
    let expected: Vec<u8> =
        numbers.iter().map(|number| (((number + 4.0) / 8.0).clamp(0.0, 1.0) * 255.0).round() as u8).collect();
    assert_eq!(picture.into_raw(), expected);
    // A shorter series leaves nothing of the longer one; the file's numbers are not bytes, so black and white are 0 and 1.
    assert_eq!(draw(1, None).unwrap().written, Written::Pictures { folder: folder.clone(), range: (0.0, 1.0) });
    assert_eq!(names(), ["000.png", "sheet.png"]);
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    assert!(draw(1, None).unwrap_err().contains("holds something else than pictures that were drawn"));
    assert!(place.draw(values::Request::default()).unwrap_err().contains("`-o pictures/`"));
    let flat = values::Request {
        from: Some("flat".into()),
        values: vec!["mean".into()],
        output: Some(place.path("more")),
        ..values::Request::default()
    };
    assert!(place.draw(flat).unwrap_err().starts_with("`mean` is f32[2], which is no picture"));
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let place = Place::new("vae");
    let error = |request: values::Request| place.draw(request).unwrap_err();
    let from = |name: &str| values::Request { from: Some(name.into()), ..values::Request::default() };
    assert_eq!(error(from("cod")), "`Vae` has no value `cod`; did you mean `code`?");
    let of = |values: &[&str], from: &str| values::Request {
        from: Some(from.into()),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        ..values::Request::default()
    };
    assert_eq!(error(of(&["mean"], "code")), "`mean` does not depend on `code`");
    assert!(
        error(of(&["code"], "log_variance"))
            .starts_with("what comes of `log_variance` also needs `columns` of the data")
    );
    assert!(error(values::Request { count: 0, ..values::Request::default() }).starts_with("0 rows were asked for"));
    let labels = Place::new("labels");
    let request = values::Request { model: labels.path("labels"), ..values::Request::default() };
    let error = values::run(&request, &Cancel::new()).unwrap_err().to_string();
    assert!(error.starts_with("`Labels` is no language model (it was trained on `Rows`, whose rows are no text), and has no latent variable"), "{error}");
    // Any other value may be drawn all the same.
    let hidden = values::Request { from: Some("hidden".into()), count: 2, ..request };
    let Written::Table(table) = values::run(&hidden, &Cancel::new()).unwrap().written else { panic!("a table") };
    assert!(String::from_utf8(table).unwrap().starts_with("logits_0,logits_1,logits_2\n"));
}

#[test]
fn what_a_conditional_model_draws_is_of_the_label_that_is_given() {
    let place = Place::new("conditional");
    let draw = |conditions: &[(&str, &str)], count: usize| -> Result<Vec<String>, String> {
        let conditions = conditions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = values::Request {
            model: place.path("conditional"),
            conditions,
            count,
            values: vec!["pixels".into()],
            ..values::Request::default()
        };
        match values::run(&request, &Cancel::new()).map_err(|error| error.to_string())?.written {
            Written::Table(table) => {
                Ok(String::from_utf8(table).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        }
    };
    let (zeros, ones) = (draw(&[("kind", "0")], 4).unwrap(), draw(&[("kind", "1")], 4).unwrap());
    assert!(zeros.len() == 5 && zeros[1..].iter().zip(&ones[1..]).all(|(zero, one)| zero != one));
    // Several go to one row after another, and the rows are those of the same codes.
    let both = draw(&[("kind", "0, 1")], 4).unwrap();
    assert_eq!([&both[1], &both[2], &both[3], &both[4]], [&zeros[1], &ones[2], &zeros[3], &ones[4]]);
    let refused = |conditions: &[(&str, &str)]| draw(conditions, 4).unwrap_err();
    assert_eq!(
        refused(&[]),
        "`Conditional` draws `code` itself, and what comes of it also needs `kind` of the data: `--given kind=…` gives it"
    );
    assert_eq!(refused(&[("kind", "many")]), "`kind` is a whole number, and not `many`");
    assert!(refused(&[("sort", "1")]).starts_with("the model reads no field `sort`"));
    assert!(refused(&[("kind", "1"), ("columns", "1")]).contains("so it need not be given"));
}
