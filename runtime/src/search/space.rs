//! What a search chooses among, as numbers: every variable lies between 0 and 1, or is one of a list.

use ndsl_compiler::check::{Choice, Choices, Variable};

/// One choice for every variable, in their order; what stands in a choice that is not taken is its first.
pub type Point = Vec<Choice>;

/// The variables of a search.
#[derive(Clone, Debug)]
pub struct Space {
    /// They themselves.
    pub variables: Vec<Variable>,
    /// For each the variable it stands in, and the choice of that, if it stands in one.
    parents: Vec<Option<(usize, u64)>>,
}

impl Space {
    /// Of these variables.
    pub fn new(variables: Vec<Variable>) -> Self {
        let parent = |inner: &Variable| {
            let holds = |(outer, variable): (usize, &Variable)| {
                let Choices::Listed(all) = &variable.choices else { return None };
                let around = |span: &ndsl_grammar::Span| {
                    span.file == inner.span.file && span.start <= inner.span.start && inner.span.end <= span.end
                };
                let choice = all.iter().position(|(_, span, _)| around(span))?;
                Some((all[choice].1.range().len(), (outer, choice as u64)))
            };
            // The smallest that is around it is the one it stands in.
            variables.iter().enumerate().filter_map(holds).min_by_key(|(length, _)| *length).map(|(_, parent)| parent)
        };
        Self { parents: variables.iter().map(parent).collect(), variables }
    }

    /// Whether a variable means anything at a point: what stands in a choice that is not taken does not.
    pub fn is_active(&self, variable: usize, point: &Point) -> bool {
        let mut at = variable;
        // No variable stands in itself, so there are fewer steps than variables.
        for _ in 0..self.variables.len() {
            match self.parents[at] {
                Some((outer, choice)) if point[outer] == Choice::Nth(choice) => at = outer,
                Some(_) => return false,
                None => return true,
            }
        }
        true
    }

    /// The point with the first choice for what means nothing there, so that equal trials are equal points.
    pub fn settled(&self, mut point: Point) -> Point {
        for variable in 0..self.variables.len() {
            if !self.is_active(variable, &point) {
                point[variable] = self.variables[variable].choices.first();
            }
        }
        point
    }

    /// How many values of a variable there are; nothing where there is no end of them.
    pub fn count(&self, variable: usize) -> Option<u64> {
        self.variables[variable].choices.count()
    }

    /// Whether there is an end of combinations.
    pub fn is_finite(&self) -> bool {
        (0..self.variables.len()).all(|variable| self.count(variable).is_some())
    }

    /// Whether the values of a variable are in no order.
    pub fn is_listed(&self, variable: usize) -> bool {
        matches!(self.variables[variable].choices, Choices::Listed(_))
    }

    /// Where a value lies between the ends of its variable's range.
    pub fn unit(&self, variable: usize, choice: Choice) -> f64 {
        match (&self.variables[variable].choices, choice) {
            (Choices::Between { low, high, log, .. }, Choice::Number(number)) => match log {
                true => (number / low).ln() / (high / low).ln(),
                false => (number - low) / (high - low),
            },
            (choices, Choice::Nth(index)) => (index as f64 + 0.5) / choices.count().unwrap_or(1).max(1) as f64,
            (_, Choice::Number(number)) => number,
        }
    }

    /// The value that lies there.
    pub fn at(&self, variable: usize, unit: f64) -> Choice {
        let choices = &self.variables[variable].choices;
        match choices {
            Choices::Between { low, high, inclusive, log } => {
                let number = match log {
                    true => low * (high / low).powf(unit),
                    false => low + (high - low) * unit,
                };
                let last = if *inclusive { *high } else { high.next_down() };
                Choice::Number(number.clamp(*low, last.max(*low)))
            }
            _ => {
                let count = choices.count().unwrap_or(1).max(1);
                Choice::Nth(((unit * count as f64) as u64).min(count - 1))
            }
        }
    }

    /// The values of a point that mean something there, by their names, as they would be written.
    pub fn written(&self, point: &Point) -> Vec<(String, String)> {
        let variables = self.variables.iter().enumerate().filter(|(index, _)| self.is_active(*index, point));
        variables.map(|(index, variable)| (variable.name.clone(), variable.choices.written(point[index]))).collect()
    }

    /// The point of which [`Space::written`] says this; nothing where it names a value that there is not.
    pub fn read(&self, written: &[(String, String)]) -> Option<Point> {
        let mut point: Point = self.variables.iter().map(|variable| variable.choices.first()).collect();
        for (name, text) in written {
            let index = self.variables.iter().position(|variable| variable.name == *name)?;
            point[index] = self.variables[index].choices.find(text)?;
        }
        Some(self.settled(point))
    }
}
