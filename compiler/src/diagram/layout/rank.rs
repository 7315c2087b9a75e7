//! The rank of each box: behind everything that leads to it, and no further from what it leads to than need be.

use super::level::{Kind, Link, Slot};

/// Gives every slot its rank. Links go to later slots, but for those to where values go out.
pub fn assign(slots: &mut [Slot], links: &[Link]) {
    let head = usize::from(slots.iter().any(|slot| slot.kind == Kind::Entry));
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    for link in links {
        if slots[link.from].kind != Kind::Entry {
            into[link.to].push(link.from);
        }
        if slots[link.to].kind != Kind::Exit {
            out[link.from].push(link.to);
        }
    }
    let boxes: Vec<usize> = (0..slots.len()).filter(|at| slots[*at].kind == Kind::Box).collect();
    for at in &boxes {
        slots[*at].rank = into[*at].iter().map(|from| slots[*from].rank + 1).max().unwrap_or(head).max(head);
    }
    // What nothing leads to stands right before what needs it.
    for at in boxes.iter().rev() {
        let next = out[*at].iter().map(|to| slots[*to].rank).min();
        if let (true, Some(next)) = (into[*at].is_empty(), next) {
            slots[*at].rank = slots[*at].rank.max(next.saturating_sub(1));
        }
    }
    let last = boxes.iter().map(|at| slots[*at].rank + 1).max().unwrap_or(head);
    for slot in slots.iter_mut().filter(|slot| slot.kind == Kind::Exit) {
        slot.rank = last;
    }
}
