//! MNIST's format: a magic number with the element type and the rank, the dimensions, the numbers; gzip or not.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::Located;

use super::files::{Named, named};
use super::numbers::{Gathering, Numbers};
use super::places::Places;
use super::{DataError, Dataset, Fault, Field, Reading, Target};
use crate::tensor::TensorData;

/// The most bytes of numbers one file may hold.
const MAX_BYTES: usize = 1 << 40;
/// The bytes that are read at once. What is held grows as bytes really arrive, not on a header's word.
const PIECE: usize = 8 << 20;
/// The most dimensions a file may have.
const MAX_RANK: u8 = 8;

pub(super) fn read(
    images: &Located,
    labels: &Located,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let open = |path: &Located, what: Part, most: u64| {
        let file = named(path, folder);
        decode(&file, what, most).map_err(|fault| file.fail(fault))
    };
    let fail = |file: &Located, fault: Fault| named(file, folder).fail(fault);

    let pixels = open(images, Part::Images, reading.most())?;
    let rows = pixels.dims[0];
    let mut shape = pixels.dims[1..].to_vec();
    if shape.len() == 2 {
        // One channel: the language's images are channels-last.
        shape.push(1);
    }
    let mut fields = vec![Field::new("image", shape, pixels.numbers, None)];

    if !matches!(reading.target, Target::Leave) {
        let floats = matches!(reading.target, Target::As(field) if field.element == ElementType::F32);
        let left = reading.most().saturating_sub(fields[0].data.held_bytes());
        let classes = open(labels, if floats { Part::Numbers } else { Part::Labels }, left)?;
        if classes.dims.len() != 1 {
            let fault = Fault::Array(format!("it has {} dimensions where labels have one", classes.dims.len()));
            return Err(fail(labels, fault));
        }
        if classes.dims[0] != rows {
            let fault = Fault::Unequal { images: rows, labels: classes.dims[0], file: images.text.clone() };
            return Err(fail(labels, fault));
        }
        fields.push(Field::new("label", vec![], classes.numbers, None));
    }
    Ok(Dataset {
        rows,
        fields,
        target: "label".to_owned(),
        columns: None,
        keys: None,
        places: Places::default(),
        own: None,
    })
}

struct Idx {
    dims: Vec<usize>,
    numbers: Numbers,
}

/// What the numbers of a file are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Images of unsigned bytes.
    Images,
    /// Whole numbers.
    Labels,
    /// Whole numbers that are learnt as floats.
    Numbers,
}

fn decode(file: &Named, what: Part, most: u64) -> Result<Idx, Fault> {
    let opened = file.open().map_err(|error| error.fault)?;
    let twin = opened.twin()?;
    let gathering = Gathering::new(most, file);
    let mut reader = BufReader::with_capacity(1 << 16, opened);
    let start = reader.fill_buf().map_err(Fault::io)?;
    let read = match start {
        [] => Err(Fault::Empty),
        [0x1f, 0x8b, ..] => parse(&mut MultiGzDecoder::new(reader), what, gathering),
        _ => parse(&mut reader, what, gathering),
    };
    twin.unchanged().and(read)
}

fn parse(reader: &mut impl Read, what: Part, mut gathering: Gathering<'_>) -> Result<Idx, Fault> {
    let mut magic = [0; 4];
    exact(reader, &mut magic)?;
    let [0, 0, kind, rank @ 1..=MAX_RANK] = magic else {
        return Err(Fault::Array(format!("it is not an IDX file: it begins with {magic:02x?}")));
    };
    let (name, size) = match kind {
        0x08 => ("u8", 1),
        0x09 => ("i8", 1),
        0x0b => ("i16", 2),
        0x0c => ("i32", 4),
        0x0d => ("f32", 4),
        0x0e => ("f64", 8),
        _ => return Err(Fault::Array(format!("it is not an IDX file: there is no element type {kind:#04x}"))),
    };
    let mut dims = Vec::with_capacity(usize::from(rank));
    for _ in 0..rank {
        let mut dim = [0; 4];
        exact(reader, &mut dim)?;
        dims.push(u32::from_be_bytes(dim) as usize);
    }
    if dims[0] == 0 {
        return Err(Fault::NoRows);
    }
    if dims.contains(&0) {
        return Err(Fault::Array(format!("its rows are empty: its header says {dims:?}")));
    }
    let bytes = dims.iter().try_fold(size, |product: usize, dim| product.checked_mul(*dim));
    let Some(bytes) = bytes.filter(|bytes| *bytes <= MAX_BYTES) else {
        return Err(Fault::Array(format!(
            "its header says {dims:?}, more than the {} GB that are read",
            MAX_BYTES >> 30
        )));
    };
    if !matches!(kind, 0x08 | 0x09 | 0x0b | 0x0c) {
        return Err(Fault::Array(format!("it holds {name}; only integers are read")));
    }

    if what == Part::Images && kind != 0x08 {
        return Err(Fault::Array("its images are not of unsigned bytes, which is what is read".to_owned()));
    }

    let numbers = |raw: &[u8]| {
        let whole: Vec<i64> = match kind {
            0x08 if what == Part::Images => return TensorData::U8(raw.to_vec()),
            0x08 => raw.iter().map(|byte| i64::from(*byte)).collect(),
            0x09 => raw.iter().map(|byte| i64::from(*byte as i8)).collect(),
            0x0b => raw.as_chunks().0.iter().map(|bytes| i64::from(i16::from_be_bytes(*bytes))).collect(),
            _ => raw.as_chunks().0.iter().map(|bytes| i64::from(i32::from_be_bytes(*bytes))).collect(),
        };
        match what {
            Part::Numbers => TensorData::F32(whole.into_iter().map(|number| number as f32).collect()),
            _ => TensorData::I64(whole),
        }
    };
    // One byte more than announced is enough to see that there is too much, however much a gzip file unpacks to.
    let (mut reader, mut found) = (reader.take(bytes as u64 + 1), 0);
    loop {
        let mut raw = Vec::new();
        reader.by_ref().take(PIECE as u64).read_to_end(&mut raw).map_err(unpack)?;
        found += raw.len();
        if raw.is_empty() || found > bytes {
            break;
        }
        gathering.add(numbers(&raw))?;
    }
    if found != bytes {
        let found = if found > bytes { "more".to_owned() } else { found.to_string() };
        return Err(Fault::Array(format!(
            "its header says {dims:?}, which is {bytes} bytes of {name}, but it has {found}"
        )));
    }
    let numbers = gathering.finish(dims[0], dims[1..].iter().product())?;
    Ok(Idx { dims, numbers })
}

fn exact(reader: &mut impl Read, buffer: &mut [u8]) -> Result<(), Fault> {
    reader.read_exact(buffer).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::Array("it ends within its header".to_owned()),
        _ => unpack(error),
    })
}

fn unpack(error: std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
            Fault::Array(format!("its gzip stream is damaged: {error}"))
        }
        _ => Fault::io(error),
    }
}
