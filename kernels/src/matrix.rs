//! Products of matrices, by the crate `gemm`, which is told of them by pointers; here alone, and checked before.
#![expect(unsafe_code, reason = "`gemm` takes pointers; what they reach is checked against the slices")]

/// Products of so many multiplications are worth another thread.
const PARALLEL: usize = 1 << 22;

/// A matrix that is read: rows and columns of numbers in a slice, which may overlap.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    /// From one row to the next.
    down: usize,
    /// From one column to the next.
    right: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of `columns` numbers, one behind the other.
    pub fn new(numbers: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(numbers, [rows, columns], [columns, 1])
    }

    /// By the numbers from one row, and from one column, to the next.
    ///
    /// # Panics
    /// Where the slice ends before the matrix does.
    pub fn strided(numbers: &'a [f32], [rows, columns]: [usize; 2], [down, right]: [usize; 2]) -> Self {
        let reach = last([rows, columns], [down, right]);
        assert!(reach.is_none_or(|reach| reach < numbers.len()), "{rows} by {columns} in {} numbers", numbers.len());
        Self { numbers, rows, columns, down, right }
    }

    /// The same with rows for columns.
    pub fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows, down: self.right, right: self.down, ..self }
    }
}

/// Where the last number of a matrix is; nothing where it has none.
fn last([rows, columns]: [usize; 2], [down, right]: [usize; 2]) -> Option<usize> {
    let (rows, columns) = (rows.checked_sub(1)?, columns.checked_sub(1)?);
    Some(rows.saturating_mul(down).saturating_add(columns.saturating_mul(right)))
}

/// What becomes of the numbers that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    /// The product takes their place.
    Fresh,
    /// The product is added to them.
    Sum,
}

/// Whether a product may be shared among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// Its caller is one of several.
    One,
    /// All there are, where it is large enough.
    All,
}

/// `out = scale · a b`, or added to it; the rows of `out` are `down` numbers apart.
///
/// # Panics
/// Where `a` has not as many columns as `b` has rows, or `out` is too short.
pub fn multiply(out: &mut [f32], down: usize, a: Matrix<'_>, b: Matrix<'_>, scale: f32, into: Into, threads: Threads) {
    assert_eq!(a.columns, b.rows, "a product of {} by {} and {} by {}", a.rows, a.columns, b.rows, b.columns);
    let reach = last([a.rows, b.columns], [down, 1]);
    assert!(reach.is_none_or(|reach| reach < out.len()), "{} by {} into {}", a.rows, b.columns, out.len());
    // Otherwise rows would overlap where they are written.
    assert!(down >= b.columns || a.rows <= 1, "rows of {} numbers, {down} apart", b.columns);
    let work = a.rows.saturating_mul(b.columns).saturating_mul(a.columns);
    let parallelism = match threads {
        Threads::All if work >= PARALLEL && super::threads() > 1 => gemm::Parallelism::Rayon(0),
        _ => gemm::Parallelism::None,
    };
    // SAFETY: each matrix lies within its slice, as was checked when it was made and above for `out`; `out` is borrowed exclusively,
    // so nothing that is written is read as an operand.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            out.as_mut_ptr(),
            1,
            down as isize,
            into == Into::Sum,
            a.numbers.as_ptr(),
            a.right as isize,
            a.down as isize,
            b.numbers.as_ptr(),
            b.right as isize,
            b.down as isize,
            1.0f32,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// `a b` as rows one behind the other.
pub fn product(a: Matrix<'_>, b: Matrix<'_>, threads: Threads) -> Vec<f32> {
    let mut out = vec![0.0; a.rows * b.columns];
    multiply(&mut out, b.columns, a, b, 1.0, Into::Fresh, threads);
    out
}

/// `x w + b`: a row of the outcome for each row of `x`.
pub fn affine(x: Matrix<'_>, w: Matrix<'_>, bias: Option<&[f32]>) -> Vec<f32> {
    let Some(bias) = bias else { return product(x, w, Threads::All) };
    assert_eq!(bias.len(), w.columns, "a bias of {} for {} columns", bias.len(), w.columns);
    let mut out = bias.repeat(x.rows);
    multiply(&mut out, w.columns, x, w, 1.0, Into::Sum, Threads::All);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_of_any_layout() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
        let (two_by_three, three_by_two) = (Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2));
        assert_eq!(product(two_by_three, three_by_two, Threads::All), [5.0, 11.0, 14.0, 23.0]);
        let turned = product(three_by_two.transposed(), two_by_three.transposed(), Threads::One);
        assert_eq!(turned, [5.0, 14.0, 11.0, 23.0]);
        assert_eq!(affine(two_by_three, three_by_two, Some(&[10.0, 20.0])), [15.0, 31.0, 24.0, 43.0]);
        let mut out = vec![1.0; 6];
        multiply(&mut out, 3, two_by_three, three_by_two, 0.5, Into::Sum, Threads::One);
        assert_eq!(out, [3.5, 6.5, 1.0, 8.0, 12.5, 1.0]);
    }

    #[test]
    #[should_panic(expected = "3 by 3 in 6 numbers")]
    fn a_matrix_beyond_its_numbers_is_refused() {
        Matrix::new(&[0.0; 6], 3, 3);
    }
}
