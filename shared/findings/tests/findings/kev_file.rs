//! CISA's real catalogue in the data folder.

use findings::advisory::kev::{Ransomware, import};
use findings::time::Moment;

use crate::data;

#[test]
fn all_entries_of_the_catalogue_are_imported() {
    let Some(path) = data::path("kev/known_exploited_vulnerabilities.json") else {
        return;
    };
    let read =
        import(&std::fs::read(path).expect("the file can be read")).expect("it is the catalogue");
    assert_eq!((read.items.len(), read.skipped), (1404, 0));
    assert_eq!(read.as_of, Moment::parse("2025-08-25T17:04:19Z"));
    let (_, log4j) = read
        .items
        .iter()
        .find(|(id, _)| id == "CVE-2021-44228")
        .expect("it is known");
    assert_eq!(log4j.ransomware, Ransomware::Known);
    assert_eq!(log4j.added, Moment::parse("2021-12-10").expect("a date"));
}
