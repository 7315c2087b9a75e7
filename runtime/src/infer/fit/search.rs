//! The least value of a function of one or two numbers: Nelder and Mead's simplex, with a bounded number of steps.

/// Steps at most.
const STEPS: usize = 120;

/// Where a simplex is no smaller than it is worth to go on.
const SMALL: f64 = 1e-7;

/// Finds numbers near `start` at which `cost` is small; what is no number costs more than anything.
pub fn least(start: &[f64], cost: &dyn Fn(&[f64]) -> f64) -> Vec<f64> {
    let cost = |at: &[f64]| {
        let found = cost(at);
        if found.is_nan() { f64::INFINITY } else { found }
    };
    let mut corners: Vec<(f64, Vec<f64>)> = vec![(cost(start), start.to_vec())];
    for axis in 0..start.len() {
        let mut corner = start.to_vec();
        corner[axis] += 0.1 * corner[axis].abs().max(1.0);
        corners.push((cost(&corner), corner));
    }
    let count = start.len();
    for _ in 0..STEPS {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (corners[0].0, corners[count].0);
        if worst - best < SMALL * best.abs().max(SMALL) {
            break;
        }
        let middle: Vec<f64> = (0..count)
            .map(|axis| corners[..count].iter().map(|(_, at)| at[axis]).sum::<f64>() / count as f64)
            .collect();
        let away = |times: f64| {
            let at: Vec<f64> =
                middle.iter().zip(&corners[count].1).map(|(middle, worst)| middle + times * (middle - worst)).collect();
            (cost(&at), at)
        };
        let reflected = away(1.0);
        let next = if reflected.0 < best {
            let further = away(2.0);
            if further.0 < reflected.0 { further } else { reflected }
        } else if reflected.0 < corners[count - 1].0 || (count == 1 && reflected.0 < worst) {
            reflected
        } else {
            away(if reflected.0 < worst { 0.5 } else { -0.5 })
        };
        if next.0 < worst {
            corners[count] = next;
            continue;
        }
        let nearest = corners[0].1.clone();
        for (found, at) in &mut corners[1..] {
            at.iter_mut().zip(&nearest).for_each(|(at, nearest)| *at = (*at + nearest) / 2.0);
            *found = cost(at);
        }
    }
    corners.sort_by(|a, b| a.0.total_cmp(&b.0));
    corners.swap_remove(0).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_a_valley_is_found() {
        let at = least(&[0.0, 0.0], &|at| (at[0] - 3.0).powi(2) + 10.0 * (at[1] + 1.0).powi(2));
        assert!((at[0] - 3.0).abs() < 1e-2 && (at[1] + 1.0).abs() < 1e-2, "{at:?}");
        let at = least(&[5.0], &|at| if at[0] < 1.0 { f64::NAN } else { at[0] });
        assert!((1.0..1.2).contains(&at[0]), "{at:?}");
    }
}
