//! What is wrong with an AppSpec: where, and what to write instead.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; `None` when it is about the text as a whole.
    pub line: Option<usize>,
    /// The place, such as `Resources[0].Storefront.Properties.Alias`; empty when it is about the text as a whole.
    pub field: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            f.write_str(if self.field.is_empty() { ": " } else { ", " })?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with an AppSpec: one problem or more, in the order of the text. Displayed one to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSpecErrors {
    problems: Vec<Problem>,
    left_out: usize,
}

impl AppSpecErrors {
    /// The problems, at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl std::error::Error for AppSpecErrors {}

impl From<Problem> for AppSpecErrors {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], left_out: 0 }
    }
}

impl fmt::Display for AppSpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let break_before = if index == 0 { "" } else { "\n" };
            write!(f, "{break_before}{problem}")?;
        }
        match self.left_out {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// The most problems that are told in one go. More of them help nobody, and an answer has to fit somewhere.
    const TOLD: usize = 50;

    pub(super) fn add(&mut self, line: usize, field: String, message: impl Into<String>) {
        if self.found.len() < Self::TOLD {
            self.found.push(Problem { line: Some(line), field, message: message.into() });
        } else {
            self.left_out += 1;
        }
    }

    /// `value`, where it is there and nothing was found.
    pub(super) fn or<T>(mut self, value: Option<T>) -> Result<T, AppSpecErrors> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                if self.found.is_empty() {
                    self.add(1, String::new(), "this is not an AppSpec");
                }
                self.found.sort_by_key(|problem| problem.line);
                Err(AppSpecErrors { problems: self.found, left_out: self.left_out })
            }
        }
    }
}
