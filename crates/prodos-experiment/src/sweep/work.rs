//! Work on a sweep: chunks of runs, each whole or not there.

use crate::design::{Point, at_point};
use crate::recorder::Recorder;
use crate::run::{Course, Kept, Ran};
use crate::statistics::half_width;
use crate::sweep::place::ALL;
use crate::sweep::tables::Summary;
use crate::sweep::{Chunk, Error, Row, Sweep};
use prodos_config::{Experiment, Until};
use prodos_model::build::Options;
use prodos_model::outcome;
use prodos_record::{Stretch, Table};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Which of the chunks are done here: every `of`-th, from number `index` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub index: usize,
    /// How many parts there are.
    pub of: usize,
}

impl Part {
    /// All of them.
    pub const WHOLE: Part = Part { index: 0, of: 1 };
}

/// How long work may take. It does not change results.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Seconds that a run may take, its burn-in with it; one that takes longer is left out of the tables. Where several
    /// runs share a past, their past may take so long, and each of them after it.
    pub seconds_a_run: Option<f64>,
    /// No chunk is begun after this.
    pub deadline: Option<Instant>,
}

/// Who hears of progress.
pub trait Tell: Sync {
    /// So many of all runs are on the disk, those of earlier stretches with them; so many are left to do here, at least.
    fn committed(&self, runs: usize, left: usize);
}

/// What was done in a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Runs done and on the disk.
    pub runs: usize,
    /// Runs of the part that were there already.
    pub skipped: usize,
    /// Runs of all that were on the disk before, those of what is added to with them.
    pub before: usize,
    /// Whether the deadline left some for later.
    pub stopped: bool,
    /// What it would have taken to run again what several runs have in common.
    pub saved: Duration,
}

/// Why work ends before all of it is done.
enum End {
    /// Tables cannot be encoded.
    Failed(Error),
    /// The disk refused, so that nobody hears of chunks any more; the writer says why.
    Unheard,
}

/// A chunk, ready for the disk.
struct Ready {
    name: String,
    runs: usize,
    tables: Vec<(&'static str, Vec<u8>)>,
    left_out: BTreeMap<i64, String>,
}

impl Sweep {
    /// Runs the chunks of a part that are not there, and brings each to the disk; fails where that cannot be done.
    /// `stretch` is what the manifest will say of it.
    pub fn work(
        &self,
        part: Part,
        limits: Limits,
        stretch: Stretch,
        now: &(impl Fn() -> String + Sync),
        tell: &impl Tell,
    ) -> Result<Worked, Error> {
        let place = self.place();
        let _all = place.lock(ALL, part != Part::WHOLE)?;
        let own = format!("lock-{}-of-{}", part.index + 1, part.of);
        let _own = place.lock(&own, false)?;
        self.is_still()?;
        let chunks = self.chunks();
        let there = chunks.names()?;
        let layout = self.layout();
        let own = layout.iter().skip(part.index).step_by(part.of);
        let mut left = Vec::new();
        let mut worked = Worked::default();
        for chunk in own {
            if there.contains(&chunk.name) {
                chunks.verify(&chunk.name)?;
                worked.skipped += chunk.rows.len();
            } else {
                left.push(chunk);
            }
        }
        let diary = Diary::begin(self, stretch, worked.skipped)?;
        let done = layout.iter().filter(|chunk| there.contains(&chunk.name));
        let done: usize = done.map(|chunk| chunk.rows.len()).sum();
        let before = self.runs().saturating_sub(self.rows.len()) + done;
        worked.before = before;
        let to_do: usize = left.iter().map(|chunk| chunk.rows.len()).sum();
        tell.committed(before, to_do);
        let saved = AtomicU64::new(0);
        let (out, inbox) = sync_channel::<Ready>(rayon::current_num_threads());
        let (runs, whole) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| -> Result<(usize, usize), Error> {
                let (mut runs, mut whole) = (0, 0);
                for ready in inbox {
                    chunks.commit(&ready.name, &ready.tables, ready.left_out)?;
                    runs += ready.runs;
                    whole += 1;
                    diary.write(runs, now())?;
                    tell.committed(before + runs, to_do.saturating_sub(runs));
                }
                Ok((runs, whole))
            });
            let ran = left.iter().par_bridge().try_for_each(|chunk| {
                let now = Instant::now();
                if limits.deadline.is_some_and(|deadline| now >= deadline) {
                    return Ok(());
                }
                let ready = self.chunk(chunk, limits, &saved).map_err(End::Failed)?;
                out.send(ready).map_err(|_| End::Unheard)
            });
            drop(out);
            let written = writer
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            match ran {
                Err(End::Failed(why)) => Err(why),
                _ => written,
            }
        })?;
        worked.runs = runs;
        worked.stopped = whole < left.len();
        worked.saved = Duration::from_nanos(saved.into_inner());
        Ok(worked)
    }

    /// Runs a chunk.
    fn chunk(&self, chunk: &Chunk, limits: Limits, saved: &AtomicU64) -> Result<Ready, Error> {
        let mut came: Came = BTreeMap::new();
        for together in self.groups(&chunk.rows) {
            came.extend(self.world(&together, limits, saved));
        }
        if let Some(until) = &self.experiment.until {
            self.extend(&mut came, until, limits, saved);
        }
        let precisions = self.precisions(&came);
        let precision = |row: &Row| precisions.get(&row.point).map_or("", String::as_str);
        let runs = came.len();
        let mut summary = Summary::new(&self.experiment);
        let mut series: Option<Recorder> = None;
        let mut left_out = BTreeMap::new();
        for (row, came) in came {
            match came {
                Ok(ran) => {
                    summary.add(row, &self.plan, &ran, precision(&row));
                    match &mut series {
                        Some(series) => series.append(&ran.recorder),
                        none => *none = Some(ran.recorder),
                    }
                }
                Err(Short::Late) => {
                    let seconds = limits.seconds_a_run.unwrap_or(f64::INFINITY);
                    left_out.insert(row.run_id(), format!("took longer than {seconds} s"));
                }
                Err(Short::Failed(why)) => summary.fail(row, &self.plan, &why, precision(&row)),
            }
        }
        let mut tables = vec![(SUMMARY, summary.table.parquet()?)];
        let mut add = |name, table: &Table| -> Result<(), Error> {
            if table.rows() > 0 {
                tables.push((name, table.parquet()?));
            }
            Ok(())
        };
        if let Some(series) = &series {
            for (name, table) in series.tables() {
                add(name, table)?;
            }
        }
        Ok(Ready {
            name: chunk.name.clone(),
            runs,
            tables,
            left_out,
        })
    }

    /// Runs by world and replicate.
    fn groups(&self, rows: &[Row]) -> Vec<Vec<Row>> {
        let mut rows = rows.to_vec();
        let world = |row: &Row| (self.worlds[row.point], row.replicate);
        rows.sort_by_key(|row| (world(row), row.point));
        let groups = rows.chunk_by(|one, other| world(one) == world(other));
        groups.map(<[Row]>::to_vec).collect()
    }

    /// Adds replicates to the points of a world, a quarter more each time, until all are known well enough.
    fn extend(&self, came: &mut Came, until: &Until, limits: Limits, saved: &AtomicU64) {
        let first = self.experiment.first_replicate;
        let mut replicates = self.experiment.replicates;
        let points: BTreeSet<usize> = came.keys().map(|row| row.point).collect();
        while replicates < until.most
            && points
                .iter()
                .any(|point| !self.wide(came, *point, until).is_empty())
        {
            let more = replicates.div_ceil(4).min(until.most - replicates);
            let new = first + replicates..first + replicates + more;
            let each = points.iter().flat_map(|point| {
                let point = *point;
                new.clone().map(move |replicate| Row { point, replicate })
            });
            let groups = self.groups(&each.collect::<Vec<_>>());
            let ran: Vec<_> = groups
                .par_iter()
                .flat_map_iter(|rows| self.world(rows, limits, saved))
                .collect();
            came.extend(ran);
            replicates += more;
        }
    }

    /// The outcomes that are not known well enough at a point, each with the half-width of its confidence interval.
    fn wide(&self, came: &Came, point: usize, until: &Until) -> Vec<String> {
        let (from, to) = (0, u32::MAX);
        let [from, to] = [from, to].map(|replicate| Row { point, replicate });
        let runs = came.range(from..=to).map(|(_, ran)| ran.as_ref().ok());
        let runs: Vec<&Ran> = runs.flatten().filter(|ran| ran.breach.is_none()).collect();
        let necessities = self.experiment.city.necessities.keys();
        let names = outcome::names(necessities.map(String::as_str));
        let wanted = until.half_width.iter();
        let told = wanted.filter_map(|(name, wanted)| {
            let place = names.iter().position(|own| own == name)?;
            let values = runs.iter().filter_map(|ran| ran.values().nth(place));
            let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
            match half_width(&values) {
                half if half <= *wanted => None,
                half if half.is_finite() => Some(format!("{name} {half:.4}")),
                _ => Some(format!("{name} unknown")),
            }
        });
        told.collect()
    }

    /// What is to be said of how well the points of a chunk are known.
    fn precisions(&self, came: &Came) -> BTreeMap<usize, String> {
        let Some(until) = &self.experiment.until else {
            return BTreeMap::new();
        };
        let points: BTreeSet<usize> = came.keys().map(|row| row.point).collect();
        let told = points.into_iter().map(|point| {
            let wide = self.wide(came, point, until);
            (
                point,
                if wide.is_empty() {
                    "met".to_owned()
                } else {
                    wide.join(", ")
                },
            )
        });
        told.collect()
    }

    /// Runs that differ in scenario and policy alone: what comes before those part is run once.
    fn world(
        &self,
        rows: &[Row],
        limits: Limits,
        saved: &AtomicU64,
    ) -> Vec<(Row, Result<Ran, Short>)> {
        let part_at = self.experiment.branch_at;
        if let ([row], 0) = (rows, part_at) {
            let ran = self.at(&self.plan.points[row.point]).and_then(|own| {
                guarded(limits, |flush| {
                    let mut course =
                        Course::begin(&own, row.run_id(), row.replicate, self.options());
                    course.until(own.days, flush, &|_| ())?;
                    Ok(course.end())
                })
            });
            return vec![(*row, ran)];
        }
        let began = Instant::now();
        let past = self.past(rows[0], limits);
        let again = began.elapsed() * (rows.len() as u32 - 1);
        saved.fetch_add(again.as_nanos() as u64, Ordering::Relaxed);
        let each = rows.iter().map(|row| {
            let ran = self.at(&self.plan.points[row.point]).and_then(|own| {
                let past = past.clone()?;
                guarded(limits, |flush| {
                    let course = Course::from(past, &own, row.run_id());
                    let mut course = course.map_err(|shock| {
                        Short::Failed(format!(
                            "the shock `{shock}` is not in all runs, which part on day {part_at}"
                        ))
                    })?;
                    course.until(own.days, flush, &|_| ())?;
                    Ok(course.end())
                })
            });
            (*row, ran)
        });
        each.collect()
    }

    /// What the runs of a world have in common: the experiment with neither scenario nor policy of the design, up to the
    /// day on which they part.
    fn past(&self, row: Row, limits: Limits) -> Result<Kept, Short> {
        let before = self.at(&Point {
            scenario: None,
            policy: None,
            ..self.plan.points[row.point].clone()
        })?;
        guarded(limits, |flush| {
            let mut past = Course::begin(&before, 0, row.replicate, self.options());
            past.until(self.experiment.branch_at, flush, &|_| ())?;
            Ok(past.keep())
        })
    }

    fn at(&self, point: &Point) -> Result<Experiment, Short> {
        at_point(&self.experiment, point).map_err(|problems| Short::Failed(problems.to_string()))
    }

    fn options(&self) -> Options {
        Options {
            audit: self.note.audit,
            ..Options::default()
        }
    }
}

/// What came of runs.
type Came = BTreeMap<Row, Result<Ran, Short>>;

/// Why a run has no outcomes.
#[derive(Clone, Debug)]
enum Short {
    /// It took too long.
    Late,
    /// It could not be brought to an end.
    Failed(String),
}

/// Hears of each day of a run, and ends it where it takes too long.
type Flush<'a> = dyn FnMut(&mut Recorder) -> Result<(), Short> + 'a;

/// Runs what may take too long, or bring the program itself down.
fn guarded<T>(
    limits: Limits,
    run: impl FnOnce(&mut Flush) -> Result<T, Short>,
) -> Result<T, Short> {
    let began = Instant::now();
    let mut flush = |_: &mut Recorder| match limits.seconds_a_run {
        Some(seconds) if began.elapsed().as_secs_f64() > seconds => Err(Short::Late),
        _ => Ok(()),
    };
    catch_unwind(AssertUnwindSafe(|| run(&mut flush))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("it did not say why");
        Err(Short::Failed(format!("the program failed: {said}")))
    })
}

/// File of the summary in a chunk.
pub(super) const SUMMARY: &str = "summary.parquet";

/// What the manifest will say of a stretch, kept up to date on the disk while it lasts.
struct Diary {
    path: PathBuf,
    stretch: Stretch,
}

impl Diary {
    fn begin(sweep: &Sweep, stretch: Stretch, skipped: usize) -> Result<Diary, Error> {
        let folder = sweep.place().stretches(&sweep.note);
        let name = format!(
            "{}-{}-{}.json",
            stretch.started.replace(':', ""),
            crate::conduct::plain(&stretch.host),
            std::process::id()
        );
        let diary = Diary {
            path: folder.join(name),
            stretch: Stretch {
                skipped: skipped as u64,
                ..stretch
            },
        };
        diary.write(0, diary.stretch.started.clone())?;
        Ok(diary)
    }

    fn write(&self, runs: usize, now: String) -> Result<(), Error> {
        let stretch = Stretch {
            runs: runs as u64,
            finished: now,
            ..self.stretch.clone()
        };
        prodos_record::write_whole(&self.path, |out| {
            serde_json::to_writer_pretty(&mut *out, &stretch)?;
            writeln!(out)
        })?;
        Ok(())
    }
}

/// Files of the diary, in order of time.
fn pages(sweep: &Sweep) -> Vec<PathBuf> {
    let folder = sweep.place().stretches(&sweep.note);
    let Ok(listing) = fs::read_dir(&folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|own| own == "json"));
    files.sort();
    files
}

/// Takes in the diary of the same sweep in another folder.
pub(super) fn adopt_stretches(own: &Sweep, other: &Sweep) -> Result<(), Error> {
    let folder = own.place().stretches(&own.note);
    for page in pages(other) {
        let text = fs::read(&page).map_err(prodos_record::Error::disk("read", &page))?;
        let place = folder.join(page.file_name().unwrap_or_default());
        prodos_record::write_whole(&place, |out| out.write_all(&text))?;
    }
    Ok(())
}

/// Every stretch so far, in order of time.
pub(super) fn stretches(sweep: &Sweep) -> Vec<Stretch> {
    let files = pages(sweep);
    let read = |path: &Path| {
        fs::read(path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
    };
    files.iter().filter_map(|path| read(path)).collect()
}
