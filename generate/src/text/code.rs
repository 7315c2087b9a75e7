//! Identifiers: UUIDs, addresses of the internet protocol and currencies.

use super::choose::{Choose, Number, Shares};
use super::digits::push_number;
use super::form::{self, Form};
use super::{Impossible, TextMaker, Wanted};
use crate::random::Stream;

/// Makes what is known by a code.
pub(super) fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let (own, length, unique) = (wanted.own(), wanted.length, wanted.unique);
    match wanted.kind.signature.name {
        "uuid" => form::maker(Uuid(own), own, length, unique),
        "ip" => form::maker(Ip(own), own, length, unique),
        _ => form::maker(Currency::new(own), own, length, unique),
    }
}

/// `00` to `ff`, one after another.
static HEX: [u8; 512] = hex();

const fn hex() -> [u8; 512] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut all = [0; 512];
    let mut byte = 0;
    while byte < 256 {
        all[byte * 2] = DIGITS[byte >> 4];
        all[byte * 2 + 1] = DIGITS[byte & 15];
        byte += 1;
    }
    all
}

/// UUIDs of version 4 (RFC 9562). A stream gives each row another 64 bits, and all of them are written, beside 58 that may be any: so no
/// two rows have the same.
struct Uuid(Stream);

impl Uuid {
    #[inline(always)]
    fn write(stream: Stream, row: u64, out: &mut String) {
        let (own, any) = (stream.word(row), stream.lane(0).word(row));
        let high = (own & !0xf000) | 0x4000;
        let low = 0x8000_0000_0000_0000 | ((own & 0xf000) << 46) | (any >> 6);
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        let mut text = [b'-'; 36];
        for (byte, at) in bytes.iter().zip([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]) {
            let digits = usize::from(*byte) * 2;
            text[at..at + 2].copy_from_slice(&HEX[digits..digits + 2]);
        }
        out.push_str(str::from_utf8(&text).unwrap_or_default());
    }
}

impl Form for Uuid {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let stream = if again == 0 { self.0 } else { self.0.lane(again) };
        Self::write(stream, row, out);
    }

    #[inline(always)]
    fn numbered(&self, row: u64, _: u64, out: &mut String) {
        Self::write(self.0, row, out);
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        (36, 36)
    }
}

/// Addresses that machines on the internet have: none that is private, kept for a use or not given out.
struct Ip(Stream);

/// The first numbers under which everything is given out.
static FIRST: [u8; 216] = first();

const fn first() -> [u8; 216] {
    let mut all = [0; 216];
    let (mut count, mut number) = (0, 1);
    while number < 224 {
        if !matches!(number, 10 | 100 | 127 | 169 | 172 | 192 | 198) {
            all[count] = number;
            count += 1;
        }
        number += 1;
    }
    all
}

impl Ip {
    #[inline(always)]
    fn write(choose: &mut impl Choose, out: &mut String) {
        push_number(out, FIRST[choose.below(FIRST.len() as u64) as usize].into());
        out.push('.');
        push_number(out, choose.below(256));
        out.push('.');
        push_number(out, choose.below(256));
        out.push('.');
        push_number(out, 1 + choose.below(254));
    }
}

impl Form for Ip {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        Self::write(&mut self.0.lane(again).draws(row), out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        Self::write(&mut Number { rest: number }, out);
    }

    fn count(&self) -> Option<u64> {
        Some(FIRST.len() as u64 * 256 * 256 * 254)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        (7, 15)
    }
}

/// Currencies by how much is traded in them.
struct Currency {
    own: Stream,
    codes: Vec<&'static str>,
    shares: Shares,
}

impl Currency {
    fn new(own: Stream) -> Self {
        let lines = include_str!("data/currencies.tsv").lines().filter_map(|line| line.split_once('\t'));
        let (codes, weights): (_, Vec<u32>) =
            lines.filter_map(|(code, weight)| Some((code, weight.parse::<u32>().ok()?))).unzip();
        Self { own, codes, shares: Shares::new(&weights) }
    }
}

impl Form for Currency {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        out.push_str(self.codes[self.own.lane(again).draws(row).pick(&self.shares)]);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        out.push_str(self.codes[number as usize % self.codes.len()]);
    }

    fn count(&self) -> Option<u64> {
        Some(self.codes.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        (3, 3)
    }
}
