//! How the city of each line of runs does, day by day.

use crate::Error;
use crate::design::Lines;
use crate::story::quantile;
use prodos_record::{Folder, Table};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

const CITY: &str = "series/city.parquet";
/// Runs of a line that are held at most: the first ones.
const MOST: usize = 2_000;

/// The city on the recorded days.
#[derive(Default)]
pub(super) struct Course {
    /// Recorded days, rising.
    pub(super) days: Vec<f64>,
    /// A line each.
    pub(super) lines: Vec<Line>,
    /// Runs that end before others; they stay where they were on their last day.
    pub(super) ended_early: usize,
}

/// The runs of a line, day by day.
#[derive(Default)]
pub(super) struct Line {
    /// Runs that are drawn of it.
    pub(super) drawn: usize,
    pub(super) output: Band,
    pub(super) margin: Band,
    /// Share of its runs whose city is in phase 0.
    pub(super) broken: Vec<f64>,
}

/// Median and the middle 90 %, day by day.
#[derive(Default)]
pub(super) struct Band {
    pub(super) low: Vec<f64>,
    pub(super) middle: Vec<f64>,
    pub(super) high: Vec<f64>,
}

/// What is read of a day: output over output at rest, margin, phase.
type Cells = [Vec<f64>; 3];

/// Takes in what a run is on a day, as far as it is known.
fn take(cells: &mut Cells, values: [f64; 3]) {
    for (cells, value) in cells.iter_mut().zip(values) {
        if value.is_finite() {
            cells.push(value);
        }
    }
}

/// Reads the city of all runs; there is nothing where no day of it was recorded.
pub(super) fn read(folder: &Folder, runs: &[i64], lines: &Lines) -> Result<Course, Error> {
    if !folder.has(CITY) {
        return Ok(Course::default());
    }
    let mut drawn = vec![0; lines.names.len()];
    let mut line_of: HashMap<i64, usize> = HashMap::new();
    for (run, line) in runs.iter().zip(&lines.of_run) {
        if let Some(count) = drawn.get_mut(*line)
            && *count < MOST
        {
            *count += 1;
            line_of.insert(*run, *line);
        }
    }
    let columns = [
        "run_id",
        "day",
        "output",
        "output_at_rest",
        "margin",
        "phase",
    ];
    let mut days: BTreeMap<u64, Vec<Cells>> = BTreeMap::new();
    let mut last: HashMap<i64, (u64, [f64; 3])> = HashMap::new();
    for batch in Table::batches(&folder.path().join(CITY), |name| columns.contains(&name))? {
        let table = batch?;
        let number = |name| table.floats(name).map_err(Error::table(CITY));
        let (day, output, rest) = (number("day")?, number("output")?, number("output_at_rest")?);
        let (margin, phase) = (number("margin")?, number("phase")?);
        let run = table.integers("run_id").map_err(Error::table(CITY))?;
        for row in 0..table.rows() {
            let Some(&line) = line_of.get(&run[row]) else {
                continue;
            };
            if day[row].is_nan() || day[row] < 0.0 {
                continue;
            }
            // Days are not negative, and the bits of such numbers are in their order.
            let all = days.entry(day[row].to_bits()).or_default();
            all.resize_with(lines.names.len(), Cells::default);
            let relative = if rest[row] > 0.0 {
                output[row] / rest[row]
            } else {
                f64::NAN
            };
            let values = [relative, margin[row], phase[row]];
            take(&mut all[line], values);
            last.insert(run[row], (day[row].to_bits(), values));
        }
    }
    let end = days.keys().next_back().copied().unwrap_or(0);
    let ended: Vec<_> = last.iter().filter(|(_, (day, _))| *day < end).collect();
    for (run, (day, values)) in &ended {
        for all in days.range_mut((Bound::Excluded(*day), Bound::Unbounded)) {
            take(&mut all.1[line_of[*run]], *values);
        }
    }
    let mut course = Course {
        ended_early: ended.len(),
        days: days.keys().map(|bits| f64::from_bits(*bits)).collect(),
        lines: drawn
            .into_iter()
            .map(|drawn| Line {
                drawn,
                ..Line::default()
            })
            .collect(),
    };
    for all in days.into_values() {
        for (line, [output, margin, phase]) in course.lines.iter_mut().zip(all) {
            line.output.push(output);
            line.margin.push(margin);
            let broken = phase.iter().filter(|phase| **phase < 0.5).count();
            line.broken.push(broken as f64 / phase.len() as f64);
        }
    }
    Ok(course)
}

impl Band {
    fn push(&mut self, mut values: Vec<f64>) {
        let mut at = |share| {
            if values.is_empty() {
                f64::NAN
            } else {
                quantile(&mut values, share)
            }
        };
        self.low.push(at(0.05));
        self.middle.push(at(0.5));
        self.high.push(at(0.95));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::design::Lines;
    use prodos_record::{Cell, Column, Draft, Existing, Manifest, Table};

    #[test]
    fn a_run_that_ends_early_counts_as_on_its_last_day() {
        let names = ["day", "output", "output_at_rest", "margin", "phase"];
        let floats = names.map(|name| Column::float(name, "", ""));
        let mut city =
            Table::new([vec![Column::integer("run_id", "id", "")], floats.into()].concat());
        for run in 0..4 {
            // Two break down and are ended on day 1; two stay whole.
            let broken = run < 2;
            for day in 0..if broken { 2 } else { 4 } {
                let output = if broken && day > 0 { 0.25 } else { 1.0 };
                let phase = if broken && day > 0 { 0.0 } else { 3.0 };
                let cells = [f64::from(day), output, 1.0, 0.5, phase];
                city.push_row(&[Cell::Integer(run)], cells);
            }
        }
        let outputs = tempfile::tempdir().expect("a folder");
        let draft = Draft::create(outputs.path(), "ended").expect("it can be made");
        let file = draft.file("series/city.parquet").expect("it has a place");
        city.write_parquet(&file).expect("it can be written");
        draft.seal(Manifest::default()).expect("it can be sealed");
        let folder = draft.publish(Existing::Refuse).expect("it has a place");
        let lines = Lines {
            names: vec![String::new()],
            of_run: vec![0; 4],
        };
        let course = read(&folder, &[0, 1, 2, 3], &lines).expect("it can be read");
        assert_eq!(course.ended_early, 2);
        let line = &course.lines[0];
        assert_eq!(line.broken, [0.0, 0.5, 0.5, 0.5]);
        assert_eq!(line.output.low[3], line.output.low[1]);
    }
}
