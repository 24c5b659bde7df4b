//! Statements about the host: what it is at the start, how it does every period, whom it heard.

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::heads::Shown;
use crate::id::{DeviceId, Digest};
use crate::text::{Name, Path};

/// What a node says when an incarnation begins.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Start {
    /// Version of the node program.
    #[n(0)]
    pub agent: Name,
    #[n(1)]
    pub host: Name,
    /// Name and version of the operating system.
    #[n(2)]
    pub system: Name,
    #[n(3)]
    pub kernel: Name,
    #[n(4)]
    pub architecture: Name,
    /// What the board or the machine calls itself.
    #[n(5)]
    pub model: Option<Name>,
    #[n(6)]
    pub cores: u16,
    /// Of which product it takes releases; nothing where it takes none, or is older than this field.
    #[n(7)]
    pub product: Option<Name>,
}

impl Classified for Start {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("agent", DataClass::Public),
        ("host", DataClass::Internal),
        ("system", DataClass::Public),
        ("kernel", DataClass::Internal),
        ("architecture", DataClass::Public),
        ("model", DataClass::Public),
        ("cores", DataClass::Public),
        ("product", DataClass::Public),
    ];
}

/// Figures of one period. Lists that seldom change are sent when they do, and `None` otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Reading {
    /// Busy share of all cores over the period, in thousandths.
    #[n(0)]
    pub cpu_permille: u16,
    #[n(1)]
    pub memory_used_kib: u64,
    #[n(2)]
    pub memory_total_kib: u64,
    /// Seconds since the host was started.
    #[n(3)]
    pub uptime_s: u64,
    /// The hottest sensor, in thousandths of a degree Celsius.
    #[n(4)]
    pub temperature_mc: Option<i32>,
    #[n(5)]
    pub disks: Vec<Disk>,
    #[n(6)]
    pub interfaces: Vec<Interface>,
    /// The processes with the most memory, one row per name.
    #[n(7)]
    pub processes: Option<Vec<Process>>,
    #[n(8)]
    pub ports: Option<Vec<Port>>,
    #[n(9)]
    pub files: Option<Vec<WatchedFile>>,
    /// When this node last heard each of its subjects, and how.
    #[n(10)]
    pub heard: Vec<Sighting>,
    /// By how many milliseconds this node missed a deadline of its own since the last reading, at most; `None` if by
    /// less than a second.
    #[n(11)]
    pub late_ms: Option<u32>,
}

impl Classified for Reading {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("cpu_permille", DataClass::Internal),
        ("memory_used_kib", DataClass::Internal),
        ("memory_total_kib", DataClass::Internal),
        ("uptime_s", DataClass::Internal),
        ("temperature_mc", DataClass::Internal),
        ("disks", DataClass::Internal),
        ("interfaces", DataClass::Internal),
        ("processes", DataClass::Sensitive),
        ("ports", DataClass::Sensitive),
        ("files", DataClass::Sensitive),
        ("heard", DataClass::Internal),
        ("late_ms", DataClass::Internal),
    ];
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Disk {
    #[n(0)]
    pub mount: Name,
    #[n(1)]
    pub used_mib: u64,
    #[n(2)]
    pub total_mib: u64,
}

/// Bytes that an interface moved in the period.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Interface {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub received: u64,
    #[n(2)]
    pub sent: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Process {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub count: u16,
    #[n(2)]
    pub memory_kib: u64,
}

/// A port on which the host listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Port {
    #[n(0)]
    pub transport: Transport,
    #[n(1)]
    pub number: u16,
    #[n(2)]
    pub reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Transport {
    #[n(0)]
    Tcp,
    #[n(1)]
    Udp,
}

/// From where a listening port can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Reach {
    #[n(0)]
    Loopback,
    #[n(1)]
    Network,
}

/// A file whose change matters; `None` stands for a file that cannot be read or is not there.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct WatchedFile {
    #[n(0)]
    pub path: Path,
    /// BLAKE3 of the content.
    #[n(1)]
    pub digest: Option<Digest>,
}

/// What a witness knows of a subject by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Sighting {
    #[n(0)]
    pub subject: DeviceId,
    /// Milliseconds between the last sign of life and this record.
    #[n(1)]
    pub age_ms: u32,
    #[n(2)]
    pub evidence: EvidenceKind,
    /// The newest head that the witness was shown: whoever shows each witness another is found out.
    #[n(3)]
    pub shown: Option<Shown>,
}

/// How a witness knows what it says. Repeating what somebody said has no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum EvidenceKind {
    #[n(0)]
    LivenessProbe,
    #[n(1)]
    ReceivedTraffic,
    #[n(2)]
    LanBroadcast,
    #[n(3)]
    TwoSidedCounters,
    #[n(4)]
    ActiveScan,
    #[n(5)]
    AttestationAnswer,
    #[n(6)]
    LogContradiction,
}

impl EvidenceKind {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LivenessProbe => "liveness probe",
            Self::ReceivedTraffic => "received traffic",
            Self::LanBroadcast => "LAN broadcast",
            Self::TwoSidedCounters => "two-sided counters",
            Self::ActiveScan => "active scan",
            Self::AttestationAnswer => "attestation answer",
            Self::LogContradiction => "log contradiction",
        }
    }
}
