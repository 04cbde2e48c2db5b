//! The figures as a table for people and as JSON for later comparison.

use std::fmt::Write as _;

use serde_json::json;

use crate::load::Measured;
use crate::options::{Cell, Options};

/// One measurement.
pub struct Row {
    pub round: usize,
    pub cell: Cell,
    pub subject: &'static str,
    pub measured: Measured,
}

/// A table per cell: each figure the median over rounds, each ratio the median of the rounds' ratios.
pub fn markdown(rows: &[Row], peaks: &[(&'static str, u64)], options: &Options) -> String {
    let mut out = format!(
        "Medians of {} rounds of {} s; client, mock and subject share the machine's cores. CPU is the subject's own \
         processes (direct: the mock's). Ratios are to nginx, added latency is to direct, both within a round.\n",
        options.rounds, options.seconds
    );
    for cell in &options.cells {
        let _ = writeln!(
            out,
            "\n### {cell}\n\n| | req/s | × nginx | p50 ms | p99 ms | added p50 | added p99 | CPU µs | × nginx | peak MB |\n\
             |---|---|---|---|---|---|---|---|---|---|"
        );
        for (subject, peak) in peaks {
            let figures = Figures::of(rows, *cell, subject);
            let _ = writeln!(out, "| {subject} | {figures} | {:.1} |", *peak as f64 / 1e6);
        }
    }
    let faults: usize = rows.iter().map(|row| row.measured.faults).sum();
    let _ = write!(out, "\nFaults: {faults}");
    out
}

/// Every measurement as it was taken, with the peaks of memory.
pub fn json(rows: &[Row], peaks: &[(&'static str, u64)], options: &Options) -> String {
    let measured = rows.iter().map(|row| {
        let m = &row.measured;
        json!({
            "round": row.round, "cell": row.cell.to_string(), "subject": row.subject, "requests": m.requests,
            "faults": m.faults, "requests_per_second": m.requests_per_second, "p50_us": m.p50_us,
            "p99_us": m.p99_us, "cpu_us": m.cpu_us
        })
    });
    let peaks: serde_json::Map<_, _> =
        peaks.iter().map(|(name, bytes)| ((*name).to_owned(), json!(bytes))).collect();
    let report = json!({
        "quick": options.quick, "rounds": options.rounds, "seconds": options.seconds,
        "measured": measured.collect::<Vec<_>>(), "peak_bytes": peaks
    });
    format!("{report:#}\n")
}

struct Figures {
    per_second: f64,
    per_second_to_nginx: Option<f64>,
    p50_ms: f64,
    p99_ms: f64,
    added_p50_ms: Option<f64>,
    added_p99_ms: Option<f64>,
    cpu_us: f64,
    cpu_to_nginx: Option<f64>,
}

impl Figures {
    fn of(rows: &[Row], cell: Cell, subject: &str) -> Self {
        let of = |name: &str| {
            let mut found: Vec<&Row> =
                rows.iter().filter(|row| row.cell == cell && row.subject == name).collect();
            found.sort_by_key(|row| row.round);
            found.into_iter().map(|row| &row.measured).collect::<Vec<_>>()
        };
        let (own, nginx, direct) = (of(subject), of("nginx"), of("direct"));
        let alone = |figure: fn(&Measured) -> f64| median(own.iter().map(|m| figure(m))).unwrap_or(f64::NAN);
        let ratio =
            |figure: fn(&Measured) -> f64| median(own.iter().zip(&nginx).map(|(m, n)| figure(m) / figure(n)));
        let added = |figure: fn(&Measured) -> f64| {
            median(own.iter().zip(&direct).map(|(m, d)| (figure(m) - figure(d)) / 1000.0))
        };
        Self {
            per_second: alone(|m| m.requests_per_second),
            per_second_to_nginx: ratio(|m| m.requests_per_second),
            p50_ms: alone(|m| m.p50_us / 1000.0),
            p99_ms: alone(|m| m.p99_us / 1000.0),
            added_p50_ms: added(|m| m.p50_us),
            added_p99_ms: added(|m| m.p99_us),
            cpu_us: alone(|m| m.cpu_us),
            cpu_to_nginx: ratio(|m| m.cpu_us),
        }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        write!(
            f,
            "{:.0} | {} | {:.3} | {:.3} | {} | {} | {:.1} | {}",
            self.per_second,
            shown(self.per_second_to_nginx),
            self.p50_ms,
            self.p99_ms,
            shown(self.added_p50_ms),
            shown(self.added_p99_ms),
            self.cpu_us,
            shown(self.cpu_to_nginx)
        )
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values.get(middle).copied()
    } else {
        Some((values.get(middle.checked_sub(1)?)? + values.get(middle)?) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }
}
