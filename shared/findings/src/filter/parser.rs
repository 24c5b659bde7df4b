//! From tokens to a filter: `||` binds loosest, then `&&`, then `!`.

use super::lexer::{Token, tokens};
use super::{Comparison, FilterError, Kind, Literal, Node, Operator, Problem, Schema, Truth};
use crate::limits;

pub(super) fn parse(text: &str, schema: &Schema) -> Result<Node, FilterError> {
    if text.len() > limits::FILTER_BYTES {
        return Err(FilterError {
            column: 1,
            problem: Problem::Long,
        });
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Node::All(Vec::new()));
    }
    let end = text.chars().count() + 1;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        end,
        depth: 0,
        terms: 0,
        schema,
    };
    let node = parser.any()?;
    match parser.at == tokens.len() {
        true => Ok(node),
        false => Err(parser.error(Problem::Expected("&& or ||"))),
    }
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    /// The column behind the last character.
    end: usize,
    depth: usize,
    terms: usize,
    schema: &'a Schema,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Node, FilterError> {
        self.joined(&Token::Or, Self::all, Node::Any)
    }

    fn all(&mut self) -> Result<Node, FilterError> {
        self.joined(&Token::And, Self::one, Node::All)
    }

    fn joined(
        &mut self,
        between: &Token,
        member: fn(&mut Self) -> Result<Node, FilterError>,
        join: fn(Vec<Node>) -> Node,
    ) -> Result<Node, FilterError> {
        let mut members = vec![member(self)?];
        while self.takes(between) {
            members.push(member(self)?);
        }
        match members.len() {
            1 => Ok(members.remove(0)),
            _ => Ok(join(members)),
        }
    }

    fn one(&mut self) -> Result<Node, FilterError> {
        if self.takes(&Token::Not) {
            return self.deeper(|parser| Ok(Node::Not(Box::new(parser.one()?))));
        }
        if self.takes(&Token::Open) {
            return self.deeper(|parser| {
                let inner = parser.any()?;
                match parser.takes(&Token::Close) {
                    true => Ok(inner),
                    false => Err(parser.error(Problem::Expected(")"))),
                }
            });
        }
        self.comparison().map(Node::Is)
    }

    fn deeper(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Node, FilterError>,
    ) -> Result<Node, FilterError> {
        if self.depth == limits::FILTER_DEPTH {
            return Err(self.error(Problem::Deep));
        }
        self.depth += 1;
        let node = inner(self);
        self.depth -= 1;
        node
    }

    fn comparison(&mut self) -> Result<Comparison, FilterError> {
        let start = self.column();
        self.terms += 1;
        if self.terms > limits::FILTER_TERMS {
            return Err(self.error(Problem::Many));
        }
        let Some(Token::Word(name)) = self.peek() else {
            return Err(self.error(Problem::Expected("a field, ! or (")));
        };
        let Some((field, kind)) = self.schema.iter().find(|(field, _)| field == name) else {
            let problem = Problem::Field {
                name: crate::shown::line(name, 40),
                hint: hint(name, self.schema),
            };
            return Err(FilterError {
                column: start,
                problem,
            });
        };
        self.at += 1;
        let operator = match self.peek() {
            Some(Token::Compare(operator)) if kind.takes(*operator) => *operator,
            _ => {
                return Err(self.error(Problem::Operator {
                    field,
                    operators: kind.operators(),
                }));
            }
        };
        self.at += 1;
        let literal = match self.peek() {
            Some(Token::Word(word)) => kind.literal(word),
            Some(Token::Quoted(text)) if matches!(kind, Kind::Text | Kind::Set) => {
                Some(Literal::Text(text.clone()))
            }
            Some(Token::Quoted(_)) => None,
            _ => return Err(self.error(Problem::Expected("a value"))),
        };
        let literal = literal.ok_or_else(|| {
            self.error(Problem::Value {
                field,
                wanted: kind.wanted(),
            })
        })?;
        self.at += 1;
        Ok(Comparison {
            field: (*field).to_owned(),
            operator,
            literal,
        })
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn takes(&mut self, token: &Token) -> bool {
        let is_here = self.peek() == Some(token);
        self.at += usize::from(is_here);
        is_here
    }

    fn column(&self) -> usize {
        self.tokens
            .get(self.at)
            .map_or(self.end, |(column, _)| *column)
    }

    fn error(&self, problem: Problem) -> FilterError {
        FilterError {
            column: self.column(),
            problem,
        }
    }
}

impl Kind {
    fn takes(self, operator: Operator) -> bool {
        match self {
            Self::Text => matches!(
                operator,
                Operator::Equal | Operator::NotEqual | Operator::Has
            ),
            Self::Set => operator == Operator::Has,
            Self::Truth => matches!(operator, Operator::Equal | Operator::NotEqual),
            Self::Number => operator != Operator::Has,
            Self::Age => matches!(
                operator,
                Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast
            ),
        }
    }

    fn operators(self) -> &'static str {
        match self {
            Self::Text => "==, !=, :",
            Self::Set => ":",
            Self::Truth => "==, !=",
            Self::Number => "==, !=, <, <=, >, >=",
            Self::Age => "<, <=, >, >=",
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Text | Self::Set => "a word or \"a text\"",
            Self::Number => "a whole number",
            Self::Age => "a duration: 90s, 5m, 2h, 7d or 4w",
            Self::Truth => "yes or no",
        }
    }

    fn literal(self, word: &str) -> Option<Literal> {
        match self {
            Self::Text | Self::Set => Some(Literal::Text(word.to_owned())),
            Self::Number => word.parse().ok().map(Literal::Number),
            Self::Age => seconds(word).map(Literal::Duration),
            Self::Truth => match word {
                "yes" | "true" => Some(Literal::Truth(Truth::Yes)),
                "no" | "false" => Some(Literal::Truth(Truth::No)),
                _ => None,
            },
        }
    }
}

fn seconds(word: &str) -> Option<u64> {
    let unit = match word.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let number = &word[..word.len() - 1];
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number
        .parse::<u64>()
        .ok()
        .filter(|_| is_number)?
        .checked_mul(unit)
}

/// The field that is written most alike, or all of them.
fn hint(name: &str, schema: &Schema) -> String {
    let near = schema
        .iter()
        .map(|(field, _)| (distance(name, field), *field))
        .min();
    match near {
        Some((distance, field)) if distance <= 2 => format!("did you mean {field}?"),
        _ => {
            let all: Vec<&str> = schema.iter().map(|(field, _)| *field).collect();
            format!("fields are {}", all.join(", "))
        }
    }
}

/// How many letters to add, remove or change (Levenshtein), of at most the first 24.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(24).collect(), b.chars().take(24).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
