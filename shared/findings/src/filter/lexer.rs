//! The words of a filter with the columns at which they stand.

use super::{FilterError, Operator, Problem};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// Text between quotation marks.
    Quoted(String),
    Compare(Operator),
    And,
    Or,
    Not,
    Open,
    Close,
}

/// A character that needs no quotation marks in a value.
pub(super) fn is_bare(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '_' | '-' | '.' | '/' | '*' | '@' | '+' | '%')
        || letter == ':'
}

/// Splits a text into tokens; each with its column, counted in characters from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens: Vec<(usize, Token)> = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let column = at + 1;
        if letters[at].is_whitespace() {
            at += 1;
            continue;
        }
        let pair = (letters[at], letters.get(at + 1).copied());
        let (token, length) = match pair {
            ('&', Some('&')) => (Token::And, 2),
            ('|', Some('|')) => (Token::Or, 2),
            ('=', Some('=')) => (Token::Compare(Operator::Equal), 2),
            ('!', Some('=')) => (Token::Compare(Operator::NotEqual), 2),
            ('<', Some('=')) => (Token::Compare(Operator::AtMost), 2),
            ('>', Some('=')) => (Token::Compare(Operator::AtLeast), 2),
            ('<', _) => (Token::Compare(Operator::Less), 1),
            ('>', _) => (Token::Compare(Operator::Greater), 1),
            ('!', _) => (Token::Not, 1),
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            // A colon compares after a field; inside a value, as in an address, it is part of it.
            (':', _) if !is_after_operator(&tokens) => (Token::Compare(Operator::Has), 1),
            ('"', _) => quoted(&letters, at)?,
            (letter, _) if is_bare(letter) => word(&letters, at, is_after_operator(&tokens)),
            (letter, _) => {
                return Err(FilterError {
                    column,
                    problem: Problem::Character(letter),
                });
            }
        };
        tokens.push((column, token));
        at += length;
    }
    Ok(tokens)
}

fn is_after_operator(tokens: &[(usize, Token)]) -> bool {
    matches!(tokens.last(), Some((_, Token::Compare(_))))
}

fn word(letters: &[char], at: usize, is_value: bool) -> (Token, usize) {
    let belongs = |letter: &&char| is_bare(**letter) && (is_value || **letter != ':');
    let word: String = letters[at..].iter().take_while(belongs).collect();
    let length = word.chars().count();
    (Token::Word(word), length)
}

fn quoted(letters: &[char], at: usize) -> Result<(Token, usize), FilterError> {
    let mut text = String::new();
    let mut rest = letters[at + 1..].iter();
    let mut length = 2;
    while let Some(letter) = rest.next() {
        length += 1;
        match letter {
            '"' => return Ok((Token::Quoted(text), length - 1)),
            '\\' => match rest.next() {
                Some(letter) => {
                    text.push(*letter);
                    length += 1;
                }
                None => break,
            },
            letter => text.push(*letter),
        }
    }
    Err(FilterError {
        column: at + 1,
        problem: Problem::Unquoted,
    })
}
