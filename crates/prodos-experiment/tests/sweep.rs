//! The life of a sweep: however it is interrupted, shared or added to, its tables are the same bytes.

use indexmap::IndexMap;
use prodos_config::design::{Block, Law, Points, Range, Setting, Variable};
use prodos_config::{Experiment, Options, load};
use prodos_experiment::folder_name;
use prodos_experiment::sweep::{
    Error, Limits, Part, State, Sweep, Task, Tell, Worked, at_rest, finish, finished, remove,
    status,
};
use prodos_record::{Folder, Manifest, Spreadsheets, Stretch};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Nobody listens.
struct Silent;

impl Tell for Silent {
    fn committed(&self, _: usize, _: usize) {}
}

/// Harbour for a month, at some values of wear and with two rules of spares.
fn experiment(points: u32, replicates: u32) -> Experiment {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
    let mut experiment = load(&file, &[], &Options::default()).expect("it is shipped");
    experiment.days = 30;
    experiment.city.burn_in = 10;
    experiment.replicates = replicates;
    experiment.record.city_every = 10;
    experiment.record.sectors_every = 0;
    experiment.record.teams_every = 0;
    experiment.record.operators = 0;
    let scale = Range {
        from: 60.0,
        to: 600.0,
        law: Law::Uniform,
        middle: None,
        deviation: None,
        step: 0.0,
    };
    let spares = ["unlimited", "base_stock"].map(|word| Setting::Word(word.into()));
    experiment.design.push(Block {
        name: String::new(),
        vary: [
            ("wear.scale".to_owned(), Variable::Range(scale)),
            (
                "maintenance.spares".to_owned(),
                Variable::Values {
                    values: spares.into(),
                },
            ),
        ]
        .into_iter()
        .collect(),
        points: Points::Sobol,
        count: points,
        levels: 0,
        list: Vec::new(),
        such_that: Vec::new(),
        scenarios: IndexMap::default(),
        policies: IndexMap::default(),
    });
    experiment
}

fn begin(experiment: &Experiment, outputs: &Path) -> Sweep {
    let folder = outputs.join(folder_name(experiment));
    Sweep::begin(experiment, &folder, "this build", false, Task::Missing).expect("it begins")
}

/// Runs what there is to do, to its end.
fn end(sweep: &Sweep) -> Folder {
    work(sweep, Part::WHOLE, Limits::default());
    finish(sweep, Spreadsheets::default(), Manifest::default()).expect("all is there")
}

fn try_work(sweep: &Sweep, part: Part, limits: Limits) -> Result<Worked, Error> {
    let now = || "now".to_owned();
    sweep.work(part, limits, Stretch::default(), &now, &Silent)
}

fn work(sweep: &Sweep, part: Part, limits: Limits) -> usize {
    let worked = try_work(sweep, part, limits);
    worked.expect("it can be written").runs
}

/// Every data file of a finished folder, by name.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    [
        "summary.parquet",
        "summary.csv",
        "series/city.parquet",
        "experiment.ron",
    ]
    .into_iter()
    .map(|name| {
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (PathBuf::from(name), bytes)
    })
    .collect()
}

/// The tables of a sweep that nobody interrupted.
fn whole(experiment: &Experiment) -> BTreeMap<PathBuf, Vec<u8>> {
    let outputs = tempfile::tempdir().expect("a folder");
    let sweep = begin(experiment, outputs.path());
    let runs = work(&sweep, Part::WHOLE, Limits::default());
    assert_eq!(runs, sweep.runs());
    let folder =
        finish(&sweep, Spreadsheets::default(), Manifest::default()).expect("all is there");
    folder.verify().expect("it is whole");
    assert!(!folder.path().join("work").exists());
    bytes(folder.path())
}

#[test]
fn shards_and_interruptions_leave_no_trace_in_the_tables() {
    let experiment = experiment(9, 3);
    let expected = whole(&experiment);
    let outputs = tempfile::tempdir().expect("a folder");
    let sweep = begin(&experiment, outputs.path());
    let late = Limits {
        deadline: Some(Instant::now()),
        ..Limits::default()
    };
    assert_eq!(work(&sweep, Part::WHOLE, late), 0);
    assert!(matches!(
        finish(&sweep, Spreadsheets::default(), Manifest::default()),
        Err(Error::Missing { missing: 27, .. })
    ));
    let mut done = 0;
    for index in [2, 0] {
        done += work(&sweep, Part { index, of: 3 }, Limits::default());
    }
    let found = status(sweep.folder()).expect("it can be looked at");
    assert_eq!(
        (found.state, found.done, found.runs),
        (State::Interrupted, done, 27)
    );
    assert!(!found.missing.is_empty());
    // As if killed: a chunk that has not its name yet.
    let chunks = desk(sweep.folder()).join("chunks");
    fs::create_dir(chunks.join(".0000004-99-0")).expect("it can be made");
    // Nobody needs to know the shards before.
    let sweep = Sweep::open(sweep.folder(), "this build").expect("it was begun");
    assert_eq!(
        work(&sweep, Part { index: 1, of: 2 }, Limits::default())
            + done
            + work(&sweep, Part::WHOLE, Limits::default()),
        27
    );
    let folder =
        finish(&sweep, Spreadsheets::default(), Manifest::default()).expect("all is there");
    assert_eq!(bytes(folder.path()), expected);
    assert_eq!(
        status(folder.path()).expect("it is finished").state,
        State::Finished
    );
}

#[test]
fn more_points_and_replicates_leave_a_folder_as_if_they_had_been_there_from_the_start() {
    let outputs = tempfile::tempdir().expect("a folder");
    for (points, replicates) in [(4, 2), (4, 3), (7, 3)] {
        let experiment = experiment(points, replicates);
        let folder = end(&begin(&experiment, outputs.path()));
        assert_eq!(folder.path(), outputs.path().join(folder_name(&experiment)));
        assert_eq!(
            bytes(folder.path()),
            whole(&experiment),
            "{points} {replicates}"
        );
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("a list").flatten() {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &place);
        } else {
            fs::copy(&path, &place).expect("it can be copied");
        }
    }
}

/// Where the sweep of a folder has what it works on.
fn desk(folder: &Path) -> PathBuf {
    let mut entries = fs::read_dir(folder.join("work"))
        .expect("it is at work")
        .flatten();
    let desk = entries.find(|entry| entry.path().is_dir());
    desk.expect("it has begun").path()
}

/// Files of a finished folder in the order in which they take their places, the manifest last.
const IN_PLACE: [&str; 6] = [
    "events.parquet",
    "experiment.ron",
    "series/city.parquet",
    "summary.csv",
    "summary.parquet",
    "manifest.json",
];

#[test]
fn killed_while_tables_take_their_places_a_sweep_is_finished_by_whoever_looks_next() {
    let outputs = tempfile::tempdir().expect("a folder");
    let place = |name: &str| outputs.path().join(name);
    end(&begin(&experiment(3, 2), outputs.path()));
    let larger = experiment(5, 3);
    let sweep = begin(&larger, outputs.path());
    work(&sweep, Part::WHOLE, Limits::default());
    copy(sweep.folder(), &place("before"));
    let folder =
        finish(&sweep, Spreadsheets::default(), Manifest::default()).expect("all is there");
    let expected = whole(&larger);
    for moved in 0..=IN_PLACE.len() {
        let killed = place(&format!("killed-{moved}"));
        copy(&place("before"), &killed);
        for (number, name) in IN_PLACE.iter().enumerate() {
            let next = desk(&killed).join("next").join(name);
            let to = if number < moved {
                killed.join(name)
            } else {
                next
            };
            fs::create_dir_all(to.parent().expect("it has one")).expect("it can be made");
            fs::copy(folder.path().join(name), to).expect("it can be copied");
        }
        fs::write(killed.join("report.html"), "of what was there before").expect("it is written");
        fs::create_dir(killed.join(".work-1")).expect("it can be made");
        let found = match moved % 3 {
            0 => {
                let end = Sweep::open(&killed, "this build").expect_err("nothing is left to do");
                assert!(matches!(end, Error::Finished { runs: 15, .. }), "{end}");
                finished(&killed).expect("it is finished")
            }
            1 => {
                let found = status(&killed).expect("it can be looked at");
                assert_eq!((found.state, found.done), (State::Finished, 15));
                at_rest(&killed)
                    .expect("it can be read")
                    .expect("it is finished")
            }
            _ => finished(&killed).expect("it is finished"),
        };
        found.verify().expect("it is whole");
        assert_eq!(bytes(&killed), expected, "{moved} files had moved");
        let left = fs::read_dir(&killed).expect("a list").flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        assert!(
            left.iter().all(|name| name != "work" && name != ".work-1"),
            "{left:?}"
        );
        if moved < IN_PLACE.len() {
            assert!(
                !killed.join("report.html").exists(),
                "it is of other tables"
            );
        }
    }
}

#[test]
fn chunks_of_what_is_added_to_something_else_are_not_taken_in() {
    let outputs = tempfile::tempdir().expect("a folder");
    let [with, without] = ["with", "without"].map(|name| outputs.path().join(name));
    end(&begin(&experiment(3, 2), &with));
    let larger = experiment(3, 4);
    let [with, without] = [&with, &without].map(|place| begin(&larger, place));
    work(&without, Part::WHOLE, Limits::default());
    let refused = with
        .adopt(&without)
        .expect_err("its chunks have other runs");
    assert!(matches!(refused, Error::Another { .. }), "{refused}");
    // Nor does what is added to change in the meantime.
    let text = fs::read_to_string(with.folder().join("manifest.json")).expect("it is there");
    fs::write(
        with.folder().join("manifest.json"),
        text.replace("\"runs\": 6", "\"runs\": 5"),
    )
    .expect("it can be written");
    let changed = Sweep::open(with.folder(), "this build").expect_err("it is another");
    assert!(
        changed.to_string().contains("manifest.json has changed"),
        "{changed}"
    );
}

/// What another sweep left in the workplace is not taken for its own.
#[test]
fn chunks_that_are_left_over_are_not_taken_for_those_of_the_next_sweep() {
    let outputs = tempfile::tempdir().expect("a folder");
    let small = experiment(4, 2);
    let sweep = begin(&small, outputs.path());
    work(&sweep, Part::WHOLE, Limits::default());
    // As if killed while it was removed: the note is gone, and the chunks are not.
    fs::remove_file(sweep.folder().join("work/sweep.json")).expect("it is there");
    let larger = experiment(6, 3);
    let sweep = begin(&larger, outputs.path());
    assert_eq!(work(&sweep, Part::WHOLE, Limits::default()), 18);
    let folder = finish(&sweep, Spreadsheets::default(), Manifest::default());
    assert_eq!(bytes(folder.expect("all is there").path()), whole(&larger));
    // Nor does another build add to what is there.
    let place = outputs.path().join(folder_name(&larger));
    let other = Sweep::begin(
        &experiment(7, 3),
        &place,
        "another build",
        false,
        Task::Missing,
    );
    assert!(matches!(other, Err(Error::Build { .. })), "{other:?}");
    assert!(!place.join("work").exists());
    remove(&place).expect("nobody works on it");
    assert_eq!(fs::read_dir(outputs.path()).expect("a list").count(), 0);
}

#[test]
fn what_a_program_works_on_is_neither_removed_nor_begun_in_another_way() {
    let outputs = tempfile::tempdir().expect("a folder");
    let own = experiment(3, 2);
    let sweep = begin(&own, outputs.path());
    let place = sweep.folder();
    let lock = fs::File::create(place.join("work/lock")).expect("it can be made");
    lock.lock().expect("nobody holds it");
    assert!(matches!(remove(place), Err(Error::Busy { .. })));
    lock.unlock().expect("it is held");
    assert!(matches!(finished(place), Err(Error::Unfinished { .. })));
    assert!(at_rest(place).expect("it can be read").is_none());
    let audited = Sweep::begin(&own, place, "this build", true, Task::Missing);
    assert!(
        matches!(audited, Err(Error::Unaudited { .. })),
        "{audited:?}"
    );
    let other = Sweep::begin(&experiment(5, 2), place, "this build", false, Task::Missing);
    assert!(matches!(other, Err(Error::Begun { .. })), "{other:?}");
    // Who opened it before somebody else ended it does nothing more.
    let late = Sweep::open(place, "this build").expect("it was begun");
    end(&sweep);
    let worked = try_work(&late, Part::WHOLE, Limits::default());
    assert!(
        matches!(worked, Err(Error::Finished { runs: 6, .. })),
        "{worked:?}"
    );
    let adopted = late.adopt(&late);
    assert!(
        matches!(adopted, Err(Error::Finished { .. })),
        "{adopted:?}"
    );
}

#[test]
fn parts_of_several_folders_are_merged_to_what_one_would_have_made() {
    let experiment = experiment(9, 3);
    let outputs = tempfile::tempdir().expect("a folder");
    let places = ["first", "second", "third"].map(|name| outputs.path().join(name));
    let sweeps = places.each_ref().map(|place| begin(&experiment, place));
    for (index, sweep) in sweeps.iter().enumerate() {
        let stretch = Stretch {
            host: format!("machine {index}"),
            ..Stretch::default()
        };
        let now = || String::new();
        let part = Part { index, of: 3 };
        let worked = sweep.work(part, Limits::default(), stretch, &now, &Silent);
        assert!(worked.expect("it can be written").runs > 0);
    }
    let [first, others @ ..] = &sweeps;
    let lacking =
        finish(first, Spreadsheets::default(), Manifest::default()).expect_err("most is elsewhere");
    assert!(matches!(lacking, Error::Missing { .. }), "{lacking}");
    for other in others {
        first.adopt(other).expect("it is the same sweep");
    }
    let folder = finish(first, Spreadsheets::default(), Manifest::default()).expect("all is there");
    assert_eq!(bytes(folder.path()), whole(&experiment));
    assert_eq!(
        folder
            .manifest()
            .stretches
            .iter()
            .map(|own| own.runs)
            .sum::<u64>(),
        27
    );
}

#[test]
fn a_disk_that_refuses_ends_the_work_and_loses_nothing() {
    let experiment = experiment(32, 4);
    let outputs = tempfile::tempdir().expect("a folder");
    let sweep = begin(&experiment, outputs.path());
    work(&sweep, Part { index: 0, of: 8 }, Limits::default());
    // A file is in the place of a folder, as a disk that is full refuses whoever is allowed to write.
    let chunks = desk(sweep.folder()).join("chunks");
    let aside = desk(sweep.folder()).join("aside");
    fs::rename(&chunks, &aside).expect("it can be renamed");
    fs::write(&chunks, "").expect("it can be written");
    let refused = try_work(&sweep, Part::WHOLE, Limits::default());
    assert!(matches!(refused, Err(Error::Record(_))), "{refused:?}");
    fs::remove_file(&chunks).expect("it can be removed");
    fs::rename(&aside, &chunks).expect("it can be renamed");
    assert_eq!(bytes(end(&sweep).path()), whole(&experiment));
}

#[test]
fn a_changed_byte_another_build_and_a_second_writer_are_refused() {
    let experiment = experiment(3, 2);
    let outputs = tempfile::tempdir().expect("a folder");
    let sweep = begin(&experiment, outputs.path());
    let other = Sweep::open(sweep.folder(), "another build").expect_err("it is another");
    assert!(matches!(other, Error::Build { .. }), "{other}");
    let lock = fs::File::create(sweep.folder().join("work/lock")).expect("it can be made");
    lock.lock().expect("nobody holds it");
    let busy = try_work(&sweep, Part::WHOLE, Limits::default());
    assert!(matches!(busy, Err(Error::Busy { .. })));
    assert_eq!(
        status(sweep.folder()).expect("it can be looked at").state,
        State::Running
    );
    lock.unlock().expect("it is held");
    work(&sweep, Part::WHOLE, Limits::default());
    let note = sweep.folder().join("work/sweep.json");
    let sound = fs::read_to_string(&note).expect("it is there");
    fs::write(&note, sound.replace("days: 30", "days: 20")).expect("it can be written");
    let changed = Sweep::open(sweep.folder(), "this build").expect_err("a byte is another");
    assert!(changed.to_string().contains("sweep.json"), "{changed}");
    fs::write(&note, sound).expect("it can be written");
    let table = desk(sweep.folder()).join("chunks/0000002/summary.parquet");
    let mut bytes = fs::read(&table).expect("it is there");
    bytes[100] ^= 1;
    fs::write(&table, bytes).expect("it can be written");
    let changed = finish(&sweep, Spreadsheets::default(), Manifest::default())
        .expect_err("a byte is another");
    assert!(
        changed.to_string().contains("0000002/summary.parquet"),
        "{changed}"
    );
    let again = try_work(&sweep, Part::WHOLE, Limits::default());
    assert!(
        again
            .expect_err("a byte is another")
            .to_string()
            .contains("0000002")
    );
}
