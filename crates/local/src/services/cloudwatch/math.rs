//! Metric math.

use std::collections::HashMap;

/// Metric math as far as error rates need it: names, numbers, `+ - * /` and parentheses.
pub(super) fn math(expression: &str, values: &HashMap<&str, Option<f64>>) -> Option<f64> {
    let mut reader = Math { rest: expression, values };
    let result = reader.sum()?;
    (reader.rest.trim().is_empty() && result.is_finite()).then_some(result)
}

struct Math<'a> {
    rest: &'a str,
    values: &'a HashMap<&'a str, Option<f64>>,
}

impl Math<'_> {
    fn eat(&mut self, signs: [char; 2]) -> Option<char> {
        let sign = self.rest.trim_start().chars().next().filter(|sign| signs.contains(sign))?;
        self.rest = &self.rest.trim_start()[1..];
        Some(sign)
    }

    fn sum(&mut self) -> Option<f64> {
        let mut left = self.product()?;
        while let Some(sign) = self.eat(['+', '-']) {
            let right = self.product()?;
            left = if sign == '+' { left + right } else { left - right };
        }
        Some(left)
    }

    fn product(&mut self) -> Option<f64> {
        let mut left = self.term()?;
        while let Some(sign) = self.eat(['*', '/']) {
            let right = self.term()?;
            left = if sign == '*' { left * right } else { left / right };
        }
        Some(left)
    }

    fn term(&mut self) -> Option<f64> {
        if self.eat(['(', '(']).is_some() {
            let inner = self.sum()?;
            self.eat([')', ')'])?;
            return Some(inner);
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '.').unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word.parse().ok().or_else(|| self.values.get(word).copied().flatten())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::math;

    #[test]
    fn metric_math_knows_precedence_and_refuses_what_it_does_not_know() {
        let values = HashMap::from([("a", Some(4.0)), ("b", None)]);
        assert_eq!(math("(a + 2) * 3 - 1", &values), Some(17.0));
        assert_eq!(math("a + b", &values), None);
        assert_eq!(math("IF(a, 1, 2)", &values), None);
        assert_eq!(math("a / 0", &values), None);
    }
}
