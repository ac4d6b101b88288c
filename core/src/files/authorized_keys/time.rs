//! Points of time as `expiry-time` writes them.

use crate::UnixTime;

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with `Z` or `UTC` behind it or in the time zone of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    seconds: i64,
    utc: bool,
}

impl Expiry {
    /// Reads the text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let stripped = |suffix: &str| {
            let at = text.len().checked_sub(suffix.len())?;
            let (digits, end) = text.split_at_checked(at)?;
            end.eq_ignore_ascii_case(suffix).then_some(digits)
        };
        let zone = stripped("UTC").or_else(|| stripped("Z"));
        let (digits, utc) = (zone.unwrap_or(text), zone.is_some());
        if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = |from: usize, len: usize| match digits.get(from..from.checked_add(len)?) {
            Some(part) => part.parse::<i64>().ok(),
            // The time of day may be cut short.
            None => Some(0),
        };
        let (year, month, day) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
        let (hour, minute, second) = (number(8, 2)?, number(10, 2)?, number(12, 2)?);
        let days = days_since_1970(year, month, day)?;
        // Leap seconds are written as 60, and count as the second behind them.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let of_day = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
        Some(Expiry { seconds: days.checked_mul(86_400)?.checked_add(of_day)?, utc })
    }

    /// Whether it is over at `now`. A time without `Z` is the server's: `east_of_utc` is how many seconds its clocks are
    /// ahead of UTC, 0 if it is set to UTC.
    #[must_use]
    pub fn is_over(&self, now: UnixTime, east_of_utc: i32) -> bool {
        let offset = if self.utc { 0 } else { i64::from(east_of_utc) };
        // Far away on either side is as good as exact.
        self.seconds.saturating_sub(offset) < i64::try_from(now.0).unwrap_or(i64::MAX)
    }
}

/// Days from the first of January 1970 to a day that the calendar has, from that one on.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month.checked_sub(1)?).ok()?;
    if day < 1 || day > *lengths.get(month)? || year < 1970 {
        return None;
    }
    let before: i64 = lengths.iter().take(month).sum();
    let past = year.checked_sub(1)?;
    // Leap days of all years up to the last one, and 477 of them up to 1969.
    let leap_days = (past / 4).checked_sub(past / 100)?.checked_add(past / 400)?.checked_sub(477)?;
    year.checked_sub(1970)?
        .checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(before)?
        .checked_add(day)?
        .checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_1970() {
        // What `date -u -d … +%s` says.
        for (text, seconds, utc) in [
            ("19700101Z", 0, true),
            ("20000229", 951_782_400, false),
            ("20000301utc", 951_868_800, true),
            ("20380119031407Z", 2_147_483_647, true),
            ("202401010130", 1_704_072_600, false),
            ("21000301z", 4_107_542_400, true),
            ("99991231235960", 253_402_300_800, false),
        ] {
            assert_eq!(Expiry::parse(text), Some(Expiry { seconds, utc }), "{text}");
        }
        for bad in [
            "",
            "Z",
            "2024",
            "20240230",
            "20230229",
            "20241301",
            "20240001",
            "20240100",
            "2024010124",
            "202401012460",
            "20240101246060",
            "20240101 Z",
            "2024-1-1",
            "202401010101010",
            "19691231",
            "+0240101",
            "20240101ZZ",
            "2024010\u{661}",
        ] {
            assert_eq!(Expiry::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_good_until_then() {
        let [utc, local] = ["20240101Z", "20240101"].map(|text| Expiry::parse(text).unwrap());
        let then = 1_704_067_200;
        for (expiry, now, east, over) in [
            (utc, then, 0, false),
            (utc, then + 1, 0, true),
            (utc, then + 1, 7200, true),
            (local, then - 7200, 7200, false),
            (local, then - 7199, 7200, true),
            (local, then + 3600, -3600, false),
            (local, u64::MAX, 0, true),
        ] {
            assert_eq!(expiry.is_over(UnixTime(now), east), over, "{expiry:?} {now} {east}");
        }
    }
}
