//! NumPy's arrays: an `.npy` file is a header that is a Python dictionary, and the numbers; an `.npz` file is a zip archive of them.
//!
//! The header after <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, versions 1 to 3.

use std::io::{BufReader, Read};
use std::path::Path;

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::Located;

use super::error::{DataError, Fault};
use super::files::{Named, Opened, named};
use super::numbers::{Gathering, Numbers};
use super::places::Places;
use super::{Dataset, Field, Reading, Target};
use crate::tensor::TensorData;

/// The longest header that is read.
const MAX_HEADER: usize = 1 << 16;
/// The most dimensions an array may have.
const MAX_RANK: usize = 8;
/// The bytes that are read at once: a whole number of any kind of number. What is held grows as they really arrive, not on a header's
/// word.
const PIECE: usize = 8 << 20;
/// The most bytes of an array.
const MAX_BYTES: usize = 1 << 40;
/// The most arrays of an archive.
const MAX_ARRAYS: usize = 1 << 10;

/// Reads `x` and, where it is given, `y`, each an array of its own file.
pub(super) fn read_npy(
    x: &Located,
    y: Option<&Located>,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let file = named(x, folder);
    let inputs = of_file(&file, None, reading.most())?;
    let rows = inputs.rows();
    let mut fields = vec![inputs.field("x")];
    if let Some(y) = y.filter(|_| !matches!(reading.target, Target::Leave)) {
        let target = named(y, folder);
        let left = reading.most().saturating_sub(fields[0].data.held_bytes());
        let array = of_file(&target, Some(reading.target), left)?;
        if array.rows() != rows {
            let fault = Fault::Rows { found: array.rows(), expected: rows, other: file.name() };
            return Err(target.fail(fault));
        }
        fields.push(array.field("y"));
    }
    Ok(Dataset {
        rows,
        fields,
        target: y.map(|_| "y".to_owned()).unwrap_or_default(),
        columns: None,
        keys: None,
        places: Places::default(),
        own: None,
    })
}

/// Reads every array of an archive.
pub(super) fn read_npz(
    path: &Located,
    target: Option<&Located>,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let file = named(path, folder);
    let fail = |fault: Fault| file.fail(fault);
    let opened = file.open()?;
    let twin = opened.twin().map_err(fail)?;
    let learnt = target.map(|target| target.text.as_str()).unwrap_or_default();
    let arrays = of_archive(opened, &file, learnt, reading);
    twin.unchanged().map_err(fail)?;
    let arrays = arrays.map_err(fail)?;
    let Some((first, rows)) = arrays.first().map(|(name, array)| (name.clone(), array.rows())) else {
        return Err(fail(Fault::NoRows));
    };
    let wanted = target.filter(|_| !matches!(reading.target, Target::Leave));
    if let Some(target) = wanted.filter(|target| !arrays.iter().any(|(name, _)| *name == target.text)) {
        let available: Vec<String> = arrays.into_iter().map(|(name, _)| name).collect();
        let suggestion = super::columns::closest(&target.text, &available);
        let fault = Fault::UnknownColumn { name: target.text.clone(), suggestion, available };
        return Err(DataError { path: file.path, span: target.span, fault });
    }
    let mut fields = Vec::new();
    for (name, array) in arrays {
        if array.rows() != rows {
            let reason = format!("`{name}` has {} rows, and `{first}` has {rows}", array.rows());
            return Err(fail(Fault::Array(reason)));
        }
        fields.push(array.field(&name));
    }
    Ok(Dataset {
        rows,
        fields,
        target: learnt.to_owned(),
        columns: None,
        keys: None,
        places: Places::default(),
        own: None,
    })
}

/// An array, its first axis the rows.
struct Array {
    shape: Vec<usize>,
    data: Numbers,
}

impl Array {
    fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    fn field(self, name: &str) -> Field {
        Field::new(name, self.shape[1..].to_vec(), self.data, None)
    }
}

/// Numbers of an array as something to learn: whole numbers are labels, unless a model was trained on floats. The first that is not
/// finite is answered by its place.
fn learnt(data: TensorData, target: Target<'_>) -> Result<TensorData, usize> {
    let floats = matches!(target, Target::As(trained) if trained.element == ElementType::F32);
    Ok(match (data, floats) {
        (TensorData::U8(numbers), false) => TensorData::I64(numbers.into_iter().map(i64::from).collect()),
        (TensorData::Bool(truths), false) => TensorData::I64(truths.into_iter().map(i64::from).collect()),
        (TensorData::U8(numbers), true) => TensorData::F32(numbers.into_iter().map(f32::from).collect()),
        (TensorData::I64(numbers), true) => TensorData::F32(numbers.into_iter().map(|n| n as f32).collect()),
        (TensorData::F32(numbers), _) => match numbers.iter().position(|number| !number.is_finite()) {
            Some(place) => return Err(place),
            None => TensorData::F32(numbers),
        },
        (data, _) => data,
    })
}

/// The array of a file, of which `most` bytes are held; with `target` it is what is learnt.
fn of_file(file: &Named, target: Option<Target<'_>>, most: u64) -> Result<Array, DataError> {
    let opened = file.open()?;
    let twin = opened.twin().map_err(|fault| file.fail(fault))?;
    let array = match opened.len() {
        0 => Err(Fault::Empty),
        _ => array(&mut BufReader::with_capacity(1 << 16, opened), target, Gathering::new(most, file)),
    };
    twin.unchanged().and(array).map_err(|fault| file.fail(fault))
}

/// The arrays of an archive by their names, in its order; without the target where that is not wanted.
fn of_archive(file: Opened, at: &Named, target: &str, reading: Reading<'_>) -> Result<Vec<(String, Array)>, Fault> {
    if file.len() == 0 {
        return Err(Fault::Empty);
    }
    let damaged = |error: zip::result::ZipError| Fault::Array(format!("it cannot be read as an NPZ archive: {error}"));
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    if archive.len() > MAX_ARRAYS {
        return Err(Fault::Array(format!("it has {} entries, and {MAX_ARRAYS} are read", archive.len())));
    }
    let mut arrays: Vec<(String, Array)> = Vec::new();
    let mut left = reading.most();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else {
            return Err(Fault::Array(format!("its entry {} is no array", super::error::shown(&name))));
        };
        if arrays.iter().any(|(known, _)| *known == name) {
            return Err(Fault::Array(format!("it has the array `{name}` twice")));
        }
        if name == target && matches!(reading.target, Target::Leave) {
            continue;
        }
        let learnt = (name == target).then_some(reading.target);
        let array = array(&mut entry, learnt, Gathering::new(left, at)).map_err(|fault| match fault {
            Fault::Array(reason) => Fault::Array(format!("its array `{name}`: {reason}")),
            fault => fault,
        })?;
        left = left.saturating_sub(array.data.held_bytes());
        arrays.push((name, array));
    }
    Ok(arrays)
}

/// What the header says of the numbers.
struct Header {
    /// The byte order, the kind and the size of one: `<f4`.
    kind: String,
    fortran: bool,
    shape: Vec<usize>,
}

/// Reads an array: nothing is taken beyond what the header announces. With `target` it is what is learnt.
fn array(reader: &mut impl Read, target: Option<Target<'_>>, mut gathering: Gathering<'_>) -> Result<Array, Fault> {
    let header = header(reader)?;
    let Header { kind, fortran, shape } = &header;
    let shown = || shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    if shape.is_empty() {
        return Err(Fault::Array("it is a single number, and has no rows".into()));
    }
    if shape[0] == 0 {
        return Err(Fault::NoRows);
    }
    if shape.contains(&0) {
        return Err(Fault::Array(format!("its rows are empty: its shape is ({})", shown())));
    }
    if *fortran && shape.len() > 1 {
        let reason = "it is in Fortran's order; `numpy.ascontiguousarray` before saving makes it one that is read";
        return Err(Fault::Array(reason.into()));
    }
    let (big, code) = match kind.as_bytes() {
        [b'>', ..] => (true, &kind[1..]),
        [b'<' | b'|' | b'=', ..] => (false, &kind[1..]),
        _ => (false, kind.as_str()),
    };
    let size = match code {
        "f2" | "i2" | "u2" => 2,
        "f4" | "i4" | "u4" => 4,
        "f8" | "i8" | "u8" => 8,
        "i1" | "u1" | "b1" => 1,
        _ => return Err(Fault::Array(format!("its numbers are of the kind `{kind}`, which is not read"))),
    };
    let count = shape.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
    let Some(bytes) = count.and_then(|count| count.checked_mul(size)).filter(|bytes| *bytes <= MAX_BYTES) else {
        let reason = format!("its shape ({}) is more than the {} GB that are read", shown(), MAX_BYTES >> 30);
        return Err(Fault::Array(reason));
    };
    let width = shape[1..].iter().product::<usize>().max(1);
    let (mut reader, mut found) = (reader.take(bytes as u64 + 1), 0);
    loop {
        let mut raw = Vec::new();
        reader.by_ref().take(PIECE as u64).read_to_end(&mut raw).map_err(unpack)?;
        if raw.is_empty() || found + raw.len() > bytes {
            found += raw.len();
            break;
        }
        let mut data = numbers(&raw, code, big);
        if let Some(target) = target {
            data = learnt(data, target).map_err(|place| {
                let row = (found / size + place) / width + 1;
                Fault::Array(format!("row {row} has a number that is not finite"))
            })?;
        }
        found += raw.len();
        gathering.add(data)?;
    }
    if found != bytes {
        let found = if found > bytes { "more".to_owned() } else { found.to_string() };
        let reason = format!("its shape ({}) is {bytes} bytes of `{kind}`, but it has {found}", shown());
        return Err(Fault::Array(reason));
    }
    let data = gathering.finish(shape[0], width)?;
    Ok(Array { shape: shape.clone(), data })
}

/// The numbers of these bytes.
fn numbers(raw: &[u8], code: &str, big: bool) -> TensorData {
    /// Each number of so many bytes, made another.
    macro_rules! each {
        ($kind:ty, $make:expr) => {{
            let number = |bytes: &[u8]| {
                let bytes = bytes.try_into().unwrap_or_default();
                $make(if big { <$kind>::from_be_bytes(bytes) } else { <$kind>::from_le_bytes(bytes) })
            };
            raw.chunks_exact(size_of::<$kind>()).map(number).collect()
        }};
    }
    match code {
        "f2" => TensorData::F32(each!(u16, |bits| half::f16::from_bits(bits).to_f32())),
        "f4" => TensorData::F32(each!(f32, |number| number)),
        "f8" => TensorData::F32(each!(f64, |number| number as f32)),
        "i2" => TensorData::I64(each!(i16, i64::from)),
        "u2" => TensorData::I64(each!(u16, i64::from)),
        "i4" => TensorData::I64(each!(i32, i64::from)),
        "u4" => TensorData::I64(each!(u32, i64::from)),
        "i8" => TensorData::I64(each!(i64, |number| number)),
        "u8" => TensorData::I64(each!(u64, |number| number as i64)),
        "i1" => TensorData::I64(raw.iter().map(|byte| i64::from(*byte as i8)).collect()),
        "b1" => TensorData::Bool(raw.iter().map(|byte| *byte != 0).collect()),
        _ => TensorData::U8(raw.to_vec()),
    }
}

fn header(reader: &mut impl Read) -> Result<Header, Fault> {
    let mut start = [0; 8];
    exact(reader, &mut start)?;
    let (b"\x93NUMPY", version) = (&start[..6], start[6]) else {
        return Err(Fault::Array(format!("it is not an NPY file: it begins with {:02x?}", &start[..6])));
    };
    let length = match version {
        1 => {
            let mut length = [0; 2];
            exact(reader, &mut length)?;
            usize::from(u16::from_le_bytes(length))
        }
        2 | 3 => {
            let mut length = [0; 4];
            exact(reader, &mut length)?;
            u32::from_le_bytes(length) as usize
        }
        other => return Err(Fault::Array(format!("it is of NPY's version {other}, and 1 to 3 are read"))),
    };
    if length > MAX_HEADER {
        return Err(Fault::Array(format!("its header has {length} bytes, and {MAX_HEADER} are read")));
    }
    let mut text = vec![0; length];
    exact(reader, &mut text)?;
    let text = std::str::from_utf8(&text).map_err(|_| Fault::Array("its header is no text".into()))?;
    described(text)
        .ok_or_else(|| Fault::Array(format!("its header is none of NPY's: {}", super::error::shown(text.trim()))))
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn described(text: &str) -> Option<Header> {
    let after = |key: &str| {
        let at = text.find(&format!("'{key}'")).or_else(|| text.find(&format!("\"{key}\"")))?;
        text[at + key.len() + 2..].trim_start().strip_prefix(':').map(str::trim_start)
    };
    let quoted = after("descr")?;
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let kind = quoted[1..].split(quote).next()?.to_owned();
    let order = after("fortran_order")?;
    let fortran = order.starts_with("True");
    if !fortran && !order.starts_with("False") {
        return None;
    }
    let dims = after("shape")?.strip_prefix('(')?.split(')').next()?;
    let dims = dims.split(',').map(str::trim).filter(|dim| !dim.is_empty());
    let shape: Vec<usize> = dims.map(|dim| dim.parse().ok()).collect::<Option<_>>()?;
    (shape.len() <= MAX_RANK).then_some(Header { kind, fortran, shape })
}

fn exact(reader: &mut impl Read, bytes: &mut [u8]) -> Result<(), Fault> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::Array("it ends within its header".to_owned()),
        _ => unpack(error),
    })
}

fn unpack(error: std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
            Fault::Array(format!("its archive is damaged: {error}"))
        }
        _ => Fault::io(error),
    }
}
