//! The calendar and the clock.

use std::borrow::Cow;

pub(super) const SECONDS_PER_DAY: i64 = 86_400;
/// Days in 400 years, the period of the calendar.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from the first of March of the year 0 to the start of 1970.
const MARCH_ZERO: i64 = 719_468;

#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
];

#[rustfmt::skip]
const DAYS: [&str; 7] = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
];

pub(super) struct Civil {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    /// From 0, which is Sunday.
    pub(super) weekday: i64,
    /// From 1.
    pub(super) year_day: i64,
}

impl Civil {
    /// The date and time `seconds` after the start of 1970.
    pub(super) fn of(seconds: i64) -> Civil {
        let days = seconds.div_euclid(SECONDS_PER_DAY);
        let second = seconds.rem_euclid(SECONDS_PER_DAY);
        // A year that begins in March has its leap day at the end, and its months follow
        // a pattern of five: 31, 30, 31, 30, 31 days.
        let from_march = days + MARCH_ZERO;
        let era = from_march.div_euclid(DAYS_PER_ERA);
        let of_era = from_march.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Civil {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: (days + 4).rem_euclid(7),
            year_day: days - days_to(year, 1, 1) + 1,
        }
    }

    /// Seconds since midnight.
    pub(super) fn second_of_day(&self) -> i64 {
        self.hour * 3600 + self.minute * 60 + self.second
    }
}

/// Days from the start of 1970 to a date. The month and the day may be out of range.
pub(super) fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = year.saturating_add((month - 1).div_euclid(12));
    let month = (month - 1).rem_euclid(12) + 1;
    let (year, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let of_year = (153 * from_march + 2) / 5;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era.saturating_mul(DAYS_PER_ERA)
        .saturating_add(of_era - MARCH_ZERO)
        .saturating_add(day - 1)
}

/// The name of a month as Go prints it, for a number out of range, too.
pub(super) fn month_name(month: i64) -> Cow<'static, str> {
    let name = usize::try_from(month - 1).ok().and_then(|i| MONTHS.get(i));
    name.map_or_else(|| format!("%!Month({month})").into(), |name| (*name).into())
}

/// The name of a weekday as Go prints it, for a number out of range, too.
pub(super) fn weekday_name(day: i64) -> Cow<'static, str> {
    let name = usize::try_from(day).ok().and_then(|i| DAYS.get(i));
    name.map_or_else(|| format!("%!Weekday({day})").into(), |name| (*name).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for days in (-1_000_000..1_000_000).step_by(37) {
            let c = Civil::of(days * SECONDS_PER_DAY + 12_345);
            assert_eq!(days_to(c.year, c.month, c.day), days);
            assert_eq!(c.second_of_day(), 12_345);
        }
    }

    #[test]
    fn known_days() {
        let c = Civil::of(1_741_529_106);
        assert_eq!(
            (c.year, c.month, c.day, c.weekday, c.year_day),
            (2025, 3, 9, 0, 68)
        );
        assert_eq!((c.hour, c.minute, c.second), (14, 5, 6));
        assert_eq!(days_to(2024, 14, 0), days_to(2025, 1, 31));
    }
}
