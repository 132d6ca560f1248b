//! Tables to CSV, for spreadsheets: RFC 4180, a point for decimals, null as an empty field.

use crate::whole_file::{begin, commit};
use crate::{Data, Error, Folder, Table};
use std::fmt::Write as _;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

impl Table {
    /// Writes the table with one header line. Numbers are as short as still reads back to the same bits.
    pub fn write_csv(&self, path: &Path) -> Result<(), Error> {
        let mut writer = CsvWriter::create(path, self)?;
        writer.append(self)?;
        writer.finish()
    }
}

/// Which tables of a folder there are as CSV as well, for spreadsheets. Parquet, which pages are drawn from, there is of
/// all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spreadsheets {
    /// Those with a row a run, or a row an outcome.
    #[default]
    Summaries,
    /// None.
    None,
    /// All.
    All,
}

impl Spreadsheets {
    fn have(self, table: &str) -> bool {
        match self {
            Spreadsheets::Summaries => !table.contains('/') && table != "events.parquet",
            Spreadsheets::None => false,
            Spreadsheets::All => true,
        }
    }

    /// Those that a finished folder has.
    pub fn of(folder: &Folder) -> Spreadsheets {
        match [Spreadsheets::All, Spreadsheets::Summaries].map(|own| own.are_in(folder)) {
            [true, _] => Spreadsheets::All,
            [_, true] => Spreadsheets::Summaries,
            _ => Spreadsheets::None,
        }
    }

    /// Whether a finished folder has them.
    pub fn are_in(self, folder: &Folder) -> bool {
        let tables = folder.manifest().files.keys();
        let mut wanted = tables.filter_map(|name| {
            let stem = name.strip_suffix(".parquet")?;
            self.have(name).then(|| format!("{stem}.csv"))
        });
        wanted.all(|name| folder.has(&name))
    }

    /// Writes them beside the Parquet tables of a folder that is not sealed yet.
    pub fn write(self, folder: &Path) -> Result<(), Error> {
        for name in crate::folder::recorded(folder)? {
            if name.ends_with(".parquet") && self.have(&name) {
                let path = folder.join(&name);
                let columns = Table::read_no_rows(&path)?;
                let csv = path.with_extension("csv");
                let mut writer = CsvWriter::create(&csv, &Table::new(columns))?;
                for batch in Table::batches(&path, |_| true)? {
                    writer.append(&batch?)?;
                }
                writer.finish()?;
            }
        }
        Ok(())
    }
}

/// A CSV file that is written table by table, and is there once it is finished.
struct CsvWriter {
    path: PathBuf,
    csv: csv::Writer<BufWriter<NamedTempFile>>,
}

impl CsvWriter {
    /// A file with the columns of a table and none of its rows.
    fn create(path: &Path, like: &Table) -> Result<CsvWriter, Error> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BufWriter::new(begin(path)?));
        csv.write_record(like.columns.iter().map(|column| &column.name))
            .map_err(|error| Error::disk("write", path)(error.into()))?;
        Ok(CsvWriter {
            path: path.to_owned(),
            csv,
        })
    }

    /// Appends the rows of a table with the same columns.
    fn append(&mut self, table: &Table) -> Result<(), Error> {
        table.check()?;
        let mut cell = String::new();
        let mut write = || -> Result<(), csv::Error> {
            for row in 0..table.rows() {
                for column in &table.columns {
                    cell.clear();
                    write_cell(&mut cell, &column.data, row);
                    self.csv.write_field(&cell)?;
                }
                self.csv.write_record(None::<&[u8]>)?;
            }
            Ok(())
        };
        write().map_err(|error| Error::disk("write", &self.path)(error.into()))
    }

    /// Brings the bytes to the disk and gives the file its name.
    fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let failed = |error: std::io::Error| Error::disk("write", &path)(error);
        let buffer = self
            .csv
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        let file = buffer
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        commit(file, &path)
    }
}

fn write_cell(cell: &mut String, data: &Data, row: usize) {
    let written = match data {
        Data::Float(cells) if cells[row].is_nan() => Ok(()),
        Data::Float(cells) => write_float(cell, cells[row]),
        Data::Integer(cells) => write!(cell, "{}", cells[row]),
        Data::OptionalInteger(cells) => {
            cells[row].map_or(Ok(()), |number| write!(cell, "{number}"))
        }
        Data::Text(words) => cell.write_str(words.get(row)),
    };
    written.expect("a string takes everything");
}

/// Plain digits for ordinary sizes, an exponent where plain digits would be a wall of zeros.
fn write_float(cell: &mut String, number: f64) -> std::fmt::Result {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) && size.is_finite() {
        write!(cell, "{number:e}")
    } else {
        write!(cell, "{number}")
    }
}
