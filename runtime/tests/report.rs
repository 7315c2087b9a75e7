//! The page of a run: what it says is what the model does, and nothing in the data can be more than text in it.
#![cfg(feature = "burn")]

use std::fs;
use std::path::Path;

use ndsl_runtime::operations::{Error, report, train};
use ndsl_runtime::train::{Cancel, Silent};

/// Trains `program` on `rows.csv` and answers its page.
fn page(folder: &Path, program: &str, rows: &str) -> String {
    fs::write(folder.join("rows.csv"), rows).unwrap();
    let request = train::Request {
        name: "model.ndsl".into(),
        text: program.into(),
        folder: folder.to_path_buf(),
        train: None,
        set: Vec::new(),
        output: folder.join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    let response = train::run(&request, &mut Silent, &Cancel::new()).unwrap();
    assert_eq!(response.report, Some(folder.join("run/report.html")));
    fs::read_to_string(folder.join("run/report.html")).unwrap()
}

/// The text of a page, its marks left out.
fn text(page: &str) -> String {
    let mut text = String::new();
    let mut within = false;
    for character in page.chars() {
        match character {
            '<' => within = true,
            '>' => {
                within = false;
                text.push(' ');
            }
            other if !within => text.push(other),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const CLASSES: &str = r#"dataset Rows = csv("rows.csv", target=kind)

model Net {
    input x: f32[1]

    Dense(2, kernel_initializer=zeros) as logits
}

train net {
    model: Net, dataset: Rows
    inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    metrics: [accuracy]
    optimizer: SGD(learning_rate=1.0)
    epochs: 20, batch_size: 10
}
"#;

/// Ten rows, one of which has the label of the others' side.
fn classes(labels: [&str; 2]) -> String {
    let mut rows = "x,kind\n".to_owned();
    for row in 0..10 {
        let label = labels[usize::from((row < 5) != (row == 7))];
        rows += &format!("{},{label}\n", if row < 5 { -1 } else { 1 });
    }
    rows
}

#[test]
fn what_is_taken_for_what_is_counted_and_the_row_with_a_wrong_label_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), CLASSES, &classes(["right", "left"]));
    let text = text(&page);
    assert!(text.contains("left right recall left 5 1 83.3% right 4 100.0% precision 100.0% 80.0%"), "{text}");
    let worst = text.split("Where it is most wrong").nth(1).unwrap();
    let first = worst.split("row").nth(2).unwrap();
    assert!(worst.contains("x 1 right"), "{worst}");
    assert!(first.trim().starts_with("8 (line 9)"), "{worst}");
    for part in ["How it went", "loss", "accuracy", "The model", "What ran", "SGD", "training rows"] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn names_in_the_data_are_text_and_the_page_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(
        folder.path(),
        CLASSES,
        &classes(["<script>alert(1)</script>", "\"><img src=x>"]).replace(",\"", ",\"\"\"\"").replace("x>\n", "x>\"\n"),
    );
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    for loads in ["<script", "<img src=x", "src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn numbers_stand_beside_the_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    let program = CLASSES
        .replace("Dense(2, kernel_initializer=zeros) as logits", "Dense(1, kernel_initializer=zeros) as y")
        .replace("cross_entropy(logits, kind)", "mse(y, kind)")
        .replace("[accuracy]", "[mae]")
        .replace("learning_rate=1.0", "learning_rate=0.1");
    let rows: String = (0..10).map(|row| format!("{row},{}\n", 2.0 * f64::from(row) + 0.5)).collect();
    let page = page(folder.path(), &program, &format!("x,kind\n{rows}"));
    assert!(text(&page).contains("Answers beside the right numbers 10 points of 10 training rows"), "{}", text(&page));
    assert_eq!(page.split("class=\"chart scatter\"").nth(1).unwrap().matches("<circle").count(), 10);
}

#[test]
fn a_page_can_be_written_anew_for_other_rows() {
    let folder = tempfile::tempdir().unwrap();
    page(folder.path(), CLASSES, &classes(["right", "left"]));
    fs::write(folder.path().join("new.csv"), "x,kind\n1,left\n-1,left\n").unwrap();
    let request = report::Request {
        model: folder.path().join("run"),
        data: vec![folder.path().join("new.csv")],
        part: None,
        output: Some(folder.path().join("new.html")),
        device: Default::default(),
    };
    let response = report::run(&request, &Cancel::new()).unwrap();
    assert_eq!((response.rows, &response.output), (2, &folder.path().join("new.html")));
    let text = text(&fs::read_to_string(response.output).unwrap());
    assert!(text.contains("left 1 1 50.0%"), "{text}");

    let cancel = Cancel::new();
    cancel.cancel();
    let stopped = report::Request { output: Some(folder.path().join("none.html")), ..request };
    assert!(matches!(report::run(&stopped, &cancel), Err(Error::Cancelled)));
    assert!(!folder.path().join("none.html").exists());
}

#[test]
fn answers_stand_beside_what_the_loss_compares_them_with() {
    let folder = tempfile::tempdir().unwrap();
    let program = CLASSES
        .replace("Dense(2, kernel_initializer=zeros) as logits", "Dense(1, kernel_initializer=zeros) as y")
        .replace("cross_entropy(logits, kind)", "mse(y, log(cast(kind, f32)))")
        .replace("metrics: [accuracy]", "metrics: [mae]")
        .replace("learning_rate=1.0", "learning_rate=0.1");
    let rows: String = (0..10).map(|row| format!("1,{}\n", 0.5 + 0.25 * f64::from(row))).collect();
    let page = page(folder.path(), &program, &format!("x,kind\n{rows}"));
    assert!(text(&page).contains("– it is -0.6931 row 1 (line 2), loss "), "{}", text(&page));
}
