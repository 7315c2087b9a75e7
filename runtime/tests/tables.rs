//! Models of tables from end to end: a file is read by the types of its columns, what is standardised is fitted to the training rows,
//! and answers come back as values of the column that is predicted.
#![cfg(feature = "burn")]

use std::fs;
use std::path::PathBuf;

use ndsl_runtime::operations::{Error, compile, evaluate, predict, train};
use ndsl_runtime::train::{Cancel, Silent, split};

const PROGRAM: &str = r#"schema Shop {
    table Customer {
        id:     int key
        age:    int
        spends: decimal(2)? from "monthly-spend"
        region: enum { north, east, south, west, centre }?
        signup: date
        seen:   datetime?
        wakes:  time?
        member: bool?
        plan:   enum { free, pro, team }
        leaves: bool
    }
}

dataset People: Shop.Customer = csv("people.csv")

model Leaving(width: int = 8) {
    input row: Shop.Customer except (id, plan, leaves)
    Features(embedding=4)
    Dense(width, activation=relu)
    Dense(1) as leaves: Shop.Customer.leaves
}

train leaving {
    model: Leaving()
    dataset: People
    metrics: [accuracy]
    optimizer: Adam(learning_rate=0.02)
    epochs: 12, batch_size: 16, validation_split: 0.25, seed: 3
}
"#;

const HEADER: &str = "id,age,monthly-spend,region,signup,seen,wakes,member,plan,leaves";

/// So many customers; who is young and of the north leaves. What may be missing is, here and there.
fn people(count: usize) -> Vec<String> {
    let row = |id: usize| {
        let age = 20 + id * 7 % 50;
        let spends = if id.is_multiple_of(5) { String::new() } else { format!("{}.50", 10 + id * 13 % 90) };
        let region = ["north", "east", "", "south", "west", "centre"][id * 5 % 6];
        let signup = format!("20{:02}-{:02}-{:02}", 19 + id % 5, 1 + id % 12, 1 + id % 28);
        let seen = if id % 4 == 1 { "NaN".to_owned() } else { format!("{signup} 0{}:30:00", id % 10) };
        let wakes = ["06:30", "", "08:00:15"][id % 3];
        let member = ["true", "False", "na", "1"][id % 4];
        let plan = ["free", "pro", "team"][id % 3];
        let leaves = age < 45 && region != "centre";
        format!("{id},{age},{spends},{region},{signup},{seen},{wakes},{member},{plan},{leaves}")
    };
    (0..count).map(row).collect()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(rows: &[String]) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write("people.csv", HEADER, rows);
        place
    }

    fn write(&self, name: &str, header: &str, rows: &[String]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        path
    }

    fn train(&self, text: &str) -> Result<train::Response, Error> {
        let request = train::Request {
            name: "people.ndsl".into(),
            text: text.into(),
            folder: self.folder.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.folder.path().join("run"),
            resume: false,
            memory: None,
            device: Default::default(),
        };
        train::run(&request, &mut Silent, &Cancel::new())
    }

    fn predict(&self, data: PathBuf) -> Result<Vec<String>, Error> {
        let model = self.folder.path().join("run");
        let request = predict::Request {
            model,
            data: vec![data],
            output: None,
            raw: false,
            values: Vec::new(),
            device: Default::default(),
        };
        let response = predict::run(&request, &Cancel::new())?;
        Ok(String::from_utf8(response.table.unwrap()).unwrap().lines().map(str::to_owned).collect())
    }

    fn weights(&self, name: &str) -> Vec<f32> {
        let bytes = fs::read(self.folder.path().join("run/model.safetensors")).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let data = tensors.tensor(name).unwrap().data().to_vec();
        data.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    }
}

/// The columns of these places.
fn cut(rows: &[String], places: &[usize]) -> Vec<String> {
    let cut = |row: &String| {
        let cells: Vec<&str> = row.split(',').collect();
        places.iter().map(|place| cells[*place]).collect::<Vec<_>>().join(",")
    };
    rows.iter().map(cut).collect()
}

#[test]
fn a_model_of_a_table_learns_and_answers_with_the_values_of_its_column() {
    let rows = people(160);
    let place = Place::new(&rows);
    let response = place.train(PROGRAM).unwrap();
    let last = response.history.epochs.last().unwrap();
    assert!(last.training.metrics["accuracy"] > 0.9, "{last:?}");
    let metadata = response.metadata.unwrap();
    assert_eq!((metadata.settings.loss.as_str(), metadata.dataset.target.as_str()), ("binary_cross_entropy", "leaves"));
    assert_eq!(metadata.classes.unwrap(), ["false", "true"]);

    // Neither the target nor what the model does not read has to be there, and columns may stand in any order.
    let data = place.write(
        "new.csv",
        "wakes,member,age,monthly-spend,region,signup,seen",
        &cut(&rows, &[6, 7, 1, 2, 3, 4, 5]),
    );
    let answers = place.predict(data).unwrap();
    assert_eq!(answers[0], "prediction,probability");
    let right =
        answers[1..].iter().zip(&rows).filter(|(answer, row)| answer.split(',').next() == row.split(',').next_back());
    let share = right.count() as f64 / rows.len() as f64;
    assert!(share > 0.85, "{share}");

    let request = evaluate::Request {
        model: place.folder.path().join("run"),
        data: vec![place.folder.path().join("people.csv")],
        part: None,
        device: Default::default(),
    };
    let measured = evaluate::run(&request, &Cancel::new()).unwrap();
    assert!((measured.measures.metrics["accuracy"] - share).abs() < 1e-9, "{measured:?} against {share}");
}

#[test]
fn a_loss_that_names_columns_learns_them_without_a_target() {
    let program = PROGRAM
        .replace("except (id, plan, leaves)", "except (id, age, plan, leaves)")
        .replace("Dense(1) as leaves: Shop.Customer.leaves", "Dense(1) as estimate")
        .replace("metrics: [accuracy]", "loss: mse(estimate, log(cast(age, f32)))");
    let rows = people(200);
    let place = Place::new(&rows);
    let response = place.train(&program).unwrap();
    assert_eq!(response.metadata.unwrap().dataset.target, "age");
    let epochs = &response.history.epochs;
    assert!(epochs[11].loss() < epochs[0].loss(), "{epochs:?}");
    // To answer, its column is not needed.
    let data =
        place.write("new.csv", "monthly-spend,region,signup,seen,wakes,member", &cut(&rows, &[2, 3, 4, 5, 6, 7]));
    assert_eq!(place.predict(data).unwrap().len(), rows.len() + 1);
}

#[test]
fn what_is_standardised_is_fitted_to_the_training_rows_alone() {
    let rows = people(160);
    let place = Place::new(&rows);
    place.train(PROGRAM).unwrap();
    let (training, held_out) = split(160, 0.25, 3).unwrap();
    assert_eq!(held_out.len(), 40);
    // In the order of the columns: age, spends, the day of signup, the day last seen.
    let cell = |row: usize, place: usize| rows[row].split(',').nth(place).unwrap().to_owned();
    let moments = |place: usize| {
        let numbers: Vec<f64> = training.iter().filter_map(|row| cell(*row, place).parse().ok()).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        (mean, numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / numbers.len() as f64)
    };
    let (mean, variance) = (place.weights("features.mean"), place.weights("features.variance"));
    assert_eq!((mean.len(), variance.len()), (4, 4));
    for (place, column) in [(0, 1), (1, 2)] {
        let expected = moments(column);
        assert!((f64::from(mean[place]) - expected.0).abs() < 1e-3, "{mean:?} {expected:?}");
        assert!((f64::from(variance[place]) - expected.1).abs() < 1e-2 * expected.1, "{variance:?} {expected:?}");
    }
    // Days from 2019 to 2023; the last seen are the same days without a quarter of them.
    assert!(mean[2..].iter().all(|day| (17_897.0..19_722.0).contains(day)), "{mean:?}");
    assert!(mean[2] != mean[3] && variance[2..].iter().all(|variance| *variance > 1e4));

    // What is held out changes neither; what is trained on does.
    let changed = |row: usize| {
        let mut rows = rows.clone();
        let mut cells: Vec<String> = rows[row].split(',').map(str::to_owned).collect();
        cells[1] = "99".to_owned();
        rows[row] = cells.join(",");
        let place = Place::new(&rows);
        place.train(PROGRAM).unwrap();
        place.weights("features.mean")
    };
    assert_eq!(changed(held_out[0]), mean);
    assert_ne!(changed(training[0]), mean);
}

#[test]
fn the_type_of_the_column_says_what_is_minimised() {
    let place = Place::new(&people(120));
    let labels = PROGRAM
        .replace("except (id, plan, leaves)", "except (id, plan)")
        .replace("Dense(1) as leaves: Shop.Customer.leaves", "Dense(3) as plan: Shop.Customer.plan");
    let metadata = place.train(&labels).unwrap().metadata.unwrap();
    assert_eq!(
        (metadata.settings.loss.as_str(), metadata.classes.unwrap().join(" ")),
        ("cross_entropy", "free pro team".to_owned())
    );
    let answers = place.predict(place.folder.path().join("people.csv")).unwrap();
    assert_eq!(answers[0], "prediction,p_free,p_pro,p_team");
    assert!(answers[1..].iter().all(|answer| ["free", "pro", "team"].contains(&answer.split(',').next().unwrap())));

    let numbers = PROGRAM
        .replace("except (id, plan, leaves)", "except (id, age, leaves)")
        .replace("Dense(1) as leaves: Shop.Customer.leaves", "Dense(1) as age: Shop.Customer.age")
        .replace("[accuracy]", "[mae]");
    let metadata = place.train(&numbers).unwrap().metadata.unwrap();
    assert_eq!((metadata.settings.loss.as_str(), metadata.classes), ("mse", None));
    assert_eq!(place.predict(place.folder.path().join("people.csv")).unwrap()[0], "prediction");
}

#[test]
fn what_is_wrong_with_a_file_is_said_of_each_cell() {
    let mut rows = people(40);
    let replace = |row: &mut String, place: usize, cell: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[place] = cell;
        *row = cells.join(",");
    };
    replace(&mut rows[0], 1, "");
    replace(&mut rows[1], 1, "21.5");
    replace(&mut rows[2], 3, "nort");
    replace(&mut rows[3], 4, "2023-02-29");
    replace(&mut rows[4], 5, "2023-02-28T25:00:00");
    replace(&mut rows[5], 6, "8:30");
    replace(&mut rows[6], 7, "perhaps");
    replace(&mut rows[7], 9, "");
    replace(&mut rows[8], 2, "inf");
    // What the model does not read is not looked at.
    replace(&mut rows[9], 8, "gold");
    let place = Place::new(&rows);
    let error = place.train(PROGRAM).unwrap_err();
    let text = error.to_string();
    for line in [
        "line 2, column `age`: the cell is empty; a `?` behind the type of `age` lets it be missing",
        "line 3, column `age`: \"21.5\" is not a whole number",
        "line 4, column `region`: \"nort\" is none of the 5 labels; did you mean `north`?",
        "line 5, column `signup`: \"2023-02-29\" is no day such as 2019-01-31",
        "line 6, column `seen`: \"2023-02-28T25:00:00\" is no moment such as 2019-01-31T08:30:00",
        "line 7, column `wakes`: \"8:30\" is no time such as 08:30:00",
        "line 8, column `member`: \"perhaps\" is neither true nor false",
        "line 9, column `leaves`: the cell is empty, and there is nothing to learn from it",
        "line 10, column `monthly-spend`: \"inf\" is not a finite number",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains("9 cells cannot be used"), "{text}");

    let whole = people(40);
    place.write("people.csv", "id,age,monthly_spend,region,signup,seen,wakes,member,plan,leaves", &whole);
    let text = place.train(PROGRAM).unwrap_err().to_string();
    assert!(text.contains("it has no column `monthly-spend`; did you mean `monthly_spend`?"), "{text}");
    place.write("people.csv", "id,age,region", &cut(&whole, &[0, 1, 3]));
    let text = place.train(PROGRAM).unwrap_err().to_string();
    assert!(
        text.contains("it has no columns `monthly-spend`, `signup`, `seen`, `wakes`, `member` and `leaves`"),
        "{text}"
    );
}

#[test]
fn one_table_of_several_files_is_trained_on() {
    let place = Place::new(&people(60));
    let text = PROGRAM
        .replace(
            "    table Customer {",
            "    table Order { id: int key, customer: ref Customer }\n    table Customer {",
        )
        .replace(
            "dataset People: Shop.Customer = csv(\"people.csv\")",
            "dataset All: Shop = csv(Customer=\"people.csv\", Order=\"orders.csv\")",
        )
        .replace("dataset: People", "dataset: All.Customer");
    let metadata = place.train(&text).unwrap().metadata.unwrap();
    assert_eq!(metadata.dataset.rows, 60);
    assert!(metadata.dataset.fields.iter().all(|field| field.name != "id" && field.name != "plan"));
}

#[test]
fn an_artifact_says_which_number_stands_for_what() {
    let place = Place::new(&people(60));
    place.train(PROGRAM).unwrap();
    let program = compile::Program::Folder { path: place.folder.path().join("run") };
    let artifact = compile::run(&compile::Request::new(program, compile::Backend::Onnx)).unwrap();
    let column = |name: &str| {
        let tensors = artifact.signature.inputs.iter().chain(&artifact.signature.outputs);
        tensors.into_iter().find(|tensor| tensor.name == name).unwrap().column.clone().unwrap()
    };
    let region = column("region");
    assert_eq!((region.name.as_str(), region.kind.as_str()), ("Shop.Customer.region", "enum"));
    assert_eq!(region.labels.unwrap(), ["north", "east", "south", "west", "centre"]);
    assert_eq!(region.null.as_deref(), Some("-1"));
    assert_eq!(column("age").null, None);
    assert_eq!(column("spends").null.as_deref(), Some("NaN"));
    assert_eq!(column("seen").null.as_deref(), Some("-9223372036854775808"));
    assert_eq!(column("leaves").labels.unwrap(), ["false", "true"]);
    let written = serde_json::json!(artifact.signature).to_string();
    assert!(artifact.bytes.windows(written.len()).any(|part| part == written.as_bytes()), "the file says so itself");
}
