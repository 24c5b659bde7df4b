//! The tables of THREAT_MODEL.md: threats, listening ports and secrets.

/// One threat, as its nine cells say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub kind: String,
    pub asset: String,
    pub actor: String,
    pub threat: String,
    pub mitigation: String,
    pub tests: String,
    pub residual: String,
    pub state: String,
}

/// A line of a registry (a port or a secret): its tag, such as `port:people`, and the code that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub tag: String,
    pub code: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    pub rows: Vec<Row>,
    pub entries: Vec<Entry>,
    /// Lines that begin like a threat and do not have its nine cells.
    pub malformed: Vec<String>,
}

impl Model {
    pub fn parse(text: &str) -> Self {
        let mut model = Self::default();
        for line in text.lines().filter(|line| line.starts_with('|')) {
            model.take(line);
        }
        model
    }

    fn take(&mut self, line: &str) {
        let cells = cells(line);
        let Some(first) = cells.first() else { return };
        if is_threat_id(first) {
            match row(&cells) {
                Some(row) => self.rows.push(row),
                None => self.malformed.push(line.to_owned()),
            }
            return;
        }
        let tag = first.trim_matches('`');
        if tag.starts_with("port:") || tag.starts_with("secret:") {
            let code = cells.get(1).cloned().unwrap_or_default();
            self.entries.push(Entry {
                tag: tag.to_owned(),
                code,
            });
        }
    }
}

impl Row {
    /// Every cell in which a row may name a message, a port or a secret.
    pub fn names(&self, word: &str) -> bool {
        [
            &self.asset,
            &self.threat,
            &self.mitigation,
            &self.residual,
            &self.tests,
        ]
        .into_iter()
        .any(|cell| quoted(cell).any(|token| token == word))
    }
}

/// The words of a cell that stand between back-ticks.
pub fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// `T-` and digits after an area, such as `ENROL-3`.
fn is_threat_id(cell: &str) -> bool {
    let Some((area, number)) = cell.rsplit_once('-') else {
        return false;
    };
    let upper =
        |area: &str| !area.is_empty() && area.chars().all(|letter| letter.is_ascii_uppercase());
    upper(area) && !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit())
}

fn row(cells: &[String]) -> Option<Row> {
    let [
        id,
        kind,
        asset,
        actor,
        threat,
        mitigation,
        tests,
        residual,
        state,
    ] = cells
    else {
        return None;
    };
    Some(Row {
        id: id.clone(),
        kind: kind.clone(),
        asset: asset.clone(),
        actor: actor.clone(),
        threat: threat.clone(),
        mitigation: mitigation.clone(),
        tests: tests.clone(),
        residual: residual.clone(),
        state: state.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_line_with_nine_cells_is_a_threat() {
        let model =
            Model::parse("| ENROL-1 | S | join | A1 | guess | `a.rs::f` | `t` | none | held |");
        assert_eq!(model.rows.len(), 1);
        assert_eq!(model.rows[0].mitigation, "`a.rs::f`");
        assert!(model.malformed.is_empty());
    }

    #[test]
    fn a_threat_with_a_missing_cell_is_malformed() {
        let model = Model::parse("| ENROL-1 | S | join | A1 | guess | `a.rs::f` | `t` | held |");
        assert!(model.rows.is_empty());
        assert_eq!(model.malformed.len(), 1);
    }

    #[test]
    fn headings_rules_and_other_tables_are_not_threats() {
        let model = Model::parse(
            "| ID | kind |\n|---|---|\n| A0 | nobody |\n| `port:people` | `c.rs::serve` |\n",
        );
        assert!(model.rows.is_empty() && model.malformed.is_empty());
        assert_eq!(
            model.entries,
            [Entry {
                tag: "port:people".into(),
                code: "`c.rs::serve`".into()
            }]
        );
    }

    #[test]
    fn only_words_between_back_ticks_are_names() {
        let row = Model::parse(
            "| X-1 | S | `Message::Head` and Message::Beat | A1 | t | m | t | r | held |",
        )
        .rows
        .remove(0);
        assert!(row.names("Message::Head"));
        assert!(!row.names("Message::Beat"));
    }
}
