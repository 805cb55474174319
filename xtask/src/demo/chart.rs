//! Shares over time as rows of blocks: they line up, they fit the terminal, and they need no colour.

use std::fmt::Write as _;

const LEVELS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Lines of text for each row of bars.
const LINES: usize = 2;
/// Before the bars.
const LABEL: usize = 11;
/// More columns than this have too few calls each to say anything.
const MOST_COLUMNS: usize = 64;
const FEWEST_COLUMNS: usize = 20;

/// What is drawn.
pub(crate) struct Chart<'a> {
    /// The planned share, in each column.
    pub(crate) planned: &'a [Option<f64>],
    /// The observed share, in each column.
    pub(crate) observed: &'a [Option<f64>],
    /// How many seconds the columns cover.
    pub(crate) seconds: f64,
    /// What happened, and after how many seconds.
    pub(crate) marks: &'a [(f64, String)],
}

/// How many columns of bars a terminal of this width has room for.
pub(crate) fn columns(width: usize) -> usize {
    width.saturating_sub(LABEL + 1).clamp(FEWEST_COLUMNS, MOST_COLUMNS)
}

impl Chart<'_> {
    /// The text, line by line.
    pub(crate) fn draw(&self) -> String {
        let mut text = String::new();
        for (label, shares) in [("planned", self.planned), ("observed", self.observed)] {
            for (line, bars) in bars(shares).iter().enumerate() {
                let label = if line + 1 == LINES { label } else { "" };
                let drawn = format!("  {label:<width$}{bars}", width = LABEL - 2);
                let _ = writeln!(text, "{}", drawn.trim_end());
            }
        }
        let columns = self.planned.len();
        for line in [axis(self.seconds, columns)].into_iter().chain(self.marks(columns)) {
            let _ = writeln!(text, "{:LABEL$}{line}", "");
        }
        text
    }

    /// The marks at their columns, on as few lines as they fit.
    fn marks(&self, columns: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (at, what) in self.marks {
            let column = column(*at, self.seconds, columns);
            // Near the right end the text stands before its mark.
            let (start, told) = match (column + 2 + what.chars().count()).checked_sub(columns + 1) {
                Some(1..) if column > what.chars().count() => (column - what.chars().count() - 1, format!("{what} ^")),
                _ => (column, format!("^ {what}")),
            };
            let free = lines.iter().position(|line| line.is_empty() || line.chars().count() < start);
            let line = match free {
                Some(free) => &mut lines[free],
                None => {
                    lines.push(String::new());
                    let last = lines.len() - 1;
                    &mut lines[last]
                }
            };
            let gap = start - line.chars().count();
            line.push_str(&" ".repeat(gap));
            line.push_str(&told);
        }
        lines
    }
}

/// Bars of `LINES` lines, the uppermost first.
fn bars(shares: &[Option<f64>]) -> Vec<String> {
    let level = |share: &Option<f64>, line: usize| {
        let Some(share) = share else { return ' ' };
        let steps = LEVELS.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "0 to 16"
        )]
        let mut height = (share.clamp(0.0, 1.0) * (steps * LINES) as f64).round() as usize;
        if *share > 0.0 {
            height = height.max(1);
        }
        let beneath = (LINES - 1 - line) * steps;
        match height.saturating_sub(beneath).min(steps) {
            0 if beneath > 0 => ' ',
            level => LEVELS[level],
        }
    };
    (0..LINES).map(|line| shares.iter().map(|share| level(share, line)).collect()).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a column")]
fn column(at: f64, seconds: f64, columns: usize) -> usize {
    let column = at / seconds.max(f64::MIN_POSITIVE) * columns as f64;
    (column.max(0.0) as usize).min(columns.saturating_sub(1))
}

/// Seconds under the bars, as many as have room.
fn axis(seconds: f64, columns: usize) -> String {
    let every = [1, 2, 5, 10, 20, 30, 60, 120].into_iter().find(|every| {
        let apart = column(f64::from(*every), seconds, columns);
        apart >= 8
    });
    let every = f64::from(every.unwrap_or(300));
    let mut line = String::new();
    let mut at = 0.0;
    while at < seconds {
        let told = format!("{at} s");
        let start = column(at, seconds, columns);
        if start + told.len() > columns {
            break;
        }
        line.push_str(&" ".repeat(start.saturating_sub(line.len())));
        line.push_str(&told);
        at += every;
    }
    line
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(planned: &[f64], observed: &[Option<f64>], seconds: f64, marks: &[(f64, &str)], expected: Expect) {
        let planned = planned.iter().copied().map(Some).collect::<Vec<_>>();
        let marks = marks.iter().map(|(at, what)| (*at, (*what).to_owned())).collect::<Vec<_>>();
        let drawn = Chart { planned: &planned, observed, seconds, marks: &marks }.draw();
        // Snapshots keep no indentation that all lines have.
        let lines = drawn.lines().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned() + "\n");
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn planned_and_observed_line_up_over_the_same_seconds() {
        let planned = [vec![0.0; 6], vec![0.2; 16], vec![1.0; 10]].concat();
        let observed = [
            vec![Some(0.0); 7],
            vec![Some(0.25), Some(0.15), None, Some(0.2)],
            vec![Some(0.2); 12],
            vec![Some(1.0); 9],
        ];
        check(
            &planned,
            &observed.concat(),
            8.0,
            &[(0.5, "deploy"), (1.5, "20 %"), (5.5, "100 %")],
            expect![[r#"
                                                 ██████████
                  planned  ······▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃██████████
                                                  █████████
                  observed ·······▄▂ ▃▃▃▃▃▃▃▃▃▃▃▃▃█████████
                           0 s     2 s     4 s     6 s
                             ^ deploy            ^ 100 %
                                 ^ 20 %
            "#]],
        );
    }

    #[test]
    fn what_happens_at_the_right_end_is_told_before_its_mark() {
        check(
            &[0.0; 24],
            &[None; 24],
            12.0,
            &[(11.0, "back on version 1")],
            expect![[r#"

                  planned  ························

                  observed
                           0 s       5 s       10 s
                               back on version 1 ^
            "#]],
        );
    }

    #[test]
    fn the_smallest_share_is_still_seen() {
        assert_eq!(bars(&[Some(0.001), Some(0.0), Some(0.5), Some(0.51), Some(1.0)]), ["    █", "▁·███"]);
    }

    #[test]
    fn a_chart_fits_the_terminal() {
        assert_eq!([10, 60, 80, 300].map(columns), [20, 48, 64, 64]);
    }
}
