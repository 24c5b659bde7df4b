//! Tables for spreadsheets, in which no cell is taken for a formula.

/// One row: every cell quoted (RFC 4180), the line ended by CR and LF.
pub fn line<C: AsRef<str>>(cells: &[C]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A sign in front of what a spreadsheet would take for a formula, as OWASP says of CSV injection: also where it stands
/// behind blanks, and in the wide forms that some spreadsheets read as the plain ones.
fn quoted(cell: &str) -> String {
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{3000}']);
    let formula = first.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '|', '＝', '＋', '－', '＠',
    ]);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(
            line(&["=1+1", "a\"b", "-2", "ok"]),
            "\"'=1+1\",\"a\"\"b\",\"'-2\",\"ok\"\r\n"
        );
        for formula in ["@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n+1", "|calc"] {
            assert!(line(&[formula]).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(line(&[""; 2]), "\"\",\"\"\r\n");
    }
}
