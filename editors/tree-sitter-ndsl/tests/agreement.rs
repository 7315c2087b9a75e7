//! What ndsl's own parser reads, this grammar reads too.

#[path = "../../../grammar/tests/ebnf/generator.rs"]
mod generator;
mod reading;
#[path = "../../../grammar/tests/ebnf/rules.rs"]
mod rules;

use ndsl_grammar::FileId;
use reading::{faults, programs, read};

#[test]
fn every_program_of_the_repository_is_read() {
    let programs = programs();
    assert!(programs.len() > 100, "only {} programs were found", programs.len());
    let wrong: Vec<String> = programs
        .iter()
        .filter_map(|(path, text)| {
            let faults = faults(&read(text), text);
            (!faults.is_empty()).then(|| format!("{}\n  {}", path.display(), faults.join("\n  ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} programs:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

/// Programs drawn from docs/grammar.ebnf.
#[test]
fn what_the_rules_derive_is_read() {
    const DRAWN: u64 = 600;
    let rules = rules::Rules::read();
    let mut wrong = Vec::new();
    for seed in 0..DRAWN {
        let text = generator::Generator::new(&rules, seed).draw("file", 12 + seed as usize % 24);
        let faults = faults(&read(&text), &text);
        if !faults.is_empty() {
            wrong.push(format!("seed {seed}, {} bytes:\n{text}\n  {}", text.len(), faults.join("\n  ")));
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} of {DRAWN} programs:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n\n"));
}

/// Draws numbers; the same seed draws the same.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }
}

/// The text with one small change, as a hand that slips makes it.
fn slip(text: &str, random: &mut Random) -> String {
    let tokens = ndsl_grammar::lex(text);
    let at = random.below(tokens.len());
    let (token, other) = (tokens[at].range(), tokens[random.below(tokens.len())].range());
    let gap = at.checked_sub(1).map_or(0, |before| tokens[before].range().end)..token.start;
    let (from, to, new) = match random.below(7) {
        0 => (token.start, token.end, ""),
        1 => (token.start, token.end, &text[other]),
        2 => (token.start, token.start, &text[other]),
        3 => (gap.start, gap.end, " "),
        4 => (gap.start, gap.end, "\n"),
        5 => (gap.start, gap.end, ""),
        _ => (gap.start, gap.end, " // a // note\n"),
    };
    format!("{}{new}{}", &text[..from], &text[to..])
}

/// Real programs with a slip or two: what ndsl's parser still reads, this grammar reads; and what it refuses is mostly refused.
#[test]
fn slips_are_judged_alike() {
    // More are drawn where there is time for them.
    let each = std::env::var("NDSL_SLIPS").map_or(40, |each| each.parse().expect("a number"));
    let (mut wrong, mut refused, mut refused_here, mut accepted) = (Vec::new(), 0, 0, 0);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (path, text) in programs().iter().filter(|(_, text)| text.len() < 4000) {
        for _ in 0..each {
            let mut changed = slip(text, &mut random);
            if random.below(3) == 0 {
                changed = slip(&changed, &mut random);
            }
            let tree = read(&changed);
            if ndsl_grammar::parse(&changed, FileId(0)).errors.is_empty() {
                accepted += 1;
                let faults = faults(&tree, &changed);
                if !faults.is_empty() {
                    wrong.push(format!("{}\n  {}\n{}", path.display(), faults.join("\n  "), changed));
                }
            } else {
                refused += 1;
                refused_here += usize::from(tree.root_node().has_error());
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {accepted} texts:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    println!("{accepted} accepted; of {refused} refused ones {refused_here} are refused here");
    assert!(accepted > 1000 && refused_here * 10 > refused * 8, "{refused_here} of {refused}");
}
