//! MNIST's format: a magic number with the element type and the rank, the dimensions, the numbers; gzip or not.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::Located;

use super::places::Places;
use super::{DataError, Dataset, Fault, Field, Reading, Target};
use crate::tensor::TensorData;

/// The most bytes of numbers one file may hold: far beyond what fits beside a model, far below what exhausts a machine.
const MAX_BYTES: usize = 4 << 30;
/// The most memory taken on a header's word; beyond it, memory grows as bytes really arrive.
const MAX_TRUSTED_BYTES: usize = 64 << 20;
/// The most dimensions a file may have.
const MAX_RANK: u8 = 8;

pub(super) fn read(
    images: &Located,
    labels: &Located,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let open = |file: &Located| {
        let path = folder.join(&file.text);
        decode(&path).map_err(|fault| DataError { path, span: file.span, fault })
    };
    let fail = |file: &Located, fault: Fault| DataError { path: folder.join(&file.text), span: file.span, fault };

    let pixels = open(images)?;
    let rows = pixels.dims[0];
    let mut shape = pixels.dims[1..].to_vec();
    if shape.len() == 2 {
        // One channel: the language's images are channels-last.
        shape.push(1);
    }
    let Numbers::U8(data) = pixels.numbers else {
        let fault = Fault::Array("its images are not of unsigned bytes, which is what is read".to_owned());
        return Err(fail(images, fault));
    };
    let mut fields = vec![Field::new("image", shape, TensorData::U8(data), None)];

    if !matches!(reading.target, Target::Leave) {
        let classes = open(labels)?;
        if classes.dims.len() != 1 {
            let fault = Fault::Array(format!("it has {} dimensions where labels have one", classes.dims.len()));
            return Err(fail(labels, fault));
        }
        if classes.dims[0] != rows {
            let fault = Fault::Unequal { images: rows, labels: classes.dims[0], file: images.text.clone() };
            return Err(fail(labels, fault));
        }
        let numbers = match classes.numbers {
            Numbers::U8(numbers) => numbers.into_iter().map(i64::from).collect(),
            Numbers::I64(numbers) => numbers,
        };
        let data = match reading.target {
            Target::As(field) if field.element == ElementType::F32 => {
                TensorData::F32(numbers.into_iter().map(|number| number as f32).collect())
            }
            _ => TensorData::I64(numbers),
        };
        fields.push(Field::new("label", vec![], data, None));
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

enum Numbers {
    U8(Vec<u8>),
    I64(Vec<i64>),
}

fn decode(path: &Path) -> Result<Idx, Fault> {
    let file = File::open(path).map_err(Fault::io)?;
    let metadata = file.metadata().map_err(Fault::io)?;
    if metadata.is_dir() {
        return Err(Fault::Io(std::io::Error::other("it is a folder")));
    }
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = reader.fill_buf().map_err(Fault::io)?;
    match start {
        [] => Err(Fault::Empty),
        [0x1f, 0x8b, ..] => parse(&mut MultiGzDecoder::new(reader)),
        _ => parse(&mut reader),
    }
}

fn parse(reader: &mut impl Read) -> Result<Idx, Fault> {
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
        return Err(Fault::Array(format!("its header says {dims:?}, more than the {MAX_BYTES} bytes that are read")));
    };
    if !matches!(kind, 0x08 | 0x09 | 0x0b | 0x0c) {
        return Err(Fault::Array(format!("it holds {name}; only integers are read")));
    }

    let mut raw = Vec::with_capacity(bytes.min(MAX_TRUSTED_BYTES));
    // One byte more than announced is enough to see that there is too much, however much a gzip file unpacks to.
    reader.take(bytes as u64 + 1).read_to_end(&mut raw).map_err(unpack)?;
    if raw.len() != bytes {
        let found = if raw.len() > bytes { "more".to_owned() } else { raw.len().to_string() };
        return Err(Fault::Array(format!(
            "its header says {dims:?}, which is {bytes} bytes of {name}, but it has {found}"
        )));
    }
    let numbers = match kind {
        0x08 => Numbers::U8(raw),
        0x09 => Numbers::I64(raw.into_iter().map(|byte| i64::from(byte as i8)).collect()),
        0x0b => Numbers::I64(raw.chunks_exact(2).map(|b| i64::from(i16::from_be_bytes([b[0], b[1]]))).collect()),
        _ => {
            Numbers::I64(raw.chunks_exact(4).map(|b| i64::from(i32::from_be_bytes([b[0], b[1], b[2], b[3]]))).collect())
        }
    };
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
