//! Where a text is to end.

/// Texts at which a text that comes in pieces ends, wherever the pieces are cut. What may be the beginning of one is held back until it is known.
#[derive(Clone, Debug, Default)]
pub struct Stops {
    all: Vec<String>,
    held: String,
}

impl Stops {
    /// Ends at any of these; empty ones are none.
    pub fn new(all: impl IntoIterator<Item = String>) -> Self {
        Self { all: all.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// Adds a piece: the text that is certain now, and where the text ends with it, at which of them. It is not in the text.
    pub fn add(&mut self, piece: &str) -> (String, Option<String>) {
        self.held.push_str(piece);
        let first = self.all.iter().filter_map(|stop| Some((self.held.find(stop.as_str())?, stop))).min();
        if let Some((at, stop)) = first {
            let stop = stop.clone();
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), Some(stop));
        }
        let certain = self.held.len() - self.begun();
        let rest = self.held.split_off(certain);
        (std::mem::replace(&mut self.held, rest), None)
    }

    /// What was held back, as nothing more comes.
    pub fn end(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// How many bytes at the end may be the beginning of one.
    fn begun(&self) -> usize {
        let begun = |stop: &String| {
            let longest = (stop.len() - 1).min(self.held.len());
            (1..=longest).rev().find(|length| self.held.as_bytes().ends_with(&stop.as_bytes()[..*length]))
        };
        self.all.iter().filter_map(begun).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stops(all: &[&str]) -> Stops {
        Stops::new(all.iter().map(|stop| (*stop).to_owned()))
    }

    #[test]
    fn an_end_may_be_cut_anywhere() {
        let mut ends = stops(&["\n\n", "END"]);
        assert_eq!(ends.add("one\n"), ("one".to_owned(), None));
        assert_eq!(ends.add("two E"), ("\ntwo ".to_owned(), None));
        assert_eq!(ends.add("N"), (String::new(), None));
        assert_eq!(ends.add("!"), ("EN!".to_owned(), None));
        assert_eq!(ends.add("\n"), (String::new(), None));
        assert_eq!(ends.add("\nmore"), (String::new(), Some("\n\n".to_owned())));
    }

    #[test]
    fn letters_of_several_bytes_are_whole() {
        let mut ends = stops(&["éà", ""]);
        assert_eq!(ends.add("aé"), ("a".to_owned(), None));
        assert_eq!(ends.add("è"), ("éè".to_owned(), None));
        assert_eq!(ends.add("xé"), ("x".to_owned(), None));
        assert_eq!(ends.end(), "é");
        assert_eq!(stops(&[]).add("abc"), ("abc".to_owned(), None));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(pieces in prop::collection::vec("[abé]{0,4}", 0..8), stop in "[abé]{1,3}") {
            let text = pieces.concat();
            let mut ends = stops(&[&stop]);
            let mut out = String::new();
            let mut stopped = false;
            for piece in &pieces {
                let (certain, end) = ends.add(piece);
                out += &certain;
                stopped = end.is_some();
                if stopped {
                    break;
                }
            }
            if !stopped {
                out += &ends.end();
            }
            prop_assert_eq!(out.as_str(), text.split(stop.as_str()).next().unwrap());
            prop_assert_eq!(stopped, text.contains(&stop));
        }
    }
}
