//! NumPy's arrays, version 1.0 of the format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::io::{self, Write};

use ndsl_compiler::ir::ElementType;

use super::{Cells, Paper, Sheet};
use crate::tensor::TensorData;

/// The header is filled up so that the numbers begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// An NPY file.
pub(super) struct Npy {
    paper: io::BufWriter<Paper>,
}

impl Npy {
    pub(super) fn begin(element: ElementType, shape: &[usize], rows: usize, paper: Paper) -> io::Result<Self> {
        let kind = match element {
            ElementType::F32 => "<f4",
            ElementType::I64 => "<i8",
            ElementType::U8 => "|u1",
            ElementType::Bool => "|b1",
        };
        let dims: String = std::iter::once(&rows).chain(shape).map(|size| format!("{size}, ")).collect();
        let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}", dims.trim_end());
        // The magic word, the version and the header's length are 10 bytes, and the header ends in a line end.
        let whole = (10 + header.len() + 1).next_multiple_of(ALIGNMENT);
        header.push_str(&" ".repeat(whole - 10 - header.len() - 1));
        header.push('\n');
        let mut paper = io::BufWriter::new(paper);
        paper.write_all(b"\x93NUMPY\x01\x00")?;
        paper.write_all(&u16::try_from(header.len()).map_err(io::Error::other)?.to_le_bytes())?;
        paper.write_all(header.as_bytes())?;
        Ok(Self { paper })
    }
}

impl Sheet for Npy {
    fn add(&mut self, _: usize, cells: &[Cells]) -> io::Result<()> {
        for cells in cells {
            let Cells::Numbers(data) = cells else { continue };
            match data {
                TensorData::F32(numbers) => numbers.iter().try_for_each(|it| self.paper.write_all(&it.to_le_bytes())),
                TensorData::I64(numbers) => numbers.iter().try_for_each(|it| self.paper.write_all(&it.to_le_bytes())),
                TensorData::U8(numbers) => self.paper.write_all(numbers),
                TensorData::Bool(truths) => truths.iter().try_for_each(|it| self.paper.write_all(&[u8::from(*it)])),
            }?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Paper> {
        self.paper.into_inner().map_err(io::IntoInnerError::into_error)
    }
}
