//! A text drawn from an expression as it is written.

use super::node::Node;
use crate::random::Draws;

/// Where a part may be repeated at most so many times more than it must, each number is as likely.
const EVENLY: u32 = 32;

/// Where it may be repeated more often, one more follows this often in 256.
const ONE_MORE: u64 = 200;

/// After so many characters more than a text must have, it is brought to an end by the shortest way.
const ENOUGH: u64 = 1000;

/// Writes a text that matches.
pub(super) fn write(node: &Node, draws: &mut Draws, out: &mut String) {
    let enough = out.len() + (2 * node.lengths().0 + ENOUGH) as usize;
    write_node(node, draws, enough, out);
}

fn write_node(node: &Node, draws: &mut Draws, enough: usize, out: &mut String) {
    match node {
        Node::Text(text) => out.push_str(text),
        Node::Class(characters) => out.push(characters.at(draws.below(characters.count()))),
        Node::Look(_) => {}
        Node::Row(parts) => parts.iter().for_each(|part| write_node(part, draws, enough, out)),
        Node::Either(parts) => {
            let drawn = draws.below(parts.len() as u64) as usize;
            let shortest = || (0..parts.len()).min_by_key(|at| parts[*at].lengths().0).unwrap_or_default();
            // One that is very long by itself is left out, where there is a shorter one.
            let long = parts[drawn].lengths().0 > super::MAX_LENGTH;
            let chosen = if long || out.len() >= enough { shortest() } else { drawn };
            write_node(&parts[chosen], draws, enough, out);
        }
        Node::Repeat { node, least, most, .. } => {
            let more = match most {
                Some(most) if most - least <= EVENLY => draws.below(u64::from(most - least) + 1),
                _ => {
                    let room = u64::from(most.unwrap_or(u32::MAX) - least);
                    let mut more = 0;
                    while more < room && draws.below(256) < ONE_MORE {
                        more += 1;
                    }
                    more
                }
            };
            (0..*least).for_each(|_| write_node(node, draws, enough, out));
            for _ in 0..more {
                if out.len() >= enough {
                    break;
                }
                write_node(node, draws, enough, out);
            }
        }
    }
}
