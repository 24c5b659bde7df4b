//! Steps through bytes that a stranger wrote: each takes what is there or says that it is not.

/// What is left to read; `None` from any step means that it ends too early.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub fn short(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn long(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// As many bytes as the byte in front says.
    pub fn counted8(&mut self) -> Option<&'a [u8]> {
        let count = self.byte()?;
        self.take(usize::from(count))
    }

    /// As many bytes as the two bytes in front say.
    pub fn counted16(&mut self) -> Option<&'a [u8]> {
        let count = self.short()?;
        self.take(usize::from(count))
    }
}
