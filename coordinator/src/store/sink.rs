//! Where deputies tell somebody outside, and with which secret: sealed, because whoever has it speaks as the mesh.

use protocol::cbor;
use protocol::deputies::Sink;
use protocol::limits;

use super::fault::{ChangeError, Fault, ReadError};
use super::meta::META;
use super::{Changes, Reader};

const SINK_ROW: &[u8] = b"\0sink";

impl Reader {
    pub fn sink(&self) -> Result<Option<Sink>, ReadError> {
        let read = self.engine.read(|txn| {
            let meta = META.readable(txn)?;
            let sealed = meta.read(SINK_ROW, |sealed| Some(sealed.to_vec()))?;
            let Some(sealed) = sealed.filter(|sealed| !sealed.is_empty()) else {
                return Ok(None);
            };
            let opened = self.engine.key.open(&META, SINK_ROW, &sealed);
            let sink = opened
                .and_then(|plain| cbor::decode("sink", limits::CAPABILITY_BYTES, &plain).ok());
            sink.map(Some).ok_or(Fault::Row("meta"))
        });
        Ok(read?)
    }
}

impl Changes<'_> {
    /// Replaces what there was; `None` removes it.
    pub fn set_sink(&mut self, sink: Option<&Sink>) -> Result<(), ChangeError> {
        let seal = |sink| self.key.seal(&META, SINK_ROW, &cbor::encode(sink));
        let mut sealed = sink.map(seal).unwrap_or_default();
        Ok(META.writable(self.txn)?.put(SINK_ROW, &mut sealed)?)
    }
}
