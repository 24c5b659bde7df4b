//! CBOR as a tree that can be written with one flaw: another encoding of the same value.

/// One data item of the kinds that the formats use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Uint(u64),
    Nint(u64),
    Bytes(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Item>),
    Null,
}

/// How one item is written wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The number or the length takes the next longer form.
    LongerHead,
    /// The number or the length takes eight bytes.
    LongestHead,
    /// The array or the string has no length, but an end.
    Indefinite,
    /// One element too many, of three kinds; no list of ours holds negative numbers.
    ExtraNull,
    ExtraNumber,
    ExtraArray,
    /// The item stands behind a tag (that of self-described CBOR).
    Tagged,
    /// `undefined` in the place of `null`.
    Undefined,
    /// Text where bytes belong, or bytes where text belongs.
    OtherString,
    /// The number as a float.
    Float,
}

impl Flaw {
    pub const ALL: [Self; 10] = [
        Self::LongerHead,
        Self::LongestHead,
        Self::Indefinite,
        Self::ExtraNull,
        Self::ExtraNumber,
        Self::ExtraArray,
        Self::Tagged,
        Self::Undefined,
        Self::OtherString,
        Self::Float,
    ];
}

impl Item {
    /// Reads one item in its shortest form; what follows it is handed back.
    pub fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&first, rest) = bytes.split_first()?;
        if first == 0xf6 {
            return Some((Self::Null, rest));
        }
        let (argument, rest) = argument(first & 0x1f, rest)?;
        let length = usize::try_from(argument).ok()?;
        match first >> 5 {
            0 => Some((Self::Uint(argument), rest)),
            1 => Some((Self::Nint(argument), rest)),
            2 => rest
                .split_at_checked(length)
                .map(|(taken, rest)| (Self::Bytes(taken.to_vec()), rest)),
            3 => rest
                .split_at_checked(length)
                .map(|(taken, rest)| (Self::Text(taken.to_vec()), rest)),
            4 => {
                let (mut items, mut rest) = (Vec::new(), rest);
                for _ in 0..length {
                    let (item, after) = Self::parse(rest)?;
                    items.push(item);
                    rest = after;
                }
                Some((Self::Array(items), rest))
            }
            _ => None,
        }
    }

    /// How many items there are in all: the places where a flaw can be.
    pub fn count(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            _ => 1,
        }
    }

    /// Writes the tree with a flaw at one place; `None` where that flaw is impossible.
    pub fn flawed(&self, place: usize, flaw: Flaw) -> Option<Vec<u8>> {
        let mut writer = Writer {
            out: Vec::new(),
            left: place,
            flaw,
            done: false,
        };
        writer.item(self);
        writer.done.then_some(writer.out)
    }
}

fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let width = match short {
        0..=23 => return Some((short.into(), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (bytes, rest) = rest.split_at_checked(width)?;
    let value = bytes
        .iter()
        .fold(0, |value, &byte| value << 8 | u64::from(byte));
    Some((value, rest))
}

struct Writer {
    out: Vec<u8>,
    left: usize,
    flaw: Flaw,
    done: bool,
}

impl Writer {
    fn item(&mut self, item: &Item) {
        let here = self.left == 0 && !self.done;
        self.left = self.left.saturating_sub(1);
        let flaw = here.then_some(self.flaw);
        match item {
            Item::Null if flaw == Some(Flaw::Undefined) => self.flawed_byte(0xf7),
            Item::Null if flaw == Some(Flaw::Tagged) => {
                self.tag();
                self.out.push(0xf6);
            }
            Item::Null => self.out.push(0xf6),
            Item::Uint(value) if flaw == Some(Flaw::Float) => {
                self.flawed_byte(0xfb);
                self.out
                    .extend_from_slice(&(*value as f64).to_bits().to_be_bytes());
            }
            Item::Uint(value) => self.head(0, *value, flaw),
            Item::Nint(value) => self.head(1, *value, flaw),
            Item::Bytes(bytes) => self.string(2, bytes, flaw),
            Item::Text(bytes) => self.string(3, bytes, flaw),
            Item::Array(items) => self.array(items, flaw),
        }
    }

    fn string(&mut self, major: u8, bytes: &[u8], flaw: Option<Flaw>) {
        match flaw {
            Some(Flaw::Indefinite) => {
                self.flawed_byte(major << 5 | 31);
                self.head(major, bytes.len() as u64, None);
                self.out.extend_from_slice(bytes);
                self.out.push(0xff);
            }
            Some(Flaw::OtherString) => {
                self.done = true;
                self.head(major ^ 1, bytes.len() as u64, None);
                self.out.extend_from_slice(bytes);
            }
            _ => {
                self.head(major, bytes.len() as u64, flaw);
                self.out.extend_from_slice(bytes);
            }
        }
    }

    fn array(&mut self, items: &[Item], flaw: Option<Flaw>) {
        let extra: Option<&[u8]> = match flaw {
            Some(Flaw::ExtraNull) => Some(&[0xf6]),
            Some(Flaw::ExtraNumber) => Some(&[0x20]),
            Some(Flaw::ExtraArray) => Some(&[0x80]),
            _ => None,
        };
        if flaw == Some(Flaw::Indefinite) {
            self.flawed_byte(0x9f);
        } else {
            self.head(4, (items.len() + usize::from(extra.is_some())) as u64, flaw);
        }
        for item in items {
            self.item(item);
        }
        if let Some(extra) = extra {
            self.done = true;
            self.out.extend_from_slice(extra);
        }
        if flaw == Some(Flaw::Indefinite) {
            self.out.push(0xff);
        }
    }

    fn head(&mut self, major: u8, argument: u64, flaw: Option<Flaw>) {
        let shortest: usize = match argument {
            0..=23 => 0,
            24..=0xff => 1,
            0x100..=0xffff => 2,
            0x1_0000..=0xffff_ffff => 4,
            _ => 8,
        };
        let width = match flaw {
            Some(Flaw::LongerHead) if shortest < 8 => (shortest * 2).max(1),
            Some(Flaw::LongestHead) => 8,
            _ => shortest,
        };
        self.done |= width != shortest;
        if flaw == Some(Flaw::Tagged) {
            self.tag();
        }
        match width {
            0 => self.out.push(major << 5 | argument as u8),
            width => {
                self.out
                    .push(major << 5 | (24 + width.trailing_zeros() as u8));
                self.out
                    .extend_from_slice(&argument.to_be_bytes()[8 - width..]);
            }
        }
    }

    fn tag(&mut self) {
        self.done = true;
        self.out.extend_from_slice(&[0xd9, 0xd9, 0xf7]);
    }

    fn flawed_byte(&mut self, byte: u8) {
        self.done = true;
        self.out.push(byte);
    }
}
