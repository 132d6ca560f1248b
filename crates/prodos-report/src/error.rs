//! What can keep a report from being drawn.

use std::path::PathBuf;

/// Every message names what is missing and where it was looked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the folder could not be read, or a figure not written.
    #[error(transparent)]
    Record(#[from] prodos_record::Error),
    /// The folder lacks the one table without which nothing can be said.
    #[error("{} has no {table}, from which every figure is drawn; record the city's series, or give another folder", folder.display())]
    NoTable {
        /// The folder.
        folder: PathBuf,
        /// The table that is missing.
        table: &'static str,
    },
    /// A table that lacks what the figures need.
    #[error("{table}: {source}")]
    Table {
        /// The table, by its path in the folder.
        table: &'static str,
        /// What is missing.
        source: prodos_record::Error,
    },
    /// A day that no run can have.
    #[error(
        "{table}: column 'day' holds {day}; a recorded day is at most {most} days from the start"
    )]
    Day {
        /// The table, by its path in the folder.
        table: &'static str,
        /// What stands there.
        day: f64,
        /// The most that can.
        most: f64,
    },
    /// A cell that no grid of so many teams has.
    #[error(
        "{table}: columns 'x' and 'y' place a team at ({x}, {y}); cells are counted from (0, 0), and a grid is little larger than its teams, here {teams}"
    )]
    Cell {
        /// The table, by its path in the folder.
        table: &'static str,
        /// Column of the grid.
        x: i64,
        /// Row of the grid.
        y: i64,
        /// Teams that stand on the grid.
        teams: usize,
    },
    /// A run that was not recorded.
    #[error("run {run} is not in {}; recorded are {recorded}", folder.display())]
    NoRun {
        /// The folder.
        folder: PathBuf,
        /// The run that was asked for.
        run: i64,
        /// The runs there are.
        recorded: String,
    },
    /// A figure could not be drawn or turned into pixels.
    #[error("cannot draw the figure '{figure}': {reason}")]
    Drawing {
        /// Name of the figure.
        figure: String,
        /// The reason in the words of the library.
        reason: String,
    },
}

impl Error {
    /// Names the table in which something is missing.
    pub(crate) fn table(table: &'static str) -> impl FnOnce(prodos_record::Error) -> Error {
        move |source| Error::Table { table, source }
    }

    /// A figure that failed, with the reason a drawing library gave.
    pub(crate) fn drawing(figure: &str, reason: impl std::fmt::Display) -> Error {
        Error::Drawing {
            figure: figure.into(),
            reason: reason.to_string(),
        }
    }
}
