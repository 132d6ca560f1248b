//! What goes to the disk comes back, and what was changed there is noticed.

use prodos_record::{
    Cell, Column, Data, Draft, Error, Existing, Folder, Manifest, ParquetWriter, Table,
};
use std::fs;

fn sectors(days: i64) -> Table {
    let mut table = Table::new(vec![
        Column::integer("run_id", "", "Which replicate."),
        Column::float("day", "days", "Days since the start."),
        Column::text("sector", "Code of the sector."),
        Column::optional_integer("cause_event", "", "The event that caused it."),
        Column::float("fill", "share", "Delivered against ordered."),
    ]);
    for day in 0..days {
        for (place, code) in ["A", "B", "C"].into_iter().enumerate() {
            let cause = if day % 2 == 0 {
                Cell::Null
            } else {
                Cell::Integer(day)
            };
            let fill = if day == 1 {
                f64::NAN
            } else {
                1.0 / (1.0 + day as f64 + place as f64)
            };
            table.push_row(
                &[
                    Cell::Integer(0),
                    Cell::Float(day as f64),
                    Cell::Text(code),
                    cause,
                ],
                [fill],
            );
        }
    }
    table
}

#[test]
fn a_table_comes_back_with_units_and_nulls() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("series/sectors.parquet");
    let table = sectors(4);
    table.write_parquet(&path).unwrap();
    let again = Table::read_parquet(&path).unwrap();
    assert_eq!(again.rows(), 12);
    assert_eq!(again.column("fill").unwrap().unit, "share");
    assert_eq!(again.column("day").unwrap().doc, "Days since the start.");
    assert_eq!(
        again.words("sector").unwrap(),
        table.words("sector").unwrap()
    );
    assert_eq!(
        again.optional_integers("cause_event").unwrap()[2..4],
        [None, Some(1)]
    );
    for (a, b) in again
        .floats("fill")
        .unwrap()
        .iter()
        .zip(table.floats("fill").unwrap())
    {
        assert!(a == b || a.is_nan() && b.is_nan());
    }
    assert!(again.floats("fill").unwrap()[3].is_nan());
}

#[test]
fn only_wanted_columns_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    sectors(2).write_parquet(&path).unwrap();
    let some = Table::read_parquet_columns(&path, |name| name == "fill" || name == "day").unwrap();
    assert_eq!(some.columns.len(), 2);
    let message = some.words("sector").unwrap_err().to_string();
    assert_eq!(
        message,
        "no column 'sector' of words here; there are: day, fill"
    );
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = ["a.parquet", "b.parquet"].map(|name| {
        sectors(300)
            .write_parquet(&folder.path().join(name))
            .unwrap();
        fs::read(folder.path().join(name)).unwrap()
    });
    assert_eq!(bytes[0], bytes[1]);
}

#[test]
fn a_table_written_in_batches_is_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("batches.parquet");
    let table = sectors(3);
    let mut writer = ParquetWriter::create(&path, &table).unwrap();
    writer.append(&table).unwrap();
    writer.append(&table).unwrap();
    assert!(!path.exists(), "a file appears only when it is whole");
    writer.finish().unwrap();
    let twice = Table::read_parquet(&path).unwrap();
    let words = table.words("sector").unwrap();
    let expected: Vec<&str> = words.iter().chain(words.iter()).collect();
    let found: Vec<&str> = twice.words("sector").unwrap().iter().collect();
    assert_eq!(found, expected);
    assert_eq!(twice.rows(), 18);
}

#[test]
fn csv_is_short_exact_and_empty_for_null() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let table = Table::new(vec![
        Column::of(
            "a",
            "",
            "",
            Data::Float(vec![0.1 + 0.2, f64::NAN, 1e-9, 3.0]),
        ),
        Column::of(
            "b",
            "",
            "",
            Data::Text(
                ["x", "with, comma", "", "with \"quotes\""]
                    .into_iter()
                    .collect(),
            ),
        ),
        Column::of(
            "c",
            "",
            "",
            Data::OptionalInteger(vec![None, Some(-1), Some(2), None]),
        ),
    ]);
    table.write_csv(&path).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "a,b,c\r\n0.30000000000000004,x,\r\n,\"with, comma\",-1\r\n1e-9,,2\r\n3,\"with \"\"quotes\"\"\",\r\n"
    );
}

#[test]
fn a_lopsided_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::new(vec![
        Column::of("a", "", "", Data::Float(vec![1.0])),
        Column::of("b", "", "", Data::Integer(vec![1, 2])),
    ]);
    let message = table
        .write_parquet(&folder.path().join("t.parquet"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "the table does not fit: column 'b' has 2 rows, column 'a' has 1"
    );
}

fn sealed(outputs: &std::path::Path) -> Draft {
    let draft = Draft::create(outputs, "harbour-1a2b3c4d").unwrap();
    sectors(2)
        .write_parquet(&draft.file("series/sectors.parquet").unwrap())
        .unwrap();
    fs::write(draft.file("experiment.ron").unwrap(), "()").unwrap();
    fs::write(draft.file("plots/phases.svg").unwrap(), "<svg/>").unwrap();
    draft
        .seal(Manifest {
            experiment: "harbour".into(),
            seeds: vec![7],
            ..Manifest::default()
        })
        .unwrap();
    draft
}

#[test]
fn a_folder_appears_whole_or_not_at_all() {
    let outputs = tempfile::tempdir().unwrap();
    drop(sealed(outputs.path()));
    assert_eq!(fs::read_dir(outputs.path()).unwrap().count(), 0);

    let folder = sealed(outputs.path()).publish(Existing::Refuse).unwrap();
    let names: Vec<_> = fs::read_dir(outputs.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["harbour-1a2b3c4d"]);
    let again = Folder::open(folder.path()).unwrap();
    assert_eq!(again.manifest(), folder.manifest());
    assert_eq!(
        again.manifest().files.keys().collect::<Vec<_>>(),
        ["experiment.ron", "series/sectors.parquet"]
    );
    assert_eq!(again.text("experiment.ron").unwrap(), "()");
    again.verify().unwrap();

    let refused = sealed(outputs.path())
        .publish(Existing::Refuse)
        .unwrap_err();
    assert!(matches!(refused, Error::Exists { .. }));
    sealed(outputs.path())
        .publish(Existing::Replace)
        .unwrap()
        .verify()
        .unwrap();
    assert_eq!(fs::read_dir(outputs.path()).unwrap().count(), 1);
}

/// What a killed program leaves is cleared away by the next; what another one is making is not.
#[test]
fn a_folder_that_nobody_makes_any_more_is_cleared_away() {
    let outputs = tempfile::tempdir().unwrap();
    let making = Draft::create(outputs.path(), "other").unwrap();
    let left = outputs.path().join(".run.partial-1");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join(".lock"), "").unwrap();
    std::fs::write(left.join("summary.csv"), "run_id").unwrap();
    let mine = outputs.path().join(".notes.partial-1");
    std::fs::create_dir(&mine).unwrap();
    Draft::create(outputs.path(), "run").unwrap();
    assert!(!left.exists());
    assert!(making.path().exists());
    assert!(mine.exists(), "a folder without a lock is not ours");
}

#[test]
fn a_changed_byte_is_noticed() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = sealed(outputs.path()).publish(Existing::Refuse).unwrap();
    let path = folder.path().join("series/sectors.parquet");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let message = folder.verify().unwrap_err().to_string();
    assert!(
        message.contains("series/sectors.parquet has changed since it was recorded"),
        "{message}"
    );
}

#[test]
fn a_folder_of_an_older_build_is_told_from_a_changed_one() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = sealed(outputs.path()).publish(Existing::Refuse).unwrap();
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let sum = &folder.manifest().manifest;
    fs::write(&path, text.replace(sum.as_str(), "")).unwrap();
    let message = Folder::open(folder.path()).unwrap().verify().unwrap_err();
    assert!(
        message.to_string().contains("was made by an older build"),
        "{message}"
    );
    fs::write(&path, text.replace(sum.as_str(), "0badcafe")).unwrap();
    let message = Folder::open(folder.path()).unwrap().verify().unwrap_err();
    assert!(
        message.to_string().contains("manifest.json has changed"),
        "{message}"
    );
}

#[test]
fn a_folder_without_manifest_and_a_name_that_leads_out_are_refused() {
    let outputs = tempfile::tempdir().unwrap();
    let message = Folder::open(outputs.path()).unwrap_err().to_string();
    assert!(
        message.contains("is not a finished result folder"),
        "{message}"
    );
    let draft = Draft::create(outputs.path(), "x").unwrap();
    assert!(draft.file("../y.parquet").is_err());
    assert!(Draft::create(outputs.path(), "../x").is_err());
}
