//! XML from outside, fed as it comes: bounded in every direction, no entity expanded, whole elements out.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use thiserror::Error;

use crate::limits;

/// An element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// The text directly below it, entities resolved.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// What a stream hands out.
#[derive(Debug)]
pub(crate) enum Piece {
    /// An element that holds items opened; it has no children and no text here.
    Opened(Element),
    /// An element that was asked for, complete.
    Item(Element),
}

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum XmlError {
    #[error(
        "the document declares entities or a document type of its own: such files are refused unread"
    )]
    Doctype,
    #[error("the document uses the entity &{0};, which XML does not know: it is not expanded")]
    Entity(String),
    #[error("elements stand {} deep, more than any report has", limits::XML_DEPTH)]
    Deep,
    #[error("one tag or text is longer than {} bytes", limits::XML_TOKEN_BYTES)]
    LongToken,
    #[error("the document is longer than {} bytes", limits::XML_BYTES)]
    Long,
    #[error("one element holds more than {} others", limits::XML_ELEMENTS)]
    ManyElements,
    #[error("one element has more than {} attributes", limits::XML_ATTRIBUTES)]
    ManyAttributes,
    #[error("the document is no well-formed XML near byte {0}")]
    Malformed(u64),
    #[error("</{found}> closes <{open}> near byte {at}")]
    Crossed {
        open: String,
        found: String,
        at: u64,
    },
    #[error("the document has no element at all")]
    Empty,
}

/// How a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// It breaks off after so many bytes.
    Cut(u64),
}

/// Reads a document piece by piece; `is_item` says by the names above and its own which elements are wanted whole.
#[derive(Debug)]
pub(crate) struct Stream {
    is_item: fn(&[String], &str) -> bool,
    /// What is not UTF-8 until more comes.
    undecoded: Vec<u8>,
    pending: String,
    /// Elements above the items that are open.
    path: Vec<String>,
    /// The item that is being read, from its root down.
    building: Vec<Element>,
    elements: usize,
    fed: u64,
    consumed: u64,
    seen_root: bool,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.attribute(name)?.trim().parse().ok()
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of the first child of that name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        let text = self.child(name)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    pub(crate) fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }
}

impl Stream {
    pub(crate) fn new(is_item: fn(&[String], &str) -> bool) -> Self {
        Self {
            is_item,
            undecoded: Vec::new(),
            pending: String::new(),
            path: Vec::new(),
            building: Vec::new(),
            elements: 0,
            fed: 0,
            consumed: 0,
            seen_root: false,
        }
    }

    /// Takes the next bytes and hands out what they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, XmlError> {
        self.fed = self.fed.saturating_add(bytes.len() as u64);
        if self.fed > limits::XML_BYTES as u64 {
            return Err(XmlError::Long);
        }
        self.decode(bytes);
        // Only a closing bracket completes a token, so a long one is not read again at every byte.
        if !bytes.contains(&b'>') && self.pending.len() <= limits::XML_TOKEN_BYTES {
            return Ok(Vec::new());
        }
        let mut pieces = Vec::new();
        let pending = std::mem::take(&mut self.pending);
        let used = self.tokens(&pending, &mut pieces)?;
        self.consumed += used as u64;
        pending[used..].clone_into(&mut self.pending);
        if self.pending.len() > limits::XML_TOKEN_BYTES {
            return Err(XmlError::LongToken);
        }
        Ok(pieces)
    }

    /// Says whether the document is complete.
    pub(crate) fn finish(&self) -> Result<Ending, XmlError> {
        if !self.seen_root {
            return Err(XmlError::Empty);
        }
        let is_whole = self.path.is_empty() && self.building.is_empty();
        Ok(match is_whole && self.pending.trim().is_empty() {
            true => Ending::Whole,
            false => Ending::Cut(self.fed),
        })
    }

    /// Appends bytes as text: what is no UTF-8 becomes the replacement character, a split character waits.
    fn decode(&mut self, bytes: &[u8]) {
        self.undecoded.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.undecoded) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ if self.undecoded.len() < 4 => self.undecoded.len(),
            _ => self.undecoded.len() - unfinished(&self.undecoded),
        };
        let text = String::from_utf8_lossy(&self.undecoded[..whole]);
        // Each part is read anew, and a mark of byte order at its start would be taken for one of the document.
        self.pending
            .extend(text.chars().filter(|letter| *letter != '\u{feff}'));
        self.undecoded.drain(..whole);
    }

    /// Reads complete tokens; answers how many bytes of the text they take.
    fn tokens(&mut self, text: &str, pieces: &mut Vec<Piece>) -> Result<usize, XmlError> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        let mut used = 0;
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                // Whatever is wrong with a token at the end of the text, more bytes may put right.
                Err(quick_xml::Error::Syntax(_)) => return Ok(used),
                // So it is with a reference whose semicolon is still to come.
                Err(_) if !text[used..].contains(['<', ';']) => return Ok(used),
                Err(_) => return Err(XmlError::Malformed(self.consumed + used as u64)),
            };
            let position = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            // A text or a reference that reaches the end may go on.
            let may_go_on = matches!(event, Event::Text(_) | Event::GeneralRef(_));
            if position.saturating_sub(used) > limits::XML_TOKEN_BYTES {
                return Err(XmlError::LongToken);
            }
            match event {
                Event::Eof => return Ok(used),
                _ if may_go_on && position >= text.len() => return Ok(used),
                event => self.event(event, used, pieces)?,
            }
            used = position;
        }
    }

    fn event(
        &mut self,
        event: Event<'_>,
        used: usize,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), XmlError> {
        let at = self.consumed + used as u64;
        match event {
            Event::Start(tag) => self.open(&tag, at, pieces),
            Event::Empty(tag) => {
                self.open(&tag, at, pieces)?;
                self.close(tag.name().as_ref(), at, pieces)
            }
            Event::End(tag) => self.close(tag.name().as_ref(), at, pieces),
            Event::Text(text) => self.text(&text.into_inner()),
            Event::CData(text) => self.text(&text.into_inner()),
            Event::GeneralRef(reference) => self.reference(&reference.into_inner(), at),
            Event::DocType(text) if text.contains(['[', '"', '\'']) => Err(XmlError::Doctype),
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        tag: &BytesStart<'_>,
        at: u64,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), XmlError> {
        if self.path.is_empty() && self.building.is_empty() && self.seen_root {
            return Err(XmlError::Malformed(at));
        }
        self.seen_root = true;
        if self.path.len() + self.building.len() >= limits::XML_DEPTH {
            return Err(XmlError::Deep);
        }
        let element = element(tag, at)?;
        if self.building.is_empty() && !(self.is_item)(&self.path, &element.name) {
            self.path.push(element.name.clone());
            pieces.push(Piece::Opened(element));
            return Ok(());
        }
        self.elements += 1;
        if self.elements > limits::XML_ELEMENTS {
            return Err(XmlError::ManyElements);
        }
        self.building.push(element);
        Ok(())
    }

    fn close(&mut self, name: &str, at: u64, pieces: &mut Vec<Piece>) -> Result<(), XmlError> {
        let open = match self.building.last() {
            Some(element) => &element.name,
            None => self.path.last().ok_or(XmlError::Malformed(at))?,
        };
        if open != name {
            let (open, found) = (open.clone(), crate::shown::line(name, 40));
            return Err(XmlError::Crossed { open, found, at });
        }
        match self.building.pop() {
            None => {
                self.path.pop();
            }
            Some(element) => match self.building.last_mut() {
                Some(parent) => parent.children.push(element),
                None => {
                    self.elements = 0;
                    pieces.push(Piece::Item(element));
                }
            },
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        if let Some(element) = self.building.last_mut() {
            if element.text.len() + text.len() > limits::XML_TOKEN_BYTES {
                return Err(XmlError::LongToken);
            }
            element.text.push_str(text);
        }
        Ok(())
    }

    fn reference(&mut self, name: &str, at: u64) -> Result<(), XmlError> {
        let text = resolve(&format!("&{name};"), at)?;
        self.text(&text)
    }
}

/// All items of a document that is there whole, and how it ended.
pub(crate) fn items(
    bytes: &[u8],
    is_item: fn(&[String], &str) -> bool,
) -> Result<(Vec<Piece>, Ending), XmlError> {
    let mut stream = Stream::new(is_item);
    let mut pieces = Vec::new();
    for part in bytes.chunks(64 * 1024) {
        pieces.extend(stream.feed(part)?);
    }
    Ok((pieces, stream.finish()?))
}

/// How many bytes at the end may be the start of a character.
fn unfinished(bytes: &[u8]) -> usize {
    (1..=3)
        .find(|back| bytes[bytes.len() - back] & 0xc0 != 0x80)
        .filter(|back| {
            let lead = bytes[bytes.len() - back];
            let needs = match lead {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            };
            needs > *back
        })
        .unwrap_or(0)
}

fn element(tag: &BytesStart<'_>, at: u64) -> Result<Element, XmlError> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| XmlError::Malformed(at))?;
        if attributes.len() == limits::XML_ATTRIBUTES {
            return Err(XmlError::ManyAttributes);
        }
        let value = resolve(&attribute.value, at)?;
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Element {
        name: tag.name().as_ref().to_owned(),
        attributes,
        ..Element::default()
    })
}

/// Text with the five entities of XML and character references resolved; every other entity refuses the document.
fn resolve(text: &str, at: u64) -> Result<String, XmlError> {
    use quick_xml::escape::{EscapeError, unescape};
    match unescape(text) {
        Ok(text) => Ok(text.into_owned()),
        Err(EscapeError::UnrecognizedEntity(_, name)) => {
            Err(XmlError::Entity(crate::shown::line(&name, 40)))
        }
        Err(_) => Err(XmlError::Malformed(at)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn below_root(path: &[String], _: &str) -> bool {
        path.len() == 1
    }

    fn read(text: &str) -> Result<(Vec<Element>, Ending), XmlError> {
        let (pieces, ending) = items(text.as_bytes(), below_root)?;
        let whole = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Item(element) => Some(element),
            Piece::Opened(_) => None,
        });
        Ok((whole.collect(), ending))
    }

    #[test]
    fn items_come_whole_with_their_entities_resolved() {
        let (found, ending) =
            read("<r><a k='1 &lt; 2'>x &amp; <b/>y<![CDATA[<z>]]></a></r>").unwrap();
        assert_eq!(ending, Ending::Whole);
        assert_eq!(found[0].attribute("k"), Some("1 < 2"));
        assert_eq!(found[0].text, "x & y<z>");
        assert_eq!(found[0].children[0].name, "b");
    }

    #[test]
    fn entities_of_its_own_refuse_a_document() {
        let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaa'>]><r><x>&a;</x></r>";
        assert_eq!(read(bomb).unwrap_err(), XmlError::Doctype);
        let outside = "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>";
        assert_eq!(read(outside).unwrap_err(), XmlError::Doctype);
        assert_eq!(
            read("<r><x>&ee;</x></r>").unwrap_err(),
            XmlError::Entity("ee".into())
        );
        assert_eq!(
            read("<r><x k='&ee;'/></r>").unwrap_err(),
            XmlError::Entity("ee".into())
        );
        assert!(read("<!DOCTYPE nmaprun><r/>").is_ok());
    }

    #[test]
    fn depth_and_length_have_their_limits() {
        let deep = "<r>".repeat(limits::XML_DEPTH + 1);
        assert_eq!(read(&deep).unwrap_err(), XmlError::Deep);
        let long = format!(
            "<r><x k='{}'/></r>",
            "a".repeat(limits::XML_TOKEN_BYTES + 9)
        );
        assert_eq!(read(&long).unwrap_err(), XmlError::LongToken);
        let many = format!("<r><x>{}</x></r>", "<y/>".repeat(limits::XML_ELEMENTS));
        assert_eq!(read(&many).unwrap_err(), XmlError::ManyElements);
    }

    #[test]
    fn a_mark_of_byte_order_anywhere_is_left_out() {
        let text = "\u{feff}<r>\u{feff}>x<a>\u{feff}y</a></r>";
        let mut stream = Stream::new(below_root);
        let mut found = Vec::new();
        for part in text.as_bytes().chunks(1) {
            found.extend(stream.feed(part).unwrap());
        }
        assert_eq!(stream.finish().unwrap(), Ending::Whole);
        assert!(matches!(&found[1], Piece::Item(element) if element.text == "y"));
    }

    #[test]
    fn what_breaks_off_says_so_and_what_crosses_is_refused() {
        let (found, ending) = read("<r><a/><b").unwrap();
        assert_eq!((found.len(), ending), (1, Ending::Cut(9)));
        assert!(matches!(
            read("<r><a></b></r>"),
            Err(XmlError::Crossed { .. })
        ));
        assert_eq!(read("  ").unwrap_err(), XmlError::Empty);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_document_is_cut(cuts in proptest::collection::vec(1_usize..9, 1..40)) {
            let text = "<?xml version='1.0'?><!-- é > --><r z='>'><a k='&#233;ü'>t€xt &gt; <![CDATA[]]]>x</a><b/></r>";
            let mut stream = Stream::new(below_root);
            let mut rest = text.as_bytes();
            let mut found = Vec::new();
            for cut in cuts.iter().cycle() {
                let (part, left) = rest.split_at((*cut).min(rest.len()));
                found.extend(stream.feed(part).unwrap().into_iter().filter_map(|piece| match piece {
                    Piece::Item(element) => Some(element),
                    Piece::Opened(_) => None,
                }));
                rest = left;
                if rest.is_empty() { break; }
            }
            prop_assert_eq!(stream.finish().unwrap(), Ending::Whole);
            prop_assert_eq!(found, read(text).unwrap().0);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = items(&bytes, below_root);
        }

        #[test]
        fn no_markup_makes_it_panic(text in "[<>&;/!?a\"'= \\[\\]-]{0,80}") {
            let _ = read(&text);
        }
    }
}
