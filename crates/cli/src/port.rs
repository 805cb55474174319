//! A port, as a flag takes it.

/// Which ports there are.
const PORTS: &str = "a port is a number from";

/// A port that something listens on.
pub(crate) fn taken(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| format!("{PORTS} 1 to 65535, such as 8080"))
}

/// A port to listen on; 0 stands for any that is free.
pub(crate) fn free(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{PORTS} 1 to 65535, such as 8080, or 0 for a free one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_port_is_told_what_one_is() {
        assert_eq!((taken("8080"), free("0")), (Ok(8080), Ok(0)));
        for odd in ["eighty", "0", "65536", "-1", "80a", ""] {
            assert!(taken(odd).is_err_and(|why| why.contains("a number from 1 to 65535")), "{odd}");
        }
        assert!(free("eighty").is_err_and(|why| why.contains("or 0 for a free one")));
    }
}
