//! How long functions are.

use crate::tokens::{Token, by_line};

/// A function, from the line of its `fn` to that of its last brace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) lines: usize,
}

/// Every function of a file that has a body, those inside others too. What a macro makes is none.
pub(crate) fn functions(text: &str) -> Vec<Function> {
    let tokens = by_line(text);
    (0..tokens.len()).filter_map(|at| function(&tokens[at..])).collect()
}

/// The function that begins here, if one does.
fn function(tokens: &[(usize, Token)]) -> Option<Function> {
    let [(first, word), (_, name), ..] = tokens else { return None };
    let name = name.word().filter(|_| word.is("fn"))?;
    let (mut depth, mut in_body) = (0_usize, false);
    for (line, token) in tokens {
        let is_one = |signs: &[&str]| signs.iter().any(|sign| token.is(sign));
        if !in_body && depth == 0 && token.is(";") {
            return None;
        }
        in_body |= depth == 0 && token.is("{");
        depth += usize::from(is_one(&["(", "[", "{"]));
        depth = depth.checked_sub(usize::from(is_one(&[")", "]", "}"])))?;
        if in_body && depth == 0 {
            return Some(Function { name: name.to_owned(), lines: line - first + 1 });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Function, functions};

    #[test]
    fn a_function_is_as_long_as_it_looks_whatever_stands_in_it() {
        let text = r##"
            trait Port { fn asked(&self, [a, b]: [u8; 2]) -> u8; }
            type Call = fn(u8) -> u8;
            const fn short() {}
            /// } not an end
            #[test]
            fn long<T: Fn() -> [u8; 2]>(
                value: T,
            ) {
                let text = "}
                    }"; // }
                fn inner() {
                    match '}' { _ => {} }
                }
            }
        "##;
        let found: Vec<(String, usize)> =
            functions(text).into_iter().map(|Function { name, lines }| (name, lines)).collect();
        let expected = [("short", 1), ("long", 9), ("inner", 3)];
        assert_eq!(found, expected.map(|(name, lines)| (name.to_owned(), lines)));
    }
}
