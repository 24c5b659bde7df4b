//! What sudo says of a command: `bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -i`.

/// The fields that sudo writes; rules name them as it does.
pub(crate) const FIELDS: [&str; 9] = [
    "HOST", "TTY", "CHROOT", "PWD", "USER", "GROUP", "TSID", "ENV", COMMAND,
];

/// The last one: it goes on to the end of the line, whatever it holds.
const COMMAND: &str = "COMMAND";

/// The fields of a message in their order; none of a message that is not of this form.
pub(crate) fn fields(message: &str) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    let mut rest = message.split_once(" : ").map(|(_, rest)| rest);
    while let Some(text) = rest {
        let (part, after) = match text.split_once(" ; ") {
            Some((part, after)) if !text.starts_with("COMMAND=") => (part, Some(after)),
            _ => (text, None),
        };
        if let Some((name, value)) = part.split_once('=')
            && let Some(known) = FIELDS.into_iter().find(|known| *known == name)
            && found.len() < FIELDS.len()
        {
            found.push((known, value));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_that_sudo_writes() {
        assert_eq!(
            fields("     bob : TTY=pts/0 ; PWD=/ ; USER=#-1 ; COMMAND=/bin/sh -c a ; USER=root"),
            [
                ("TTY", "pts/0"),
                ("PWD", "/"),
                ("USER", "#-1"),
                ("COMMAND", "/bin/sh -c a ; USER=root"),
            ]
        );
        let refused = "pi : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/pi ; USER=root ; ENV=A=b ; COMMAND=/bin/sh";
        assert_eq!(fields(refused).len(), 5);
        assert_eq!(fields(refused)[3], ("ENV", "A=b"));
    }

    #[test]
    fn other_messages_have_none_and_many_are_bounded() {
        for text in [
            "",
            " : ",
            "pam_unix(sudo:session): session opened for user root(uid=0) by pi(uid=1000)",
            "bob : a password is required",
        ] {
            assert_eq!(fields(text), [], "{text}");
        }
        let many = format!("bob : {}", "TTY=x ; ".repeat(100));
        assert_eq!(fields(&many).len(), FIELDS.len());
    }
}
