//! Tables of recorded runs, to Parquet and CSV and back, and the folders they live in.
//!
//! A recorded number has three homes. In memory it is a cell of a [`Table`]: named columns of equal
//! length, each with its unit and a sentence on its meaning. On disk it is a Parquet file (and for
//! small tables a CSV file beside it), whose bytes depend on the numbers alone: no clock and no host
//! name enters. Around the files stands a [`Folder`] with a [`Manifest`], which says what was run,
//! when, where, and what the checksum of every recorded file is.
//!
//! Nothing half-written looks whole. A file is written under a temporary name and renamed once its
//! bytes have reached the disk; a folder is built as a [`Draft`] beside its final place and moved
//! there in one step.
//!
//! ```
//! # fn main() -> Result<(), prodos_record::Error> {
//! use prodos_record::{Cell, Column, Draft, Existing, Folder, Manifest, Table};
//!
//! let outputs = tempfile::tempdir().unwrap();
//! let mut city = Table::new(vec![
//!     Column::integer("run_id", "id", "Which replicate."),
//!     Column::float("day", "days", "Days since the start."),
//!     Column::float("output", "money/day", "Value of output made."),
//! ]);
//! city.push_row(&[Cell::Integer(0)], [0.0, 1.5e6]);
//! city.push_row(&[Cell::Integer(0)], [1.0, f64::NAN]);
//!
//! let draft = Draft::create(outputs.path(), "harbour-1a2b3c4d")?;
//! city.write_parquet(&draft.file("series/city.parquet")?)?;
//! draft.seal(Manifest { experiment: "harbour".into(), ..Manifest::default() })?;
//! let folder = draft.publish(Existing::Refuse)?;
//!
//! let again = Folder::open(folder.path())?;
//! again.verify()?;
//! assert_eq!(again.table("series/city.parquet")?.floats("output")?[0], 1.5e6);
//! # Ok(())
//! # }
//! ```

mod chunks;
mod csv_file;
mod error;
mod folder;
mod manifest;
mod parquet_file;
mod table;
mod whole_file;

pub use chunks::{ChunkNote, Chunks};
pub use csv_file::Spreadsheets;
pub use error::Error;
pub use folder::{Draft, Existing, Folder, move_into, remove_drawings};
pub use manifest::{Manifest, Sector, Stretch};
pub use parquet_file::{ParquetWriter, ROWS_A_GROUP};
pub use table::{Cell, Column, Data, Table, Words};
pub use whole_file::write_whole;
