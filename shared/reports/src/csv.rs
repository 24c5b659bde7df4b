//! Tables for spreadsheets, in which no cell is taken for a formula.

use crate::report::{Block, Report};

/// One row: every cell quoted (RFC 4180), the line ended by CR and LF.
pub fn line<C: AsRef<str>>(cells: &[C]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A whole report: each section begins with a row of its title alone.
pub fn report(report: &Report) -> String {
    let mut text = line(&[&report.title, &report.mesh, &report.made.words()]);
    for section in &report.sections {
        text += &line(&[&section.title]);
        section.blocks.iter().for_each(|block| text += &rows(block));
    }
    text
}

fn rows(block: &Block) -> String {
    match block {
        Block::Text(words) => line(&[words]),
        Block::Facts(facts) => {
            let facts = facts.iter();
            facts.map(|(name, value)| line(&[name, value])).collect()
        }
        Block::Table(table) => {
            let names: Vec<&String> = table.columns.iter().map(|column| &column.name).collect();
            let rows = table.rows.iter().map(|row| line(row));
            line(&names) + &rows.collect::<String>()
        }
        Block::Bars(bars) => {
            let bars = bars.bars.iter();
            bars.map(|(name, value)| line(&[name, &value.to_string()]))
                .collect()
        }
    }
}

/// A sign in front of what a spreadsheet would take for a formula, as OWASP says of CSV injection: also where it stands
/// behind blanks, and in the wide forms that some spreadsheets read as the plain ones.
fn quoted(cell: &str) -> String {
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{3000}']);
    let signs = [
        '=', '+', '-', '@', '\t', '\r', '\n', '|', '＝', '＋', '－', '＠',
    ];
    let mark = if first.starts_with(signs) { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Section, Table};

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

    #[test]
    fn a_report_is_rows_of_its_sections() {
        let mut table = Table::of(&[("name", 1), ("state", 1)], "none");
        table
            .rows
            .push(vec!["=cmd".to_owned(), "online".to_owned()]);
        let section = Section {
            title: "Devices".to_owned(),
            blocks: vec![Block::Table(table)],
        };
        let text = report(&Report {
            title: "Fleet".to_owned(),
            sections: vec![section],
            ..Report::default()
        });
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(
            lines[1..4],
            ["\"Devices\"", "\"name\",\"state\"", "\"'=cmd\",\"online\""]
        );
    }
}
