//! Day numbers to calendar dates, for the second row of labels under a time axis.

/// The date of day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    year: i64,
    /// Days from the first of January of that year to day 0.
    elapsed: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Calendar {
    /// Reads `YYYY-MM-DD`; anything else gives no calendar.
    pub(crate) fn parse(date: &str) -> Option<Calendar> {
        let mut parts = date
            .trim()
            .splitn(3, '-')
            .map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let sensible =
            (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        sensible.then(|| Calendar {
            year,
            elapsed: (1..month)
                .map(|earlier| days_in(year, earlier))
                .sum::<i64>()
                + day
                - 1,
        })
    }

    /// The years that begin in a span of days, each with the day it begins on; day 0 counts for its own year.
    pub(crate) fn years(self, until: f64) -> Vec<(f64, String)> {
        let mut years = vec![(0.0, self.year.to_string())];
        let (mut year, mut start) = (self.year, -self.elapsed);
        loop {
            start += days_in_year(year);
            year += 1;
            if start as f64 > until {
                return years;
            }
            years.push((start as f64, year.to_string()));
        }
    }

    /// Date of a day as `14 Mar 2021`.
    pub(crate) fn date(self, day: f64) -> String {
        let (mut year, mut left) = (self.year, self.elapsed + day.max(0.0) as i64);
        while left >= days_in_year(year) {
            left -= days_in_year(year);
            year += 1;
        }
        let mut month = 1;
        while left >= days_in(year, month) {
            left -= days_in(year, month);
            month += 1;
        }
        format!(
            "{}\u{a0}{}\u{a0}{year}",
            left + 1,
            MONTHS[month as usize - 1]
        )
    }
}

fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::Calendar;

    #[test]
    fn leap_days_count() {
        let calendar = Calendar::parse("2019-01-01").unwrap();
        assert_eq!(calendar.date(0.0), "1\u{a0}Jan\u{a0}2019");
        assert_eq!(calendar.date(365.0 + 59.0), "29\u{a0}Feb\u{a0}2020");
        assert_eq!(calendar.date(365.0 + 366.0), "1\u{a0}Jan\u{a0}2021");
        assert_eq!(calendar.years(800.0)[2], (731.0, "2021".into()));
        assert_eq!(
            Calendar::parse("2019-04-01").unwrap().years(300.0)[1],
            (275.0, "2020".into())
        );
    }

    #[test]
    fn what_is_not_a_date_gives_no_calendar() {
        for text in [
            "",
            "soon",
            "2019-13-01",
            "2019-01",
            "2019-9000000000000000000-01",
            "2019-02-9223372036854775807",
        ] {
            assert_eq!(Calendar::parse(text), None);
        }
    }
}
