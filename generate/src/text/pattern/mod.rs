//! Texts that match a regular expression.
//!
//! Where they may be any, they are drawn from the expression as it is written (`draw`): every alternative, a modest number of
//! repetitions. Where they must differ or have a length, the expression becomes an automaton that reads each text in one way alone
//! (`automaton`), whose texts can be counted and numbered (`walk`), however many ways the expression has to write one.

mod automaton;
mod draw;
mod node;
mod walk;

use regex_syntax::hir::Hir;

use super::{Impossible, TextMaker, Texts, Wanted};
use crate::random::Stream;
use crate::rows::Rows;
use automaton::Automaton;
use node::{Alphabet, Node};
use walk::Walk;

/// As many characters every text may have at least.
const MAX_LENGTH: u64 = 65_536;

/// Makes texts that match.
pub(super) fn maker(hir: &Hir, wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let node = Node::read(hir, Alphabet::Printable).ok_or(Impossible::Unmatched)?;
    let (least, most) = node.lengths();
    if least > MAX_LENGTH {
        return Err(Impossible::Long { least, most: MAX_LENGTH });
    }
    let within =
        |min: u64, max: Option<u64>| min <= least && max.is_none_or(|max| most.is_some_and(|most| most <= max));
    let any_length = wanted.length.is_none_or(|length| within(length.min, length.max));
    if wanted.unique.is_none() && any_length && !node.looks() {
        return Ok(Box::new(Drawn { node, own: wanted.own() }));
    }
    let walk = |alphabet| {
        let node = Node::read(hir, alphabet).ok_or(Impossible::Unmatched)?;
        Walk::new(Automaton::new(&node)?, wanted.length, wanted.unique, wanted.own())
    };
    // Letters of other scripts only where the pattern needs them to differ.
    let made = walk(Alphabet::Printable).or_else(|why| match why {
        Impossible::Few { .. } | Impossible::Length { .. } => walk(Alphabet::Whole),
        _ => Err(why),
    });
    Ok(Box::new(made?))
}

/// Each row's own text, drawn from the expression.
struct Drawn {
    node: Node,
    own: Stream,
}

impl TextMaker for Drawn {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            draw::write(&self.node, &mut self.own.draws(row), out.open());
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        None
    }
}
