//! The end of a sweep: its chunks, and what was finished before, become the tables of the result folder.

use crate::conduct::describe;
use crate::sweep::against::comparisons;
use crate::sweep::place::ALL;
use crate::sweep::tables::Summary;
use crate::sweep::work::{SUMMARY, stretches};
use crate::sweep::{Chunk, EXPERIMENT, Error, Row, Sweep};
use prodos_record::{Folder, Manifest, ParquetWriter, ROWS_A_GROUP, Spreadsheets, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Tables of a chunk, and where they are in a result folder.
const TABLES: [(&str, &str); 6] = [
    (SUMMARY, SUMMARY),
    ("city.parquet", "series/city.parquet"),
    ("sectors.parquet", "series/sectors.parquet"),
    ("teams.parquet", "series/teams.parquet"),
    ("operators.parquet", "series/operators.parquet"),
    ("events.parquet", "events.parquet"),
];

/// Puts the tables of a sweep together in its result folder, some as CSV as well. `manifest` is what it says of program
/// and host.
///
/// Fails where a run is not there. Whoever is killed on the way leaves a sweep that can be finished again.
pub fn finish(
    sweep: &Sweep,
    spreadsheets: Spreadsheets,
    manifest: Manifest,
) -> Result<Folder, Error> {
    let place = sweep.place();
    let alone = place.lock(ALL, false)?;
    sweep.is_still()?;
    let mut timed_out = sweep.kept(|manifest| &manifest.timed_out);
    let left_out = all_there(sweep)?;
    let next = place.next(&sweep.note);
    let ready = next.join("manifest.json");
    if !ready.is_file() {
        let _ = fs::remove_dir_all(&next);
        let written = write_tables(sweep, &next, &left_out)?;
        compare_policies(sweep, &next)?;
        spreadsheets.write(&next)?;
        prodos_record::write_whole(&next.join(EXPERIMENT), |out| {
            out.write_all(sweep.note.experiment.as_bytes())
        })?;
        // One that was tried again and is late has the row it had before.
        let late = left_out.into_iter();
        timed_out.extend(late.filter(|(run, _)| !written.late_with_row.contains(run)));
        let manifest = Manifest {
            points: sweep.plan().points.len() as u64,
            replicates: sweep.experiment().replicates.into(),
            runs: written.runs,
            failures: written.failures,
            imprecise: written.imprecise,
            timed_out,
            parent: parent(sweep),
            audited: sweep.note.audit,
            build: sweep.note.build.clone(),
            stretches: [earlier(sweep), stretches(sweep)].concat(),
            ..describe(sweep.experiment(), manifest)
        };
        Folder::seal(&next, manifest)?;
    }
    place.put_in_place(&sweep.note, alone)?;
    Ok(Folder::open(sweep.folder())?)
}

/// What runs of a world go on from.
fn parent(sweep: &Sweep) -> String {
    let variants = sweep.plan.points.len() > sweep.worlds.last().map_or(0, |last| last + 1);
    let day = sweep.experiment.branch_at;
    if day == 0 && !variants {
        return String::new();
    }
    format!("day {day} of the experiment as it stands, of the same point and replicate")
}

/// Writes how policies differ, where the design has several.
fn compare_policies(sweep: &Sweep, next: &Path) -> Result<(), Error> {
    let mut blocks = sweep.experiment.design.iter();
    if blocks.all(|block| block.policies.len() < 2) {
        return Ok(());
    }
    let is_wanted = |name: &str| {
        matches!(name, "run_id" | "replicate") || crate::outcomes::sense(name).is_some()
    };
    let summary = Table::read_parquet_columns(&next.join(SUMMARY), is_wanted)?;
    let comparisons = comparisons(&sweep.experiment, &sweep.plan, &summary)?;
    let table = crate::compare::table(&comparisons);
    table.write_parquet(&next.join("differences.parquet"))?;
    Ok(())
}

/// Stretches of what was finished before.
fn earlier(sweep: &Sweep) -> Vec<prodos_record::Stretch> {
    let base = sweep.base.as_ref();
    base.map_or_else(Vec::new, |base| base.manifest().stretches.clone())
}

/// That every chunk is there and as it was written; gives the runs that took too long.
fn all_there(sweep: &Sweep) -> Result<BTreeMap<i64, String>, Error> {
    let chunks = sweep.chunks();
    let there = chunks.names()?;
    let layout = sweep.layout();
    let lacking = || layout.iter().filter(|own| !there.contains(&own.name));
    let missing: usize = lacking().map(|own| own.rows.len()).sum();
    if let Some(first) = lacking().next() {
        return Err(Error::Missing {
            path: sweep.folder().to_owned(),
            missing,
            of: sweep.rows.len(),
            first: first.rows[0].run_id(),
        });
    }
    let mut left_out = BTreeMap::new();
    for chunk in &layout {
        left_out.append(&mut chunks.verify(&chunk.name)?.left_out);
    }
    Ok(left_out)
}

/// What the summary says of its runs.
#[derive(Default)]
struct Written {
    runs: u64,
    failures: BTreeMap<i64, String>,
    /// Points that are not known as well as is asked for.
    imprecise: Vec<String>,
    /// Runs that took too long and have a row of an earlier try.
    late_with_row: BTreeSet<i64>,
}

/// Writes every table, in order of the number of runs.
fn write_tables(
    sweep: &Sweep,
    next: &Path,
    left_out: &BTreeMap<i64, String>,
) -> Result<Written, Error> {
    let mut written = Written::default();
    let chunks = sweep.chunks();
    let layout = sweep.layout();
    for (name, place) in TABLES {
        let base = sweep.base.as_ref().filter(|base| base.has(place));
        let base = base.map(|base| (base.path().join(place), None));
        let mut old = Rows::of(base.into_iter().collect());
        let spans = layout.chunk_by(|one, other| one.span == other.span);
        let files = spans.flat_map(|span| in_order(span, |chunk| chunks.file(chunk, name)));
        let mut new = Rows::of(files.collect());
        let mut out: Option<Out> = None;
        let replaced = |run: i64| sweep.does_again(run) && !left_out.contains_key(&run);
        loop {
            let (first, second) = (old.next_run()?, new.next_run()?);
            let Some(run) = first.into_iter().chain(second).min() else {
                break;
            };
            let from = if first == Some(run) {
                &mut old
            } else {
                &mut new
            };
            let dropped = first == Some(run) && replaced(run);
            while let Some((rows, table)) = from.rows_of(run)? {
                if dropped {
                    continue;
                }
                if name == SUMMARY {
                    written.note(table, rows.clone())?;
                    if left_out.contains_key(&run) {
                        written.late_with_row.insert(run);
                    }
                }
                let out = match &mut out {
                    Some(out) => out,
                    none => none.insert(Out::create(next, place, table)?),
                };
                out.take(table, rows)?;
            }
        }
        // Where every run took too long there is no row, and a summary all the same.
        if out.is_none() && name == SUMMARY {
            out = Some(Out::create(
                next,
                place,
                &Summary::new(&sweep.experiment).table,
            )?);
        }
        if let Some(out) = out {
            out.finish()?;
        }
    }
    Ok(written)
}

impl Written {
    /// Takes in rows of the summary.
    fn note(&mut self, table: &Table, rows: std::ops::Range<usize>) -> Result<(), Error> {
        let (runs, errors) = (table.integers("run_id")?, table.words("error")?);
        let precisions = table.words("precision").ok();
        for row in rows {
            self.runs += 1;
            let error = errors.get(row);
            if !error.is_empty() {
                self.failures.insert(runs[row], error.to_owned());
            }
            let precision = precisions.map_or("met", |words| words.get(row));
            if precision != "met" {
                let told = format!("point {}: {precision}", Row::of(runs[row]).point);
                if self.imprecise.last() != Some(&told) {
                    self.imprecise.push(told);
                }
            }
        }
        Ok(())
    }
}

/// A table on its way into the result folder.
struct Out {
    rows: Table,
    parquet: ParquetWriter,
}

impl Out {
    fn create(next: &Path, place: &str, like: &Table) -> Result<Out, Error> {
        let mut rows = like.clone();
        rows.clear();
        Ok(Out {
            parquet: ParquetWriter::create(&next.join(place), &rows)?,
            rows,
        })
    }

    fn take(&mut self, table: &Table, rows: std::ops::Range<usize>) -> Result<(), Error> {
        self.rows.append_rows(table, rows);
        if self.rows.rows() >= ROWS_A_GROUP {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.parquet.append(&self.rows)?;
        self.rows.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        Ok(self.parquet.finish()?)
    }
}

/// The files of the chunks of a span in the order of their rows, each with the point of which rows are taken, or none
/// for all: where a world has several chunks, runs of a point lie in all of them.
fn in_order(span: &[Chunk], file: impl Fn(&str) -> PathBuf) -> Vec<(PathBuf, Option<usize>)> {
    let there = |chunk: &Chunk| Some(file(&chunk.name)).filter(|file| file.is_file());
    if let [alone] = span {
        return there(alone).map(|file| (file, None)).into_iter().collect();
    }
    let points: BTreeSet<usize> = span
        .iter()
        .flat_map(|own| &own.rows)
        .map(|row| row.point)
        .collect();
    let each = points.into_iter().flat_map(|point| {
        let files = span.iter().filter_map(there);
        files
            .map(move |file| (file, Some(point)))
            .collect::<Vec<_>>()
    });
    each.collect()
}

/// The rows of some files of one table, in order of the number of runs.
struct Rows {
    files: std::vec::IntoIter<(PathBuf, Option<usize>)>,
    open: Option<File>,
}

/// The rows of one file, or those of one point in it.
struct File {
    batches: Box<dyn Iterator<Item = Result<Table, prodos_record::Error>>>,
    point: Option<usize>,
    batch: Table,
    at: usize,
}

impl File {
    fn open(path: &Path, point: Option<usize>) -> Result<File, Error> {
        Ok(File {
            batches: Table::batches(path, |_| true)?,
            point,
            batch: Table::new(Vec::new()),
            at: 0,
        })
    }

    /// The run of the next row.
    fn next_run(&mut self) -> Result<Option<i64>, Error> {
        loop {
            while self.at >= self.batch.rows() {
                match self.batches.next() {
                    Some(batch) => (self.batch, self.at) = (batch?, 0),
                    None => return Ok(None),
                }
            }
            let run = self.batch.integers("run_id")?[self.at];
            if self.point.is_none_or(|point| Row::of(run).point == point) {
                return Ok(Some(run));
            }
            self.at += 1;
        }
    }
}

impl Rows {
    fn of(files: Vec<(PathBuf, Option<usize>)>) -> Rows {
        Rows {
            files: files.into_iter(),
            open: None,
        }
    }

    /// The run of the next row.
    fn next_run(&mut self) -> Result<Option<i64>, Error> {
        loop {
            if let Some(file) = &mut self.open
                && let Some(run) = file.next_run()?
            {
                return Ok(Some(run));
            }
            match self.files.next() {
                Some((path, point)) => self.open = Some(File::open(&path, point)?),
                None => return Ok(None),
            }
        }
    }

    /// The next rows of a run that are at hand together; none when another comes.
    fn rows_of(&mut self, run: i64) -> Result<Option<(std::ops::Range<usize>, &Table)>, Error> {
        if self.next_run()? != Some(run) {
            return Ok(None);
        }
        let Some(file) = &mut self.open else {
            return Ok(None);
        };
        let runs = &file.batch.integers("run_id")?[file.at..];
        let count = runs.iter().take_while(|own| **own == run).count();
        let rows = file.at..file.at + count;
        file.at = rows.end;
        Ok(Some((rows, &file.batch)))
    }
}

/// Runs that failed or took too long in a finished folder.
pub fn to_try_again(folder: &Folder) -> BTreeSet<i64> {
    let Manifest {
        failures,
        timed_out,
        ..
    } = folder.manifest();
    failures.keys().chain(timed_out.keys()).copied().collect()
}
