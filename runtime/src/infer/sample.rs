//! Some of a column's numbers, each as likely to be among them: Li's algorithm L, which draws only for those that it takes.

/// How many are kept.
pub const SIZE: usize = 1 << 15;

/// A sample that is the same in every run.
#[derive(Debug)]
pub struct Sample {
    numbers: Vec<f64>,
    /// How many go by before the next is taken.
    skip: u64,
    weight: f64,
    state: u64,
}

impl Default for Sample {
    fn default() -> Self {
        let mut sample = Self { numbers: Vec::new(), skip: 0, weight: 1.0, state: 0x5eed };
        sample.next_skip();
        sample
    }
}

impl Sample {
    /// Takes a number that comes `count` times, or passes it over.
    #[inline]
    pub fn add(&mut self, number: f64, mut count: u64) {
        while self.numbers.len() < SIZE && count > 0 {
            self.numbers.push(number);
            count -= 1;
        }
        while count > 0 {
            if self.skip >= count {
                self.skip -= count;
                return;
            }
            count -= self.skip + 1;
            let place = (self.even() * SIZE as f64) as usize;
            self.numbers[place.min(SIZE - 1)] = number;
            self.next_skip();
        }
    }

    fn next_skip(&mut self) {
        self.weight *= (self.even().ln() / SIZE as f64).exp();
        self.skip = (self.even().ln() / (-self.weight).ln_1p()).floor() as u64;
    }

    /// The next even number, above 0 and below 1 (splitmix64).
    fn even(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1.0 / (1u64 << 54) as f64
    }

    /// The number that half of them do not pass; 0 where there are none.
    pub fn middle(mut self) -> f64 {
        let middle = self.numbers.len() / 2;
        match self.numbers.is_empty() {
            true => 0.0,
            false => *self.numbers.select_nth_unstable_by(middle, f64::total_cmp).1,
        }
    }

    /// The numbers in rising order, each once with how often it is among them.
    pub fn points(mut self) -> Vec<(f64, u64)> {
        self.numbers.sort_unstable_by(f64::total_cmp);
        let mut points: Vec<(f64, u64)> = Vec::new();
        for number in self.numbers {
            match points.last_mut() {
                Some((last, count)) if *last == number => *count += 1,
                _ => points.push((number, 1)),
            }
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_as_likely_to_be_kept() {
        let mut sample = Sample::default();
        (0..1_000_000u32).for_each(|number| sample.add(f64::from(number), 1));
        let numbers = sample.numbers;
        assert_eq!(numbers.len(), SIZE);
        let mean = numbers.iter().sum::<f64>() / SIZE as f64;
        assert!((mean - 500_000.0).abs() < 5_000.0, "{mean}");
    }

    #[test]
    fn a_number_may_come_many_times_at_once() {
        let mut sample = Sample::default();
        sample.add(1.0, 10_000_000);
        sample.add(2.0, 30_000_000);
        let points = sample.points();
        let share = points[0].1 as f64 / SIZE as f64;
        assert!(points.len() == 2 && (share - 0.25).abs() < 0.01, "{points:?}");
    }
}
