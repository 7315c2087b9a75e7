//! Arrow's format for streams and files, which Feather is too.
//!
//! A file is a stream between a magic word and a footer, so both are read as a stream, message by message. What a
//! message says of sizes is held against the bytes there are before anything is taken on its word.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_ipc::{Message, MessageHeader, RecordBatch as Described, root_as_message};
use arrow_schema::ArrowError;

use super::super::error::Fault;
use super::super::files::Opened;
use super::super::guard::guarded;
use super::super::sink::Sink;
use super::Reader;
use super::batches::{self, Leaf, SharedSchema};
use crate::memory;

const NOUN: &str = "Arrow file";

/// What a file begins and ends with; a stream has neither.
const MAGIC: &[u8; 6] = b"ARROW1";

/// What comes before the length of a message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// An Arrow file, of which the schema was read.
pub(crate) struct Arrow {
    messages: Messages,
    schema: SharedSchema,
    columns: Vec<String>,
    leaves: Vec<Leaf>,
}

impl Arrow {
    /// Reads the schema.
    pub(super) fn open(file: Opened) -> Result<Self, Fault> {
        let mut messages = Messages::open(file)?;
        let Some(first) = messages.next()? else { return Err(form("it has no schema")) };
        let message = first.message()?;
        let schema = message.header_as_schema().ok_or_else(|| form("it does not begin with its schema"))?;
        if !schema.endianness().equals_to_target_endianness() {
            return Err(form("its numbers are of the other byte order"));
        }
        let schema = Arc::new(try_fb_to_schema(schema).map_err(arrow)?);
        let (columns, leaves) = batches::leaves(&schema, NOUN)?;
        Ok(Self { messages, schema, columns, leaves })
    }

    fn read<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        let (roots, placed) = batches::projected(wanted, &self.leaves);
        let mut dictionaries: HashMap<i64, ArrayRef> = HashMap::new();
        let mut before = 0;
        while let Some(part) = self.messages.next()? {
            let message = part.message()?;
            let version = message.version();
            match message.header_type() {
                MessageHeader::DictionaryBatch => {
                    let batch = message.header_as_dictionary_batch().ok_or_else(|| form("a dictionary is damaged"))?;
                    batch.data().map_or(Ok(()), |data| believable(data, &part.body))?;
                    read_dictionary(&part.body, batch, &self.schema, &mut dictionaries, &version).map_err(arrow)?;
                }
                MessageHeader::RecordBatch => {
                    let batch = message.header_as_record_batch().ok_or_else(|| form("a batch is damaged"))?;
                    believable(batch, &part.body)?;
                    let (schema, roots) = (self.schema.clone(), Some(roots.as_slice()));
                    let batch = read_record_batch(&part.body, batch, schema, &dictionaries, roots, &version);
                    let batch = batch.map_err(arrow)?;
                    if !batches::rows(&batch, &placed, before, sink)? {
                        break;
                    }
                    before += batch.num_rows() as u64;
                }
                other => return Err(form(format!("it has a message of another kind: {other:?}"))),
            }
        }
        Ok(())
    }
}

impl Reader for Arrow {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        guarded(NOUN, || self.read(wanted, sink))
    }
}

/// The messages of a stream.
struct Messages {
    reader: BufReader<Opened>,
    /// The bytes that are left.
    left: u64,
    /// Whether it is a file, whose messages end with a mark.
    is_file: bool,
    ended: bool,
}

/// A message: what it is, and its numbers.
struct Part {
    metadata: Vec<u8>,
    body: Buffer,
}

impl Part {
    fn message(&self) -> Result<Message<'_>, Fault> {
        root_as_message(&self.metadata).map_err(|error| form(format!("a message is damaged: {error}")))
    }
}

impl Messages {
    fn open(file: Opened) -> Result<Self, Fault> {
        let length = file.len();
        if length == 0 {
            return Err(Fault::Empty);
        }
        let mut messages =
            Self { reader: BufReader::with_capacity(1 << 16, file), left: length, is_file: false, ended: false };
        let mut start = [0; 6];
        if length >= 6 {
            std::io::BufRead::fill_buf(&mut messages.reader).map_err(Fault::io)?;
            start.copy_from_slice(&messages.reader.buffer()[..6]);
        }
        if start == *MAGIC {
            messages.is_file = true;
            messages.take(&mut [0; 8])?;
            messages.check_end(length)?;
            // Some writers begin the first message at a multiple of 64 bytes.
            while messages.left >= 8 && messages.next_is_zero()? && length - messages.left < 64 {
                messages.take(&mut [0; 8])?;
            }
        }
        Ok(messages)
    }

    /// Whether the next eight bytes are zeros.
    fn next_is_zero(&mut self) -> Result<bool, Fault> {
        let next = std::io::BufRead::fill_buf(&mut self.reader).map_err(Fault::io)?;
        Ok(next.get(..8) == Some(&[0; 8]))
    }

    /// Fails unless a file ends as files do: what was cut is found here.
    fn check_end(&mut self, length: u64) -> Result<(), Fault> {
        let mut end = [0; 6];
        let file = self.reader.get_ref();
        file.read_at(&mut end, length.saturating_sub(6)).map_err(Fault::io)?;
        if end == *MAGIC { Ok(()) } else { Err(form("it ends before its footer")) }
    }

    fn take(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| form("it ends within a message"))?;
        self.reader.read_exact(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Fault::Changed,
            _ => Fault::io(error),
        })
    }

    /// So many bytes, where the file has them.
    fn block(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        if length > self.left {
            return Err(form("it ends within a message"));
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| form("a message is too long"))?];
        self.take(&mut bytes)?;
        Ok(bytes)
    }

    /// The next message; nothing at the end.
    fn next(&mut self) -> Result<Option<Part>, Fault> {
        if self.ended || (self.left == 0 && !self.is_file) {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.take(&mut length)?;
        if length == CONTINUATION {
            self.take(&mut length)?;
        }
        if length == [0; 4] {
            self.ended = true;
            return Ok(None);
        }
        let length = u64::try_from(i32::from_le_bytes(length)).map_err(|_| form("a message has no length"))?;
        let metadata = self.block(length)?;
        let mut part = Part { metadata, body: Buffer::from(Vec::<u8>::new()) };
        let length = u64::try_from(part.message()?.bodyLength()).map_err(|_| form("a message has no length"))?;
        part.body = Buffer::from(self.block(length)?);
        Ok(Some(part))
    }
}

/// Fails where a batch says that its numbers unpack to more than memory holds, or stand outside of it.
fn believable(batch: Described<'_>, body: &Buffer) -> Result<(), Fault> {
    let room = memory::available().unwrap_or(u64::MAX);
    let packed = batch.compression().is_some();
    let mut unpacked = 0u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let range = usize::try_from(buffer.offset()).ok().zip(usize::try_from(buffer.length()).ok());
        let bytes = range.and_then(|(start, length)| body.get(start..start.checked_add(length)?));
        let bytes = bytes.ok_or_else(|| form("a batch's numbers stand outside of it"))?;
        if let (true, Some(Ok(length))) = (packed, bytes.get(..8).map(<[u8; 8]>::try_from)) {
            // -1 says that this buffer is not packed.
            unpacked = unpacked.saturating_add(u64::try_from(i64::from_le_bytes(length)).unwrap_or_default());
        }
    }
    let rows = u64::try_from(batch.length()).map_err(|_| form("a batch has no length"))?;
    match unpacked > room / 2 {
        true => Err(Fault::TooLarge { rows: usize::try_from(rows).unwrap_or(usize::MAX), room }),
        false => Ok(()),
    }
}

fn arrow(error: ArrowError) -> Fault {
    form(error.to_string())
}

fn form(reason: impl Into<String>) -> Fault {
    Fault::Form { noun: NOUN, reason: reason.into() }
}
