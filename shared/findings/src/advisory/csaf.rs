//! CSAF 2.0 documents of makers (profile VEX, and security advisories with a product status).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::vex::{Identity, Justification, Product, Statement, Status};
use super::{ImportError, Imported, id, json};
use crate::cpe::Cpe;
use crate::limits;
use crate::shown::{block, line};
use crate::time::Moment;

#[derive(Deserialize)]
struct File {
    document: Document,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Document {
    publisher: Publisher,
    tracking: Tracking,
}

#[derive(Deserialize)]
struct Publisher {
    name: String,
}

#[derive(Deserialize)]
struct Tracking {
    id: String,
    #[serde(default)]
    current_release_date: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tree {
    branches: Vec<Branch>,
    full_product_names: Vec<FullName>,
    relationships: Vec<Relationship>,
    product_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    branches: Vec<Branch>,
    product: Option<FullName>,
}

#[derive(Deserialize)]
struct FullName {
    product_id: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Deserialize)]
struct Helper {
    cpe: Option<String>,
    purl: Option<String>,
}

#[derive(Deserialize)]
struct Relationship {
    product_reference: String,
    relates_to_product_reference: String,
    full_product_name: FullName,
}

#[derive(Deserialize)]
struct Group {
    group_id: String,
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default)]
    ids: Vec<OtherId>,
    #[serde(default)]
    product_status: ProductStatus,
    #[serde(default)]
    flags: Vec<Flag>,
    #[serde(default)]
    threats: Vec<Threat>,
}

#[derive(Deserialize)]
struct OtherId {
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProductStatus {
    known_not_affected: Vec<String>,
    known_affected: Vec<String>,
    first_affected: Vec<String>,
    last_affected: Vec<String>,
    fixed: Vec<String>,
    first_fixed: Vec<String>,
    under_investigation: Vec<String>,
}

#[derive(Deserialize)]
struct Flag {
    label: String,
    #[serde(default)]
    product_ids: Vec<String>,
    #[serde(default)]
    group_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Threat {
    category: String,
    details: String,
    #[serde(default)]
    product_ids: Vec<String>,
    #[serde(default)]
    group_ids: Vec<String>,
}

/// Reads one document. Products without a CPE or a package URL cannot be told apart on a device and count as skipped.
pub fn import(bytes: &[u8]) -> Result<Imported<Statement>, ImportError> {
    let file: File = json(bytes, limits::ADVISORY_FILE_BYTES, "a CSAF 2.0 document")?;
    let products = Products::of(&file.product_tree)?;
    let at = Moment::parse(&file.document.tracking.current_release_date);
    let mut imported = Imported {
        items: Vec::new(),
        as_of: at,
        skipped: 0,
    };
    for vulnerability in &file.vulnerabilities {
        let names = vulnerability
            .cve
            .iter()
            .chain(vulnerability.ids.iter().map(|other| &other.text));
        let Some(name) = names.filter_map(|name| id(name)).next() else {
            imported.skipped += 1;
            continue;
        };
        for (status, product_ids) in statuses(&vulnerability.product_status) {
            for (group, members) in grouped(vulnerability, product_ids, &products) {
                let known: BTreeSet<Product> = members
                    .iter()
                    .filter_map(|id| products.product(id))
                    .collect();
                imported.skipped += (members.len() - known.len().min(members.len())) as u64;
                if known.is_empty() || imported.items.len() == limits::VEX_STATEMENTS {
                    continue;
                }
                imported.items.push(Statement {
                    vulnerability: name.clone(),
                    status,
                    justification: group.0,
                    products: known,
                    detail: group.1,
                    issuer: line(&file.document.publisher.name, limits::WORD_CHARS),
                    document: line(&file.document.tracking.id, limits::WORD_CHARS),
                    at,
                });
            }
        }
    }
    Ok(imported)
}

fn statuses(status: &ProductStatus) -> [(Status, &[String]); 7] {
    [
        (Status::NotAffected, &status.known_not_affected),
        (Status::Fixed, &status.fixed),
        (Status::Fixed, &status.first_fixed),
        (Status::Affected, &status.known_affected),
        (Status::Affected, &status.first_affected),
        (Status::Affected, &status.last_affected),
        (Status::UnderInvestigation, &status.under_investigation),
    ]
}

/// Why, and in which words; products with the same are one statement.
type Grounds = (Option<Justification>, String);

fn grouped<'a>(
    vulnerability: &Vulnerability,
    ids: &'a [String],
    products: &Products<'_>,
) -> BTreeMap<Grounds, BTreeSet<&'a str>> {
    let mut reasons: BTreeMap<&str, Justification> = BTreeMap::new();
    for flag in &vulnerability.flags {
        let Some(justification) = justification(&flag.label) else {
            continue;
        };
        for id in products.members(&flag.product_ids, &flag.group_ids) {
            reasons.insert(id, justification);
        }
    }
    let mut words: BTreeMap<&str, &str> = BTreeMap::new();
    for threat in vulnerability
        .threats
        .iter()
        .filter(|threat| threat.category == "impact")
    {
        for id in products.members(&threat.product_ids, &threat.group_ids) {
            words.insert(id, &threat.details);
        }
    }
    let mut groups: BTreeMap<Grounds, BTreeSet<&str>> = BTreeMap::new();
    for id in ids.iter().take(limits::VEX_PRODUCTS) {
        let detail = block(
            words.get(id.as_str()).copied().unwrap_or_default(),
            limits::SUMMARY_CHARS,
        );
        let grounds = (reasons.get(id.as_str()).copied(), detail);
        groups.entry(grounds).or_default().insert(id);
    }
    groups
}

/// The labels of CSAF 2.0, section 3.2.3.5.
fn justification(label: &str) -> Option<Justification> {
    Some(match label {
        "component_not_present" | "vulnerable_code_not_present" => Justification::CodeNotPresent,
        "vulnerable_code_not_in_execute_path"
        | "vulnerable_code_cannot_be_controlled_by_adversary" => Justification::CodeNotReachable,
        "inline_mitigations_already_exist" => Justification::ProtectedByMitigatingControl,
        _ => return None,
    })
}

/// The products of a document by their ids in it.
struct Products<'a> {
    identities: BTreeMap<&'a str, Identity>,
    relations: BTreeMap<&'a str, (&'a str, &'a str)>,
    groups: BTreeMap<&'a str, &'a [String]>,
}

impl<'a> Products<'a> {
    fn of(tree: &'a Tree) -> Result<Self, ImportError> {
        let mut products = Self {
            identities: BTreeMap::new(),
            relations: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for name in &tree.full_product_names {
            products.add(name)?;
        }
        // A stack instead of a recursion: the depth is the document's.
        let mut branches: Vec<(usize, &Branch)> =
            tree.branches.iter().map(|branch| (1, branch)).collect();
        while let Some((depth, branch)) = branches.pop() {
            if depth > limits::VEX_DEPTH {
                return Err(shape("its branches stand too deep"));
            }
            if let Some(name) = &branch.product {
                products.add(name)?;
            }
            branches.extend(branch.branches.iter().map(|below| (depth + 1, below)));
        }
        for relationship in tree.relationships.iter().take(limits::VEX_PRODUCTS) {
            let ends = (
                relationship.product_reference.as_str(),
                relationship.relates_to_product_reference.as_str(),
            );
            products
                .relations
                .insert(&relationship.full_product_name.product_id, ends);
        }
        for group in tree.product_groups.iter().take(limits::VEX_PRODUCTS) {
            products.groups.insert(&group.group_id, &group.product_ids);
        }
        Ok(products)
    }

    fn add(&mut self, name: &'a FullName) -> Result<(), ImportError> {
        if self.identities.len() == limits::VEX_PRODUCTS {
            return Err(shape("it names too many products"));
        }
        let helper = name.product_identification_helper.as_ref();
        let purl = helper
            .and_then(|helper| helper.purl.as_ref()?.parse().ok())
            .map(Identity::Purl);
        let cpe = || {
            helper
                .and_then(|helper| Cpe::parse(helper.cpe.as_ref()?).ok())
                .map(Identity::Cpe)
        };
        if let Some(identity) = purl.or_else(cpe) {
            self.identities.insert(&name.product_id, identity);
        }
        Ok(())
    }

    /// A component within a platform needs both: what is said about one distribution is not said about another.
    fn product(&self, id: &str) -> Option<Product> {
        match self.relations.get(id) {
            None => Some(Product {
                component: self.identities.get(id)?.clone(),
                platform: None,
            }),
            Some((component, platform)) => Some(Product {
                component: self.identities.get(component)?.clone(),
                platform: Some(self.identities.get(platform)?.clone()),
            }),
        }
    }

    fn members<'b>(
        &'b self,
        ids: &'b [String],
        groups: &'b [String],
    ) -> impl Iterator<Item = &'b str> {
        let grouped = groups
            .iter()
            .filter_map(|group| self.groups.get(group.as_str()));
        let grouped = grouped.flat_map(|members| members.iter());
        ids.iter()
            .chain(grouped)
            .take(limits::VEX_PRODUCTS)
            .map(String::as_str)
    }
}

fn shape(reason: &str) -> ImportError {
    ImportError::Shape {
        what: "a CSAF 2.0 document",
        reason: reason.into(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Written by hand in the form of CSAF 2.0.
    pub(crate) const FILE: &str = r#"{"document":{"category":"csaf_vex","csaf_version":"2.0","publisher":{"category":"vendor","name":"ACME"},
"title":"t","tracking":{"id":"ACME-1","current_release_date":"2026-02-03T00:00:00Z","status":"final","version":"1"}},
"product_tree":{"branches":[{"category":"vendor","name":"ACME","branches":[
{"category":"product_name","name":"cam","product":{"name":"cam","product_id":"CAM","product_identification_helper":{"cpe":"cpe:2.3:o:acme:cam_firmware:2.1:*:*:*:*:*:*:*"}}},
{"category":"product_name","name":"nameless","product":{"name":"x","product_id":"X"}}]}],
"full_product_names":[{"name":"lib","product_id":"LIB","product_identification_helper":{"purl":"pkg:generic/libfoo@1.2"}}],
"relationships":[{"category":"default_component_of","product_reference":"LIB","relates_to_product_reference":"CAM","full_product_name":{"name":"lib in cam","product_id":"CAM:LIB"}}],
"product_groups":[{"group_id":"G","product_ids":["CAM","X"]}]},
"vulnerabilities":[{"cve":"CVE-2025-0001","product_status":{"known_not_affected":["CAM","X"],"fixed":["CAM:LIB"]},
"flags":[{"label":"vulnerable_code_not_in_execute_path","group_ids":["G"]}],
"threats":[{"category":"impact","details":"The parser is not <i>built in</i>.","product_ids":["CAM"]}]}]}"#;

    #[test]
    fn statements_carry_products_reasons_and_words() {
        let read = import(FILE.as_bytes()).unwrap();
        assert_eq!(read.skipped, 1);
        let [not_affected, fixed] = &read.items[..] else {
            panic!("{:?}", read.items)
        };
        assert_eq!(not_affected.status, Status::NotAffected);
        assert_eq!(
            not_affected.justification,
            Some(Justification::CodeNotReachable)
        );
        assert_eq!(not_affected.detail, "The parser is not <i>built in</i>.");
        assert_eq!(
            fixed.products.first().unwrap().platform,
            not_affected
                .products
                .first()
                .map(|product| product.component.clone())
        );
    }

    #[test]
    fn branches_that_stand_too_deep_are_refused() {
        let deep =
            "{\"branches\":[".repeat(limits::VEX_DEPTH + 1) + &"]}".repeat(limits::VEX_DEPTH + 1);
        let text = format!(
            "{{\"document\":{{\"publisher\":{{\"name\":\"a\"}},\"tracking\":{{\"id\":\"1\"}}}},\"product_tree\":{deep}}}"
        );
        assert!(import(text.as_bytes()).is_ok());
        let deeper = text.replacen("[]", "[{\"branches\":[]}]", 1);
        assert!(import(deeper.as_bytes()).is_err());
    }
}
