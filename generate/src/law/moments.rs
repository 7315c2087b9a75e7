//! How moments lie in time, in seconds from 1970: measured between two of them, since time has no end.

use std::f64::consts::TAU;

use libm::{cos, sin};

use super::inverse::solve;

const DAY: f64 = 86_400.0;
const WEEK: f64 = 7.0 * DAY;

/// 1970-01-01 was a Thursday; the Monday before it.
const MONDAY: f64 = -3.0 * DAY;

/// More come around one part of a period.
#[derive(Clone, Debug)]
pub struct Season {
    /// A moment at which most come.
    pub peak: f64,
    /// How long it takes to come round, in seconds.
    pub period: f64,
    /// From 0, always as many, to 1, none half a period away.
    pub strength: f64,
}

impl Season {
    /// How many come before `t`, where one a second comes on average.
    pub fn before(&self, t: f64) -> f64 {
        let turn = TAU / self.period;
        t + self.strength / turn * sin(turn * self.within(t - self.peak))
    }

    /// The moment before which so many come.
    pub fn at(&self, count: f64) -> f64 {
        let turn = TAU / self.period;
        let slope = |t: f64| (self.before(t), 1.0 + self.strength * cos(turn * self.within(t - self.peak)));
        let reach = self.period / 4.0;
        solve(count, count, count - reach, count + reach, slope)
    }

    /// The part of a period, so that a sine is not taken of a large number.
    fn within(&self, t: f64) -> f64 {
        t - (t / self.period).floor() * self.period
    }
}

/// Moments from Monday to Friday between two times of day, or only those times of day.
#[derive(Clone, Debug)]
pub struct Hours {
    /// Seconds from midnight at which the day begins.
    pub open: f64,
    /// Seconds from midnight at which it ends; more than `open`.
    pub close: f64,
    /// Whether Saturdays and Sundays are days off: not for times of day alone.
    pub weekends_off: bool,
    /// Whether it is the rest of time that is meant.
    pub outside: bool,
}

impl Hours {
    fn period(&self) -> (f64, f64, f64) {
        if self.weekends_off { (MONDAY, WEEK, 5.0) } else { (0.0, DAY, 1.0) }
    }

    /// How many of these seconds are before `t`.
    pub fn before(&self, t: f64) -> f64 {
        let (start, period, days) = self.period();
        let periods = ((t - start) / period).floor();
        let rest = t - start - periods * period;
        let day = (rest / DAY).floor();
        let span = self.close - self.open;
        let today = if day < days { (rest - day * DAY).clamp(self.open, self.close) - self.open } else { 0.0 };
        let open = (periods * days + day.min(days)) * span + today;
        if self.outside { t - start - open } else { open }
    }

    /// The moment before which so many of these seconds are.
    pub fn at(&self, count: f64) -> f64 {
        let (start, period, days) = self.period();
        let span = self.close - self.open;
        if self.outside {
            return self.at_outside(count, start, period, days);
        }
        let periods = (count / (days * span)).floor();
        let rest = count - periods * days * span;
        let day = (rest / span).floor().min(days - 1.0);
        start + periods * period + day * DAY + self.open + (rest - day * span)
    }

    fn at_outside(&self, count: f64, start: f64, period: f64, days: f64) -> f64 {
        let shut = DAY - (self.close - self.open);
        let all = days * shut + (period - days * DAY);
        let periods = (count / all).floor();
        let rest = count - periods * all;
        let day = (rest / shut).floor().min(days);
        let today = rest - day * shut;
        // A day's seconds before it opens, then those after it closes; at the weekend all of them.
        let within = if day < days && today >= self.open { today + (self.close - self.open) } else { today };
        start + periods * period + day * DAY + within
    }
}
