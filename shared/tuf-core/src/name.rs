//! Names of roles as names of files: quoted so that no role can name a place of its choice.

/// Everything but letters, digits and `_.-~` in percent form, like Python's `quote(name, "")`.
pub fn quote(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            quoted.push_str(&format!("%{byte:02X}"));
        }
    }
    quoted
}

/// The file that a role is kept in.
pub fn file_name(role: &str) -> String {
    format!("{}.json", quote(role))
}

/// Where a repository serves a target: with a hash before the name if it keeps every version.
pub fn target_path(path: &str, prefix: Option<&str>) -> String {
    let Some(prefix) = prefix else {
        return path.to_owned();
    };
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/{prefix}.{name}"),
        None => format!("{prefix}.{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probe_a_role_name_cannot_leave_its_folder() {
        for (name, file) in [
            ("../delegatedrole", "..%2Fdelegatedrole.json"),
            ("/delegatedrole", "%2Fdelegatedrole.json"),
            ("?", "%3F.json"),
            ("#", "%23.json"),
            ("..", "...json"),
            ("a\0b", "a%00b.json"),
            ("é %", "%C3%A9%20%25.json"),
            ("a~b_c-d.e", "a~b_c-d.e.json"),
        ] {
            assert_eq!(file_name(name), file);
        }
    }

    #[test]
    fn the_hash_stands_before_the_last_segment() {
        assert_eq!(target_path("a/b/c.bin", Some("00ff")), "a/b/00ff.c.bin");
        assert_eq!(target_path("c.bin", Some("00ff")), "00ff.c.bin");
        assert_eq!(target_path("a/c.bin", None), "a/c.bin");
    }
}
