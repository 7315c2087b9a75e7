//! A trained model, opened: its program checked, its weights matched to it.

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{
    DataField, DataSignature, DataSource, DatasetPlan, Format, Located, Place, TableColumn, WholePlan,
};
use ndsl_compiler::{Analysis, analyze_sources};

use super::{Error, row_weights, sound};
use crate::data::{self, DataError, Dataset, Fault, Reading, Target};
use crate::model::{self, Model, ModelError, SOURCE_FILE, WEIGHTS_FILE};

/// A model folder that was read and checked.
pub(super) struct Trained {
    pub(super) path: PathBuf,
    pub(super) model: Model,
    pub(super) analysis: Analysis,
    dataset: DatasetPlan,
}

impl Trained {
    /// Opens the model folder at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let model = model::load(path)?;
        let analysis = sound(analyze_sources(&model.program(path)))?;
        let dataset = analysis.train(Some(&model.metadata.train))?.dataset.clone();
        let dataset = dataset.ok_or_else(|| {
            let reason = format!("its `train {}` has no dataset", model.metadata.train);
            ModelError::Damaged { path: path.join(SOURCE_FILE), reason }
        })?;
        Ok(Self { path: path.to_path_buf(), model, analysis, dataset })
    }

    /// The name of its `train` declaration.
    pub(super) fn train(&self) -> &str {
        &self.model.metadata.train
    }

    /// Where the rows came from that it was trained on.
    pub(super) fn source(&self) -> &DataSource {
        &self.dataset.source
    }

    /// Everything that its training computes of rows with these fields.
    pub(super) fn parts(&self, signature: &DataSignature) -> Result<WholePlan, Error> {
        self.analysis
            .plan_parts(self.train(), signature)
            .map_err(|diagnostics| Error::Program { sources: self.analysis.sources.clone(), diagnostics })
    }

    /// Fails unless the weights are those of `graph`.
    pub(super) fn match_weights(&self, graph: &Graph) -> Result<(), Error> {
        match self.model.weights.mismatch(graph) {
            None => Ok(()),
            Some(reason) => Err(ModelError::Damaged { path: self.path.join(WEIGHTS_FILE), reason }.into()),
        }
    }

    /// Reads other files as the dataset the model was trained on: files of rows in its format, IDX images or NumPy's arrays with or
    /// without what is to be learnt.
    ///
    /// Of a table only the columns that `graph` reads are looked for, and the target where it is wanted.
    /// `weight` is the column that says how much a row counts; where a file has none, its rows count the same.
    pub(super) fn read(
        &self,
        files: &[PathBuf],
        with_target: bool,
        graph: &Graph,
        weight: Option<&TableColumn>,
    ) -> Result<Dataset, Error> {
        let metadata = &self.model.metadata;
        let mut plan = self.dataset.clone();
        plan.folder.clear();
        let (given, hash) = addressed(files)?;
        replace_files(&mut plan.source, &given, with_target, files == metadata.dataset.files)?;
        if let Some(text) = hash {
            let (DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Text { files, .. }) =
                &mut plan.source
            else {
                let said = "rows and columns and texts are read by their address; of anything else, fetch the files beforehand";
                return Err(Error::Request(said.to_owned()));
            };
            files.sha256 = Some(Located { text, span: plan.span });
        }
        if let DataSource::Table { columns, target, .. } = &mut plan.source {
            let learnt = target.as_ref().map(|target| target.text.as_str()).filter(|_| with_target);
            let read = |name: &str| graph.inputs.iter().any(|input| graph.value(*input).name == name);
            columns.retain(|column| learnt == Some(column.name.as_str()) || read(&column.name));
        }
        self.open_as_trained(&plan, with_target, weight)
    }

    /// Reads the rows that were held out of training where they are those of another dataset.
    pub(super) fn read_held_out(&self, weight: Option<&TableColumn>) -> Result<Dataset, Error> {
        let metadata = &self.model.metadata;
        let held_out = self.analysis.train(Some(&metadata.train))?.held_out.clone();
        let mut plan =
            held_out.ok_or_else(|| Error::Request("the model was trained with no other rows held out".to_owned()))?;
        plan.folder.clear();
        replace_files(&mut plan.source, &metadata.dataset.held_out, true, true)?;
        self.open_as_trained(&plan, true, weight)
    }

    fn open_as_trained(
        &self,
        plan: &DatasetPlan,
        with_target: bool,
        weight: Option<&TableColumn>,
    ) -> Result<Dataset, Error> {
        let metadata = &self.model.metadata;
        let signature = metadata.data_signature();
        let target = signature.fields.iter().find(|field| field.name == metadata.dataset.target);
        let target = match (with_target, target) {
            (true, Some(field)) => Target::As(field),
            (true, None) => Target::Find,
            (false, _) => Target::Leave,
        };
        let (columns, vocabulary) = (metadata.dataset.columns.as_deref(), metadata.classes.as_deref());
        let reading = Reading { target, columns, vocabulary, ..Reading::default() };
        let at_fault = |error: DataError| match &error.fault {
            Fault::NoHash { found } => {
                let address = error.path.display();
                Error::Request(format!(
                    "nothing says which file `{address}` must be; as it is now, it is `{address}{HASH}{found}`"
                ))
            }
            _ => Error::GivenData(Box::new(error)),
        };
        let mut data = data::read(plan, Path::new(""), reading).map_err(at_fault)?;
        if let Some(column) = weight {
            match row_weights::add(plan, Path::new(""), column, &mut data, None) {
                Err(error) if !row_weights::is_missing(&error) => return Err(at_fault(error)),
                _ => {}
            }
        }
        for field in &data.fields {
            if let Some(trained) = signature.fields.iter().find(|trained| trained.name == field.name) {
                fits(field, trained)?;
            }
        }
        Ok(data)
    }
}

/// What stands between an address and the hash of what it must lead to, as package managers write it.
const HASH: &str = "#sha256=";

/// The files without what is said of their bytes, and the SHA-256 that is said of one with an address:
/// `https://example.org/rows.csv#sha256=…`.
fn addressed(files: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<String>), Error> {
    let is_remote = |file: &PathBuf| {
        let located = Located { text: file.to_string_lossy().into_owned(), span: Default::default() };
        matches!(located.place(), Place::Web(_))
    };
    let Some(remote) = files.iter().find(|file| is_remote(file)) else { return Ok((files.to_vec(), None)) };
    if files.len() > 1 {
        return Err(Error::Request(format!(
            "`{}` is on another machine, and one such file is read at a time",
            remote.display()
        )));
    }
    let text = remote.to_string_lossy();
    let Some((address, hash)) = text.split_once(HASH) else { return Ok((files.to_vec(), None)) };
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::Request(format!("behind `{HASH}` stand 64 hexadecimal digits, and not `{hash}`")));
    }
    Ok((vec![PathBuf::from(address)], Some(hash.to_ascii_lowercase())))
}

/// Puts other files in the place of those a dataset names. What is said of its own files, their hash and how much is read of them, is
/// not said of others.
fn replace_files(source: &mut DataSource, files: &[PathBuf], with_target: bool, own: bool) -> Result<(), Error> {
    let texts: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let pair = match (source, texts.as_slice()) {
        (
            DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Text { files, .. },
            [_, ..],
        ) => {
            let span = files.paths.first().map(|path| path.span).unwrap_or_default();
            if !own {
                (files.limit, files.sha256, files.key) = (None, None, None);
                // Columns mean the same in every format, so the file may have another than those it was trained on.
                let named = texts.iter().find_map(|text| Format::by_name(text));
                let differs = |named: &Format| files.format != Format::Text && named.noun() != files.format.noun();
                if let Some(named) = named.filter(differs) {
                    files.format = named;
                }
            }
            files.paths = texts.into_iter().map(|text| Located { text, span }).collect();
            return Ok(());
        }
        (DataSource::Pictures { files, .. }, [_, ..]) if texts.iter().all(|text| Format::by_name(text).is_some()) => {
            let span = files.paths.first().map(|path| path.span).unwrap_or_default();
            if let Some(named) = texts.first().and_then(|text| Format::by_name(text)).filter(|_| !own) {
                files.format = named;
            }
            files.paths = texts.into_iter().map(|text| Located { text, span }).collect();
            return Ok(());
        }
        (DataSource::Pictures { .. }, [_, ..]) if with_target => {
            return Err(Error::Request("what pictures are is in a table, and pictures alone were given".to_owned()));
        }
        // Without a target, pictures are pictures however they are named.
        (source @ DataSource::Pictures { .. }, [_, ..]) => {
            let DataSource::Pictures { files, shape, .. } = &*source else { return Ok(()) };
            let (shape, span) = (*shape, files.paths.first().map(|path| path.span).unwrap_or_default());
            let paths = texts.into_iter().map(|text| Located { text, span }).collect();
            *source = DataSource::Images { paths, shape, labelled: false };
            return Ok(());
        }
        (DataSource::Images { paths, .. }, [_, ..]) => {
            let span = paths.first().map(|path| path.span).unwrap_or_default();
            *paths = texts.into_iter().map(|text| Located { text, span }).collect();
            return Ok(());
        }
        (DataSource::Npz { path, .. }, [file]) => {
            path.text.clone_from(file);
            return Ok(());
        }
        (DataSource::Idx { images: first, labels: second }, [one, more @ ..])
            if more.len() <= 1 && (!with_target || more.len() == 1) =>
        {
            first.text.clone_from(one);
            more.iter().for_each(|other| second.text.clone_from(other));
            return Ok(());
        }
        (DataSource::Npy { x, y: None }, [one]) => {
            x.text.clone_from(one);
            return Ok(());
        }
        (DataSource::Npy { x, y: Some(y) }, [one, more @ ..])
            if more.len() <= 1 && (!with_target || more.len() == 1) =>
        {
            x.text.clone_from(one);
            more.iter().for_each(|other| y.text.clone_from(other));
            return Ok(());
        }
        (DataSource::Npy { y: None, .. }, _) => {
            return Err(Error::Request(format!("the model reads one file of rows, {} were given", files.len())));
        }
        (DataSource::Idx { .. }, _) => ("a file of images", "one of labels"),
        (DataSource::Npy { .. }, _) => ("a file of rows", "one of what is learnt"),
        (DataSource::Npz { .. }, _) => {
            return Err(Error::Request(format!("the model reads one NPZ file, {} were given", files.len())));
        }
        (DataSource::Images { .. } | DataSource::Pictures { .. }, []) => {
            return Err(Error::Request("no picture and no folder of pictures was given".to_owned()));
        }
        (DataSource::Columns { .. } | DataSource::Table { .. } | DataSource::Text { .. }, []) => {
            return Err(Error::Request("no file of data was given".to_owned()));
        }
    };
    let wanted = if with_target { format!("{} and {}", pair.0, pair.1) } else { pair.0.to_owned() };
    Err(Error::Request(format!("the model reads {wanted}, {} files were given", files.len())))
}

/// Fails unless a field is of the shape and type the model was trained on.
fn fits(field: &data::Field, trained: &DataField) -> Result<(), Error> {
    let found = ndsl_compiler::ir::Shape::known(field.shape.iter().copied());
    if trained.shape == found && trained.element == field.data.element() {
        return Ok(());
    }
    Err(Error::Request(format!(
        "`{}` is {}{found} in this data, the model was trained on {}{}",
        field.name,
        field.data.element(),
        trained.element,
        trained.shape
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_say_which_file_it_leads_to() {
        let paths = |texts: &[&str]| texts.iter().map(PathBuf::from).collect::<Vec<_>>();
        let (hash, address) = ("ab".repeat(32), "https://example.org/rows.csv");
        let found = addressed(&paths(&[&format!("{address}{HASH}{}", hash.to_uppercase())])).unwrap();
        assert_eq!(found, (paths(&[address]), Some(hash)));
        let local = paths(&["rows.csv#sha256=1", "more.csv"]);
        assert_eq!(addressed(&local).unwrap(), (local, None));
        let refused = |texts: &[&str]| addressed(&paths(texts)).unwrap_err().to_string();
        assert!(refused(&[address, "more.csv"]).contains("one such file is read at a time"));
        assert!(refused(&["https://example.org/rows.csv#sha256=12"]).contains("64 hexadecimal digits, and not `12`"));
    }
}
