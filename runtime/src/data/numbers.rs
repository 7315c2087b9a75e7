//! The numbers of a field: held in memory, or kept in a block that may be a file, from which each batch reads its rows.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use ndsl_compiler::ir::ElementType;

use super::aside::{Block, Writer};
use super::error::{DataError, Fault};
use super::files::Named;
use crate::tensor::TensorData;

/// The bytes of rows that are gone through at once.
const PIECE: usize = 1 << 20;

/// The numbers of a field, one row after another.
#[derive(Clone, Debug)]
pub enum Numbers {
    /// All of them in memory.
    Held(TensorData),
    /// Rows of a block.
    Kept(View),
    /// Those of a dataset, and behind them those that were added to it.
    Joined(Arc<Joined>),
}

/// The numbers of two fields.
#[derive(Clone, Debug)]
pub struct Joined {
    first: Numbers,
    /// How many rows the first has.
    before: usize,
    second: Numbers,
}

/// A part of each row of a block.
#[derive(Clone, Debug)]
pub struct View {
    block: Arc<Block>,
    /// How many rows there are.
    rows: usize,
    /// Where the part begins, in bytes from where the row does.
    offset: usize,
    /// How many numbers it has.
    width: usize,
    kind: Kind,
}

/// How numbers stand in a block, the lowest byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As a field has them.
    As(ElementType),
    /// Whole numbers from 0 in four bytes, which are `i64`.
    Token,
}

impl Kind {
    /// The bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::As(ElementType::F32) | Self::Token => 4,
            Self::As(ElementType::I64) => 8,
            Self::As(ElementType::U8 | ElementType::Bool) => 1,
        }
    }

    fn numbers(self, bytes: &[u8]) -> TensorData {
        fn each<const N: usize, T>(bytes: &[u8], make: impl Fn([u8; N]) -> T) -> Vec<T> {
            bytes.as_chunks::<N>().0.iter().map(|bytes| make(*bytes)).collect()
        }
        match self {
            Self::As(ElementType::F32) => TensorData::F32(each(bytes, f32::from_le_bytes)),
            Self::As(ElementType::I64) => TensorData::I64(each(bytes, i64::from_le_bytes)),
            Self::As(ElementType::U8) => TensorData::U8(bytes.to_vec()),
            Self::As(ElementType::Bool) => TensorData::Bool(bytes.iter().map(|byte| *byte != 0).collect()),
            Self::Token => TensorData::I64(each(bytes, |bytes| i64::from(u32::from_le_bytes(bytes)))),
        }
    }
}

impl View {
    /// So many numbers of each row, from this byte of it on.
    pub(super) fn new(block: &Arc<Block>, rows: usize, offset: usize, width: usize, kind: Kind) -> Self {
        Self { block: Arc::clone(block), rows, offset, width, kind }
    }

    fn batch(&self, rows: &[usize]) -> Result<TensorData, DataError> {
        let size = self.width * self.kind.size();
        Ok(self.kind.numbers(&self.block.read(self.offset, size, rows)?))
    }
}

impl From<TensorData> for Numbers {
    fn from(data: TensorData) -> Self {
        Self::Held(data)
    }
}

impl PartialEq<TensorData> for Numbers {
    fn eq(&self, other: &TensorData) -> bool {
        self.held() == Some(other)
    }
}

impl Numbers {
    /// Their kind.
    pub fn element(&self) -> ElementType {
        match self {
            Self::Held(data) => data.element(),
            Self::Kept(View { kind: Kind::As(element), .. }) => *element,
            Self::Kept(View { kind: Kind::Token, .. }) => ElementType::I64,
            Self::Joined(joined) => joined.first.element(),
        }
    }

    /// All of them, where they are held.
    pub fn held(&self) -> Option<&TensorData> {
        match self {
            Self::Held(data) => Some(data),
            _ => None,
        }
    }

    /// The bytes of memory that they take.
    pub(super) fn held_bytes(&self) -> u64 {
        self.held().map_or(0, |data| (data.len() * Kind::As(data.element()).size()) as u64)
    }

    /// Whether some of them are read from a file when they are wanted.
    pub fn is_in_file(&self) -> bool {
        match self {
            Self::Held(_) => false,
            Self::Kept(view) => view.block.is_file(),
            Self::Joined(joined) => joined.first.is_in_file() || joined.second.is_in_file(),
        }
    }

    /// Those of some rows, each of `width`.
    ///
    /// # Errors
    /// Where they are kept in a file that cannot be read.
    pub fn batch(&self, rows: &[usize], width: usize) -> Result<TensorData, DataError> {
        match self {
            Self::Held(data) => Ok(data.gather(rows, width)),
            Self::Kept(view) => view.batch(rows),
            Self::Joined(joined) => {
                let Joined { first, before, second } = &**joined;
                // Rows of one and of the other may stand among one another: each run is read by itself.
                let mut all: Option<TensorData> = None;
                for rows in rows.chunk_by(|one, next| (one < before) == (next < before)) {
                    let part = match rows.first() {
                        Some(row) if row >= before => {
                            let rows: Vec<usize> = rows.iter().map(|row| row - before).collect();
                            second.batch(&rows, width)?
                        }
                        _ => first.batch(rows, width)?,
                    };
                    match &mut all {
                        None => all = Some(part),
                        Some(all) => all.append(&part),
                    }
                }
                all.map_or_else(|| first.batch(&[], width), Ok)
            }
        }
    }

    /// Hands over all of them in pieces, each with the row that it begins with, until it is broken off.
    ///
    /// # Errors
    /// Where they are kept in a file that cannot be read.
    pub fn pieces(
        &self,
        each: &mut dyn FnMut(usize, &TensorData) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, DataError> {
        match self {
            Self::Held(data) => Ok(each(0, data)),
            Self::Kept(view) => {
                let size = (view.width * view.kind.size()).max(view.block.stride());
                for rows in pieces_of(0..view.rows, size) {
                    let data = view.batch(&rows.clone().collect::<Vec<usize>>())?;
                    if each(rows.start, &data).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            }
            Self::Joined(joined) => match joined.first.pieces(each)? {
                ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                ControlFlow::Continue(()) => joined.second.pieces(&mut |row, data| each(joined.before + row, data)),
            },
        }
    }

    /// Adds the rows of another field behind these, which are `rows`.
    pub(super) fn append(&mut self, rows: usize, others: Self) {
        if let (Self::Held(data), Self::Held(more)) = (&mut *self, &others) {
            data.append(more);
            return;
        }
        let first = std::mem::replace(self, Self::Held(TensorData::U8(Vec::new())));
        *self = Self::Joined(Arc::new(Joined { first, before: rows, second: others }));
    }
}

/// Rows, so many at once that they are a piece; `size` are the bytes of one.
pub fn pieces_of(rows: Range<usize>, size: usize) -> impl Iterator<Item = Range<usize>> {
    let count = (PIECE / size.max(1)).max(1);
    let end = rows.end;
    rows.step_by(count).map(move |start| start..(start + count).min(end))
}

/// Adds the bytes of some numbers as they stand in a block.
pub(super) fn put(data: &TensorData, range: Range<usize>, bytes: &mut Vec<u8>) {
    match data {
        TensorData::F32(numbers) => bytes.extend(numbers[range].iter().flat_map(|number| number.to_le_bytes())),
        TensorData::I64(numbers) => bytes.extend(numbers[range].iter().flat_map(|number| number.to_le_bytes())),
        TensorData::U8(numbers) => bytes.extend_from_slice(&numbers[range]),
        TensorData::Bool(truths) => bytes.extend(truths[range].iter().map(|truth| u8::from(*truth))),
    }
}

/// Numbers that come piece by piece: they are held until they are too many, and then put aside.
pub(super) struct Gathering<'a> {
    held: Option<TensorData>,
    writer: Option<Writer>,
    kind: Option<Kind>,
    /// The bytes that may be held.
    most: u64,
    at: &'a Named,
}

impl<'a> Gathering<'a> {
    /// Of the file `at`.
    pub(super) fn new(most: u64, at: &'a Named) -> Self {
        Self { held: None, writer: None, kind: None, most, at }
    }

    /// Adds numbers of the kind that came before.
    pub(super) fn add(&mut self, data: TensorData) -> Result<(), Fault> {
        let kind = *self.kind.get_or_insert(Kind::As(data.element()));
        if let Some(writer) = &mut self.writer {
            return write(&data, kind, writer);
        }
        match &mut self.held {
            None => self.held = Some(data),
            Some(held) => held.append(&data),
        }
        // Growing takes as much again for a moment.
        if 2 * self.size() > self.most
            && let Some(held) = self.held.take()
        {
            write(&held, kind, self.writer.insert(Writer::create(self.at)?))?;
        }
        Ok(())
    }

    /// How many bytes are held.
    pub(super) fn size(&self) -> u64 {
        let size = self.kind.map_or(0, Kind::size);
        (self.held.as_ref().map_or(0, TensorData::len) * size) as u64
    }

    /// What was added, as rows of so many numbers.
    pub(super) fn finish(self, rows: usize, width: usize) -> Result<Numbers, Fault> {
        match (self.writer, self.kind) {
            (Some(writer), Some(kind)) => {
                let block = writer.finish(width * kind.size())?;
                Ok(Numbers::Kept(View::new(&block, rows, 0, width, kind)))
            }
            _ => Ok(Numbers::Held(self.held.unwrap_or(TensorData::F32(Vec::new())))),
        }
    }
}

/// Writes numbers, never making bytes of all of them at once.
fn write(data: &TensorData, kind: Kind, writer: &mut Writer) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    for range in pieces_of(0..data.len(), kind.size()) {
        bytes.clear();
        put(data, range, &mut bytes);
        writer.write(&bytes)?;
    }
    Ok(())
}
