//! Event files of TensorBoard: what a run measures, for whoever watches it there.
//!
//! The files are TensorFlow's: records with a length and two checksums, each an `Event` message of which only a scalar's parts are
//! written. Curves of training and of validation stand in a folder each, under the same names, which is how TensorBoard draws them into one
//! picture. (`tensorflow/core/lib/io/record_writer.h`, `tensorflow/core/util/event.proto` and `framework/summary.proto`.)

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crc::{CRC_32_ISCSI, Crc};
use prost::Message;

use super::{EpochProgress, Measures, StepProgress, Watcher};

/// At most so many points of one epoch are written of what is measured within it.
const POINTS: usize = 100;

/// A watcher that writes what a run measures as event files, in the folders `train` and `validation` of the one it is given.
///
/// A place that can no longer be written is told of once, and ends the writing, not the run.
#[derive(Debug)]
pub struct EventFiles {
    folder: PathBuf,
    training: Option<EventFile>,
    validation: Option<EventFile>,
    failure: Option<String>,
}

impl EventFiles {
    /// Event files under `folder`, made where they are not there.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let training = EventFile::create(&folder.join("train"))?;
        Ok(Self { folder: folder.to_owned(), training: Some(training), validation: None, failure: None })
    }

    /// Why nothing more is written, if so; told once.
    pub fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    fn training(&mut self, values: Vec<Scalar>, step: i64) {
        let written = self.training.as_mut().map_or(Ok(()), |file| file.write(values, step));
        self.note(written);
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            (self.training, self.validation) = (None, None);
            let folder = self.folder.display();
            self.failure =
                Some(format!("`{folder}` can no longer be written, so TensorBoard is told nothing more: {error}"));
        }
    }
}

impl Watcher for EventFiles {
    fn on_step(&mut self, progress: &StepProgress) {
        let stride = progress.steps.div_ceil(POINTS).max(1);
        if progress.step.is_multiple_of(stride) {
            let step = (progress.epoch - 1) * progress.steps + progress.step;
            let values = named(&progress.measures, "steps/");
            self.training(values, step as i64);
        }
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        let epoch = &progress.epoch;
        let step = epoch.epoch as i64;
        let mut values = named(&epoch.training, "");
        values.push(Scalar::new("learning_rate", epoch.learning_rate));
        values.push(Scalar::new("rows_per_second", epoch.rows_per_second));
        self.training(values, step);
        let Some(measures) = epoch.validation.as_ref().filter(|_| self.training.is_some()) else { return };
        let values = named(measures, "");
        let written = match &mut self.validation {
            Some(file) => file.write(values, step),
            place => EventFile::create(&self.folder.join("validation"))
                .and_then(|file| place.insert(file).write(values, step)),
        };
        self.note(written);
    }
}

fn named(measures: &Measures, prefix: &str) -> Vec<Scalar> {
    let metrics = measures.metrics.iter().map(|(name, value)| (name.as_str(), *value));
    let all = std::iter::once(("loss", measures.loss)).chain(metrics);
    all.map(|(name, value)| Scalar::new(&format!("{prefix}{name}"), value)).collect()
}

/// One file of events.
#[derive(Debug)]
struct EventFile(File);

impl EventFile {
    /// A new file in `folder`, called as TensorBoard expects. A run that goes on begins another beside the first, since a file that ends
    /// amid a record is read to there and no further.
    fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (seconds, process) = (now().as_secs(), std::process::id());
        let name = |number: usize| format!("events.out.tfevents.{seconds:010}.ndsl.{process}.{number}");
        let mut number = 0;
        let file = loop {
            match File::create_new(folder.join(name(number))) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                file => break file?,
            }
        };
        let mut file = Self(file);
        file.record(&Event { version: "brain.Event:2".to_owned(), ..Event::now() })?;
        Ok(file)
    }

    fn write(&mut self, values: Vec<Scalar>, step: i64) -> io::Result<()> {
        self.record(&Event { step, summary: Some(Summary { values }), ..Event::now() })
    }

    /// One record, written at once, so that whoever reads meanwhile sees it whole.
    fn record(&mut self, event: &Event) -> io::Result<()> {
        let message = event.encode_to_vec();
        let length = (message.len() as u64).to_le_bytes();
        let mut bytes = Vec::with_capacity(message.len() + 16);
        bytes.extend(length);
        bytes.extend(masked(&length).to_le_bytes());
        bytes.extend(&message);
        bytes.extend(masked(&message).to_le_bytes());
        self.0.write_all(&bytes)
    }
}

/// The checksum of a record: CRC-32C, turned and moved so that the checksum of what holds checksums is no special one.
fn masked(bytes: &[u8]) -> u32 {
    const CASTAGNOLI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
    CASTAGNOLI.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// `tensorflow.Event`, as far as it is written.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, tag = "3")]
    version: String,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

impl Event {
    fn now() -> Self {
        Self { wall_time: now().as_secs_f64(), ..Self::default() }
    }
}

/// `tensorflow.Summary`.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Scalar>,
}

/// `tensorflow.Summary.Value`, of which a scalar is written.
#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    /// Optional, so that 0 is written too.
    #[prost(float, optional, tag = "2")]
    value: Option<f32>,
}

impl Scalar {
    fn new(tag: &str, value: f64) -> Self {
        Self { tag: tag.to_owned(), value: Some(value as f32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Epoch;

    /// The events of every file in a folder, each record checked.
    fn events(folder: &Path) -> Vec<Event> {
        let mut events = Vec::new();
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let bytes = fs::read(entry.expect("it can be listed").path()).expect("the file can be read");
            let mut rest = &bytes[..];
            while let Some((length, after)) = rest.split_at_checked(8) {
                let (sum, after) = after.split_at(4);
                assert_eq!(sum, masked(length).to_le_bytes());
                let size = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
                let (message, after) = after.split_at(size);
                assert_eq!(after[..4], masked(message).to_le_bytes());
                events.push(Event::decode(message).expect("it is an event"));
                rest = &after[4..];
            }
            assert_eq!(rest, b"");
        }
        events
    }

    fn scalars(events: &[Event]) -> Vec<(String, i64, f32)> {
        let of = |event: &Event| {
            let values = event.summary.iter().flat_map(|summary| summary.values.clone());
            let step = event.step;
            values.map(move |scalar| (scalar.tag, step, scalar.value.unwrap_or(f32::NAN))).collect::<Vec<_>>()
        };
        events.iter().flat_map(of).collect()
    }

    fn measures(loss: f64) -> Measures {
        Measures { loss, metrics: [("accuracy".to_owned(), 0.0)].into() }
    }

    #[test]
    fn what_is_measured_stands_in_a_folder_for_training_and_one_for_validation() {
        let folder = tempfile::tempdir().expect("there is room");
        let mut files = EventFiles::create(folder.path()).expect("it can be written");
        let epoch = Epoch {
            epoch: 3,
            training: measures(0.5),
            validation: Some(measures(0.75)),
            seconds: 1.0,
            rows_per_second: 10.0,
            learning_rate: 0.25,
        };
        files.on_epoch(&EpochProgress { epochs: 3, epoch, is_best: true });
        assert_eq!(files.failure(), None);
        let training = events(&folder.path().join("train"));
        assert_eq!(training[0].version, "brain.Event:2");
        let expected = [("loss", 0.5), ("accuracy", 0.0), ("learning_rate", 0.25), ("rows_per_second", 10.0)];
        assert_eq!(scalars(&training), expected.map(|(tag, value)| (tag.to_owned(), 3, value)));
        let validation = events(&folder.path().join("validation"));
        assert_eq!(scalars(&validation)[0], ("loss".to_owned(), 3, 0.75));
    }

    #[test]
    fn of_a_long_epoch_some_hundred_steps_are_written() {
        let folder = tempfile::tempdir().expect("there is room");
        let mut files = EventFiles::create(folder.path()).expect("it can be written");
        for step in 1..=1000 {
            files.on_step(&StepProgress {
                loss: 0.5,
                epoch: 2,
                epochs: 2,
                step,
                steps: 1000,
                measures: measures(1.0),
                rate: 1.0,
                elapsed: 1.0,
                remaining: 1.0,
            });
        }
        let events = scalars(&events(&folder.path().join("train")));
        assert_eq!(events.len(), 2 * POINTS);
        assert_eq!(events.last(), Some(&("steps/accuracy".to_owned(), 2000, 0.0)));
    }

    #[test]
    fn the_checksum_is_tensorflows() {
        // How every event file of theirs begins: a record of 24 bytes, and the checksum of that length.
        assert_eq!(masked(&24_u64.to_le_bytes()).to_le_bytes(), [0xa3, 0x7f, 0x4b, 0x22]);
    }
}
