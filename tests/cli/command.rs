//! The `ndsl` command as a person meets it: what it prints, where, and how it ends.

use crate::project::{Project, ndsl};

#[test]
fn a_new_project_trains_measures_predicts_and_exports() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let trained = ndsl().args(["train", "hello/model.ndsl", "--set", "epochs=4"]).within(&project).succeeds();
    assert!(trained.stderr.contains("epoch 4/4"), "{}", trained.stderr);
    let model = "hello/runs/moons";
    for file in ["model.ndsl", "model.safetensors", "metadata.json", "history.json", "history.csv"] {
        assert!(project.path(model).join(file).is_file(), "{file}");
    }
    let table = project.read("hello/runs/moons/history.csv");
    assert!(table.starts_with("epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,"), "{table}");
    assert_eq!(table.lines().count(), 5);
    let metadata: serde_json::Value = serde_json::from_str(&project.read("hello/runs/moons/metadata.json")).unwrap();
    assert_eq!(metadata["environment"]["device"], "cpu");
    assert_eq!(metadata["dataset"]["sha256"].as_str().map(str::len), Some(64));
    // What ran is what the folder says.
    assert!(project.read("hello/runs/moons/model.ndsl").contains("epochs: 4"));

    let evaluated = ndsl().args(["evaluate", model, "--message-format", "json"]).within(&project).succeeds();
    let measures: serde_json::Value = serde_json::from_str(evaluated.stdout.trim()).unwrap();
    assert!(measures["measures"]["metrics"]["accuracy"].as_f64().unwrap() > 0.8, "{measures}");

    ndsl().args(["predict", model, "hello/moons.csv", "-o", "out.csv"]).within(&project).succeeds();
    let predictions = project.read("out.csv");
    let mut lines = predictions.lines();
    assert_eq!(lines.next(), Some("prediction,p_0,p_1"));
    assert_eq!(lines.count(), 400);
    // The same rows in another format than those of the training mean the same.
    let table = project.read("hello/moons.csv");
    let mut rows = table.lines();
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let object = |row: &str| {
        let cells: Vec<String> =
            names.iter().zip(row.split(',')).map(|(name, cell)| format!("\"{name}\": {cell}")).collect();
        format!("{{{}}}\n", cells.join(", "))
    };
    project.write("moons.jsonl", &rows.map(object).collect::<String>());
    ndsl().args(["predict", model, "moons.jsonl", "-o", "again.csv"]).within(&project).succeeds();
    assert_eq!(project.read("again.csv"), predictions);

    ndsl().args(["compile", model, "--backend", "onnx", "-o", "out.onnx"]).within(&project).succeeds();
    assert!(project.bytes("out.onnx").len() > 1000);
}

#[test]
fn a_run_is_shown_on_a_page_and_written_for_tensorboard_when_asked_for() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let train = ["train", "hello/model.ndsl", "--set", "epochs=2", "--message-format", "json", "--tensorboard"];
    let told = ndsl().args(train).within(&project).succeeds();
    let end: serde_json::Value = serde_json::from_str(told.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&end["event"], &end["report"]), (&"end".into(), &"hello/runs/moons/report.html".into()));
    for part in ["train", "validation"] {
        let folder = project.path("hello/runs/tensorboard/moons").join(part);
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap()).collect();
        let names: Vec<String> = files.iter().map(|file| file.file_name().into_string().unwrap()).collect();
        assert!(matches!(&names[..], [name] if name.starts_with("events.out.tfevents.")), "{names:?}");
        assert!(files[0].metadata().unwrap().len() > 100);
    }
    let shown = ndsl().args(["report", "hello/runs/moons", "hello/moons.csv", "-o", "page.html"]).within(&project);
    assert_eq!(shown.succeeds().stdout, "page.html: Classifier on 400 rows\n");
    assert!(project.read("page.html").starts_with("<!DOCTYPE html>"));
    // What is no model is no page.
    let refused = ndsl().args(["report", "hello"]).within(&project).fails();
    assert!(refused.stderr.contains("hello"), "{}", refused.stderr);
}

#[test]
fn scripts_are_told_of_steps_at_most_twice_a_second() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let began = std::time::Instant::now();
    let train = ["train", "hello/model.ndsl", "--set", "epochs=6", "--message-format", "json"];
    let told = ndsl().args(train).within(&project).succeeds();
    let most = began.elapsed().as_millis() / 500 + 1;
    let events = told.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let steps: Vec<serde_json::Value> = events.filter(|event| event["event"] == "step").collect();
    assert!(!steps.is_empty() && steps.len() as u128 <= most, "{} in {most}", steps.len());
    assert_eq!((&steps[0]["epoch"], &steps[0]["step"], &steps[0]["epochs"]), (&1.into(), &1.into(), &6.into()));
    assert!(steps[0]["measures"]["loss"].as_f64().is_some_and(|loss| loss > 0.0), "{}", steps[0]);
}

#[test]
fn the_same_seed_gives_the_same_weights_bit_for_bit() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    for run in ["a", "b"] {
        let train = ["train", "hello/model.ndsl", "--set", "epochs=2", "-o", run];
        ndsl().args(train).within(&project).succeeds();
    }
    ndsl()
        .args(["train", "hello/model.ndsl", "--set", "epochs=2", "--set", "seed=2", "-o", "c"])
        .within(&project)
        .succeeds();
    assert_eq!(project.bytes("a/model.safetensors"), project.bytes("b/model.safetensors"));
    assert_ne!(project.bytes("a/model.safetensors"), project.bytes("c/model.safetensors"));
}

#[test]
fn a_dry_run_shows_what_would_run_and_writes_nothing() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let shown =
        ndsl().args(["train", "hello/model.ndsl", "--dry-run", "--set", "batch_size=16"]).within(&project).succeeds();
    assert!(shown.stdout.contains("16"), "{}", shown.stdout);
    assert!(!project.path("hello/runs").exists());
}

#[test]
fn faults_are_told_on_stderr_and_end_with_one() {
    let project = Project::new();
    project.write("bad.ndsl", "model Bad {\n    input x: f32[4]\n    Desne(3)\n}\n");
    let checked = ndsl().args(["check", "bad.ndsl"]).within(&project).ends_with(1);
    assert!(checked.stderr.contains("[E0203] error: there is no layer `Desne`"), "{}", checked.stderr);
    assert!(checked.stderr.contains("did you mean `Dense`?"));
    assert!(!checked.stderr.contains('\u{1b}'), "no colour where nobody watches");
    assert_eq!(checked.stdout, "");

    let json = ndsl().args(["check", "bad.ndsl", "--message-format", "json"]).within(&project).ends_with(1);
    let diagnostic: serde_json::Value = serde_json::from_str(json.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(diagnostic["code"], "E0203");
    assert_eq!(diagnostic["span"]["start"]["line"], 3);
    assert_eq!(diagnostic["span"]["start"]["column"], 5);
    assert_eq!(diagnostic["fixes"][0]["edits"][0]["text"], "Dense");

    let concise = ndsl().args(["check", "bad.ndsl", "--message-format", "concise"]).within(&project).ends_with(1);
    assert!(concise.stderr.starts_with("bad.ndsl:3:5: error[E0203]:"), "{}", concise.stderr);
}

#[test]
fn a_summary_counts_layers_parameters_and_operations() {
    let project = Project::new();
    project.write("model.ndsl", "model M { input x: f32[4]\n Dense(3, activation=relu)\n Dense(2) as out }\n");
    let shown = ndsl().args(["check", "model.ndsl", "--summary"]).within(&project).succeeds();
    assert!(shown.stdout.contains("23 parameters (23 trainable)"), "{}", shown.stdout);
    let json =
        ndsl().args(["check", "model.ndsl", "--summary", "--message-format", "json"]).within(&project).succeeds();
    let summary: serde_json::Value = serde_json::from_str(json.stdout.trim()).unwrap();
    assert_eq!(summary["layers"][0]["output"], "f32[N, 3]");
    assert_eq!(summary["layers"][0]["parameters"], 15);
    assert_eq!(summary["layers"][0]["flops"], 2 * 12 + 3 + 3);
}

#[test]
fn every_code_is_explained() {
    let project = Project::new();
    let page = ndsl().args(["explain", "e0203"]).within(&project).succeeds();
    assert!(page.stdout.contains("```ndsl"));
    let unknown = ndsl().args(["explain", "E9999"]).within(&project).ends_with(2);
    assert!(unknown.stderr.contains("E9999"));
}

#[test]
fn what_cannot_be_carried_out_ends_with_two() {
    let project = Project::new();
    let missing = ndsl().args(["check", "missing.ndsl"]).within(&project).ends_with(2);
    assert!(missing.stderr.contains("missing.ndsl"), "{}", missing.stderr);
    ndsl().args(["check"]).within(&project).ends_with(2);
    ndsl().args(["frobnicate"]).within(&project).ends_with(2);
    project.write("two.ndsl", "model A { input x: f32[4]\n Dense(1) }\nmodel B { input x: f32[4]\n Dense(1) }\n");
    let several = ndsl().args(["compile", "two.ndsl"]).within(&project).ends_with(2);
    assert!(several.stderr.contains("`A` or `B`"), "{}", several.stderr);
    ndsl().args(["compile", "two.ndsl", "--model", "B", "--backend", "tensorflow"]).within(&project).ends_with(2);
}

#[test]
fn hostile_sources_are_refused_quickly_and_clearly() {
    let project = Project::new();
    project.write("deep.ndsl", &format!("const deep = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000)));
    project.write("long.ndsl", &"// a comment that says nothing at all\n".repeat(10 << 20 >> 5));
    std::fs::write(project.path("bytes.ndsl"), b"model M {\n  \xff\xfe\n}").unwrap();
    project.write("huge.ndsl", "model M { input x: f32[1000000]\n Dense(1000000) }\n");
    project.write("empty.ndsl", "");
    for (file, says) in
        [("deep.ndsl", "E0107"), ("long.ndsl", "E0109"), ("bytes.ndsl", "line 2"), ("huge.ndsl", "E0406")]
    {
        let refused = ndsl().args(["check", file]).within(&project).ends_with(1);
        assert!(refused.stderr.contains(says), "{file}: {}", refused.stderr);
        assert!(!refused.stderr.contains("panicked"), "{file}: {}", refused.stderr);
    }
    ndsl().args(["check", "empty.ndsl"]).within(&project).succeeds();
}

#[test]
fn very_many_faults_are_counted_and_the_first_drawn() {
    let project = Project::new();
    project.write("many.ndsl", &format!("model M {{\n    input x: f32[4]\n{}}}\n", "    Desne(3)\n".repeat(5000)));
    let drawn = ndsl().args(["check", "many.ndsl"]).within(&project).ends_with(1);
    assert!(drawn.stderr.contains("and 4800 more"), "{}", &drawn.stderr[drawn.stderr.len() - 300..]);
    assert!(drawn.stderr.contains("5000 errors"));
    let listed = ndsl().args(["check", "many.ndsl", "--message-format", "concise"]).within(&project).ends_with(1);
    assert_eq!(listed.stderr.lines().filter(|line| line.contains("E0203]: ")).count(), 5000);
}

#[test]
fn data_that_does_not_fit_is_told_before_training() {
    let project = Project::new();
    let program = |inputs: &str| {
        format!(
            "dataset Data = csv(\"data.csv\", columns=[a, b], target=y)\nmodel M {{ input x: f32[2]\n Dense(2) as out }}\n\
             train t {{ model: M()\n dataset: Data\n{inputs} loss: cross_entropy(out, y)\n epochs: 1 }}\n"
        )
    };
    project.write("ok.ndsl", &program(""));
    let cases = [
        ("a,b,y\n1,2,0\n3,x,1\n", 1, &["data.csv", "line 3", "`b`", "x"][..]),
        ("a,b,y\n1,2,0\n3,4,7\n", 1, &["7"][..]),
        ("a,c,y\n1,2,0\n", 1, &["`b`"][..]),
        ("a,b,y\n1,2,0\n3,4\n", 1, &["line 3"][..]),
        ("", 1, &["data.csv"][..]),
    ];
    for (data, code, says) in cases {
        project.write("data.csv", data);
        let refused = ndsl().args(["train", "ok.ndsl", "-o", "out"]).within(&project).ends_with(code);
        for words in says {
            assert!(refused.stderr.contains(words), "{data:?} should say {words}: {}", refused.stderr);
        }
        assert!(!project.path("out").exists());
    }
    std::fs::remove_file(project.path("data.csv")).unwrap();
    let missing = ndsl().args(["train", "ok.ndsl", "-o", "out"]).within(&project).fails();
    assert!(missing.stderr.contains("data.csv"), "{}", missing.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn a_training_that_cannot_fit_in_memory_is_refused_before_it_starts() {
    let project = Project::new();
    project.write("data.csv", "a,b,y\n1,2,0\n3,4,1\n");
    project.write(
        "large.ndsl",
        "dataset Data = csv(\"data.csv\", target=y)\nmodel M { input x: f32[2]\n Dense(40000)\n Dense(50000)\n Dense(2) as out }\n\
         train t { model: M\n dataset: Data\n loss: cross_entropy(out, y) }\n",
    );
    let refused = ndsl().args(["train", "large.ndsl", "-o", "out"]).within(&project).ends_with(1);
    assert!(refused.stderr.contains("of memory"), "{}", refused.stderr);
    let artifact = ndsl().args(["compile", "large.ndsl", "-o", "out.onnx"]).within(&project).ends_with(1);
    assert!(artifact.stderr.contains("bytes"), "{}", artifact.stderr);
}

#[test]
fn a_folder_that_is_no_model_is_refused_before_training_and_left_alone() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let refused = ndsl().args(["train", "hello/model.ndsl", "-o", "hello"]).within(&project).fails();
    assert!(refused.stderr.contains("not a model folder"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("epoch"), "nothing is trained first: {}", refused.stderr);
    assert!(project.path("hello/moons.csv").is_file());
}

#[test]
#[cfg(unix)]
fn an_interrupted_training_keeps_its_best_epoch() {
    let project = Project::new();
    ndsl().args(["new", "hello"]).within(&project).succeeds();
    let mut child =
        ndsl().args(["train", "hello/model.ndsl", "--set", "epochs=100000", "-o", "out"]).within(&project).starts();
    child.wait_for_line("epoch      2/100000");
    child.interrupt();
    let ended = child.ends();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("stopped"), "{}", ended.stderr);
    assert!(project.path("out/model.safetensors").is_file(), "{}", ended.stderr);
    ndsl().args(["evaluate", "out"]).within(&project).succeeds();
}

#[test]
fn completions_are_written_for_each_shell() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ndsl().args(["completions", shell]).within(&project).succeeds();
        assert!(script.stdout.contains("evaluate"), "{shell}");
    }
}
