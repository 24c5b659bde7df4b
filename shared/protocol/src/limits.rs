//! Every bound on what a remote can make grow, in one place.

use std::time::Duration;

/// Bytes of one frame on a mesh stream, whatever it carries.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Bytes of the credentials that a peer presents at admission.
pub const CREDENTIAL_BYTES: usize = 32 * 1024;
/// Bytes of a signed order to scan.
pub const SCAN_ORDER_BYTES: usize = 8 * 1024;
/// Addresses and networks that one order names.
pub const SCAN_TARGETS: usize = 16;
/// Addresses that one order spares.
pub const SCAN_SPARED: usize = 64;
/// Bytes of what a scan has found that one frame carries.
pub const SCAN_PART_BYTES: usize = 48 * 1024;
/// Bytes of what one scan may have found.
pub const SCAN_FOUND_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes of a signed command, and of a part of what came of one.
pub const COMMAND_BYTES: usize = 1024;
pub const COMMAND_PART_BYTES: usize = 48 * 1024;
/// Bytes of what may come of one command, sealed: a scan's, and what is around it.
pub const COMMAND_RESULT_BYTES: u64 = SCAN_FOUND_BYTES + 64;
/// Bytes of log lines that one command collects.
pub const COMMAND_LOG_BYTES: usize = 256 * 1024;
/// Commands that a device remembers: those of the coordinator, and those that administrators have signed.
pub const COMMANDS_ONLINE: usize = 32;
pub const COMMANDS_SIGNED: usize = 64;
/// Bytes of that memory.
pub const COMMANDS_BYTES: usize = 16 * 1024;
/// Refusals of the coordinator's commands that a device puts into its log within an hour.
pub const COMMANDS_REFUSED: usize = 16;
/// Bytes of log lines that one frame carries, and that one device may bring within a minute.
pub const TAIL_BYTES: usize = 32 * 1024;
pub const TAIL_PACE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a signed word about a profile, and habits that one word names.
pub const HABIT_ORDER_BYTES: usize = 24 * 1024;
pub const HABITS_PER_ORDER: usize = 128;
/// Habits that one record tells.
pub const HABITS_PER_RECORD: usize = 12;
/// Pages about traffic that one node writes in a minute.
pub const FLOW_PAGES_PER_MINUTE: usize = 60;
/// Bytes of what an alert says of strange traffic, and places that it names.
pub const STRANGE_BYTES: usize = 300;
pub const STRANGE_EXAMPLES: usize = 3;
/// Alerts about strange traffic that one node raises in a minute.
pub const STRANGE_PER_MINUTE: usize = 6;
/// Bytes of a sealed body, the salt left out.
pub const BODY_BYTES: usize = 1024;
/// Bytes of a signed head; the format is frozen, so a longer one is not a head.
pub const HEAD_BYTES: usize = 320;
/// Bytes of one entry of the identity log.
pub const ENTRY_BYTES: usize = 1024;
/// Entries of the identity log carried by one frame.
pub const ENTRIES_PER_FRAME: usize = 48;
/// Bytes of a charter or a root document: as an entry of the identity log it is longer than others.
pub const TRUST_BYTES: usize = 12 * 1024;
/// Bytes of the entries that one frame carries: as many of the usual ones as may be, or some long ones.
pub const PAGE_BYTES: usize = 56 * 1024;
/// Documents that lead from the first root and charter to those in force: roots, and one charter.
pub const SUCCESSION: usize = 8;
/// Admission keys before the one in force that a charter names.
pub const FORMER_KEYS: usize = 32;
/// Members whose memberships are signed anew at once, after the admission key was replaced.
pub const REISSUED_AT_ONCE: usize = 64;
/// Members that one mesh may hold.
pub const MEMBERS: usize = 20_000;
/// Entries that one identity log may hold.
pub const LOG_ENTRIES: usize = 1_000_000;
/// Records that a node sends before the first of them is acknowledged.
pub const RECORDS_IN_FLIGHT: usize = 64;
/// Records that a coordinator takes from one device before it has stored them.
pub const RECORDS_UNSTORED: usize = 256;
/// Records that a node asks its journal for at once.
pub const RECORDS_PER_READ: usize = 32;
/// Own records that a node keeps for a coordinator that does not take them: a month at one in ten
/// seconds, some 160 MB. Then the oldest go.
pub const RECORDS_WAITING: usize = 262_144;
/// Addresses that one contact carries.
pub const ADDRESSES: usize = 4;
/// Contacts that one frame asks for or carries.
pub const CONTACTS_PER_FRAME: usize = 64;
/// Contacts that a node remembers: its links need far fewer.
pub const CONTACTS_KEPT: usize = 256;
/// Processes, listening ports, interfaces, disks and watched files that one reading names.
pub const PROCESSES: usize = 12;
/// See [`PROCESSES`].
pub const PORTS: usize = 32;
/// See [`PROCESSES`].
pub const INTERFACES: usize = 6;
/// See [`PROCESSES`].
pub const DISKS: usize = 4;
/// See [`PROCESSES`].
pub const FILES: usize = 8;
/// Sightings of subjects in one reading: one for each seat, and the successors of dead seats.
pub const SIGHTINGS: usize = 16;
/// Moments that the coordinator remembers at which a device was heard: enough for the time over which its pace is judged.
pub const SIGNS_OF_LIFE: usize = 40;
/// Witnesses of one device (rings).
pub const WITNESSES: usize = 8;
/// Witnesses that also keep the bodies.
pub const CUSTODIANS: usize = 2;
/// Links of the overlay that a node dials by itself.
pub const OVERLAY_DIALS: usize = 3;
/// Sealed records that a custodian keeps for each subject.
pub const CUSTODY_RECORDS: usize = 256;
/// Join strings that may be outstanding at once.
pub const TOKENS: usize = 10_000;
/// Devices that may wait for approval at once.
pub const PENDING: usize = 64;
/// Answers about its own last head that a starting node remembers.
pub const HEAD_ANSWERS: usize = WITNESSES;
/// Heads that a witness and the coordinator keep of one device, to recognise another history of it.
pub const HEADS_KEPT: usize = 6;
/// Subjects that one accusation names: the seats of a witness, and those that it takes over from dead ones.
pub const ACCUSED: usize = 32;
/// Bytes of a signed accusation.
pub const ACCUSATION_BYTES: usize = 1024;
/// Bytes of a proof with all that is needed to check it. What convicts a device stays below 1 KiB; two heads
/// of the longest log with the hashes between them do not quite.
pub const PROOF_BYTES: usize = 1056;
/// Bytes of a gateway's signature under a head of the identity log, with the head.
pub const COSIGNATURE_BYTES: usize = 384;
/// Gateways that answer for the heads of the identity log at once; others stand by.
pub const COSIGNERS: usize = 5;
/// Bytes of the head of an audit log as a gateway keeps it.
pub const AUDIT_HEAD_BYTES: usize = 64;
/// Gateways that hold shares of the epoch seeds.
pub const HOLDERS: usize = 31;
/// Bytes of a signed offer of seeds.
pub const OFFER_BYTES: usize = 4 * 1024;
/// Bytes of a dealing: 168 leaves and 31 holders with their parts.
pub const DEALING_BYTES: usize = 16 * 1024;
/// Bytes of one holder's shares of a dealing.
pub const HAND_BYTES: usize = 6 * 1024;
/// Bytes of one share, or of one secret, as it is released.
pub const OPENING_BYTES: usize = 400;
/// Hands of shares that a holder keeps.
pub const HANDS: usize = 3;
/// Bytes of a file of evidence: a proof with the root document and the charter.
pub const DOSSIER_BYTES: usize = 64 * 1024;
/// Bytes of a signed alert.
pub const ALERT_BYTES: usize = 512;
/// Suspicions that one report names.
pub const SUSPECTS: usize = 8;
/// Bytes of a signed report.
pub const REPORT_BYTES: usize = 512;
/// Bytes of a signed ruling.
pub const RULING_BYTES: usize = 512;
/// Members of an appeal committee.
pub const COMMITTEE: usize = 31;
/// Bytes of a signed vote on an appeal.
pub const VOTE_BYTES: usize = 224;
/// Devices that are tried at once.
pub const DOCKET: usize = 16;
/// Words on devices in quarantine that are held at once, of the coordinator and of gateways.
pub const RULINGS: usize = 1024;
/// Bytes of a signed halt.
pub const HALT_BYTES: usize = 224;
/// Targets of which the newest word about a halt is kept.
pub const HALTS: usize = 64;
/// Bytes of a signed errand.
pub const ERRAND_BYTES: usize = 256;
/// How long a scanner is excused at a time.
pub const ERRAND: Duration = Duration::from_secs(3600);
/// So far the clocks of a mesh may be apart where something has an end.
pub const CLOCKS_APART: Duration = Duration::from_secs(30);
/// Sources of which an errand is kept.
pub const ERRANDS: usize = 64;
/// Sources that a node keeps away at once.
pub const BLOCKS: usize = 256;
/// Voices that are counted against one source.
pub const BLOCK_VOICES: usize = 16;
/// Sources that one device's word counts for within an hour.
pub const BLOCKS_PER_VOICE: usize = 8;
/// Devices whose words are counted within an hour.
pub const BLOCK_NAMERS: usize = 8192;
/// Alerts about its decoys that a node raises within a minute.
pub const TOUCHES_PER_MINUTE: usize = 12;
/// Rings of one rollout.
pub const ROLLOUT_RINGS: usize = 16;
/// Devices that one ring names.
pub const ROLLOUT_NAMED: usize = 64;
/// Bytes of a rollout's plan and of how far it is.
pub const ROLLOUT_BYTES: usize = 24 * 1024;
/// Rollouts that a coordinator keeps.
pub const ROLLOUTS: usize = 64;
/// Pieces of evidence that one frame carries.
pub const EVIDENCE_PER_FRAME: usize = 64;
/// Names of pieces of evidence that one frame carries.
pub const EVIDENCE_IDS_PER_FRAME: usize = 512;
/// Ranges of names that one frame speaks of, and names that are told of one range.
pub const RANGES_PER_FRAME: usize = 64;
pub const NAMES_PER_RANGE: usize = 16;
/// Pieces of evidence that a node keeps for neighbours who ask.
pub const EVIDENCE_KEPT: usize = 4096;
/// Names of evidence that a node remembers though it does not keep the pieces.
pub const EVIDENCE_SEEN: usize = 4096;
/// Pieces of evidence that a node has heard of and waits for.
pub const EVIDENCE_WANTED: usize = 1024;
/// Alerts of one device that a node keeps and passes on.
pub const ALERTS_PER_DEVICE: usize = 8;
/// Alerts that a deputy looks after at once.
pub const ALERTS_OPEN: usize = 64;
/// Alerts that a deputy tells somebody outside of at the same time.
pub const TOLD_AT_ONCE: usize = 4;
/// Alerts that a coordinator keeps for nodes whose neighbours keep them back.
pub const ALERTS_ECHOED: usize = 1024;
/// Receipts that a deputy keeps for alerts which have not come yet.
pub const RECEIPTS_EARLY: usize = 64;
/// Receipts of deputies that a coordinator remembers.
pub const RECEIPTS: usize = 1024;
/// Members to whom the coordinator gives the means to speak to the outside.
pub const DEPUTIES: usize = 8;
/// Bytes of the sealed means to speak to the outside.
pub const CAPABILITY_BYTES: usize = 1024;
/// Neighbours whose frames a node counts at once: its links, and those that it had within the hour.
pub const ACCOUNTS_KEPT: usize = 256;
/// Links of which one record gives an account; more are spread over several.
pub const ACCOUNTS_PER_RECORD: usize = 10;
/// Links of one device of which the coordinator remembers accounts that have no counterpart yet.
pub const ACCOUNTS_OPEN: usize = 64;
/// Links whose ends do not agree of which the coordinator keeps the newest observation.
pub const OBSERVATIONS: usize = 4096;
/// Witnesses whose false accusations a node remembers.
pub const ACCUSERS: usize = 1024;
/// Co-witnesses with whom a node keeps a link open for a while.
pub const POOLED_LINKS: usize = 64;
/// Frames kept of a peer that waits until the identity log was compared; with more of them it has to come again.
pub const FRAMES_OUTSIDE: usize = 64;
/// Bytes of what a device remembers of its updates.
pub const INSTALL_BYTES: usize = 4 * 1024;
/// Orders to update that a device remembers, so that none is obeyed twice.
pub const ORDERS_SPENT: usize = 64;
/// Listening ports that are compared before and after an update.
pub const LISTENING: usize = 256;
/// Bytes of a timestamp of the repository among neighbours: four keys and one promise need a fraction of it.
pub const TIMESTAMP_BYTES: usize = 4 * 1024;
/// Bytes of one file of the repository that travels between neighbours: some thousand releases.
pub const METADATA_BYTES: usize = 1024 * 1024;
/// Successors on a ring to whom the seat of a dead witness may pass.
pub const SUCCESSORS: usize = 4;
/// Chunks of one image: 2 GiB of firmware.
pub const IMAGE_CHUNKS: u32 = 32_768;
/// Parts that the index of an image lists, for each of its chunks.
pub const PARTS_PER_CHUNK: usize = 8;
/// Bytes of the index of an image: a hash for each chunk, a row for each part, and what is around them.
pub const INDEX_BYTES: usize = IMAGE_CHUNKS as usize * (32 + 12 * PARTS_PER_CHUNK) + 16;
/// Bytes of a map that says which chunks somebody holds.
pub const MAP_BYTES: usize = IMAGE_CHUNKS as usize / 8;
/// Chunks that one frame names.
pub const CHUNKS_NAMED: usize = 64;
/// Bytes with which a chunk is asked for: a map, and what is around it.
pub const ASK_BYTES: usize = MAP_BYTES + 64;
/// Bytes of a chunk with the hashes that lead to its root.
pub const ANSWER_BYTES: usize = 65 * 1024;
/// Neighbours whose chunks a node knows of.
pub const SPREAD_PEERS: usize = 64;
/// Chunks that a node waits for at once, from its neighbours and its disk.
pub const CHUNKS_AWAITED: usize = 12;
/// Chunks that are on their way out of a host at once; others wait for their turn, one for each peer.
pub const CHUNKS_SERVED: usize = 2;
/// Images that the coordinator gives out at once.
pub const SOURCES: usize = 8;
/// Peers that sent a wrong chunk and are remembered for it.
pub const WRONG_PEERS: usize = 256;
/// Ways in which documents of the repository are refused, and for each of which a node remembers who complained.
pub const COMPLAINTS: usize = 32;

/// How far ahead a command of the coordinator's may end, and one that administrators have signed.
pub const COMMAND_ONLINE: Duration = Duration::from_secs(86_400);
pub const COMMAND_SIGNED: Duration = Duration::from_secs(30 * 86_400);
/// How long a membership lasts at most.
pub const MEMBERSHIP: Duration = Duration::from_secs(30 * 86_400);
/// How long a member whose membership is over may still talk, without a seat and flagged.
pub const GRACE: Duration = Duration::from_secs(7 * 86_400);
/// How long the admission key alone can suspend a member.
pub const SUSPENSION: Duration = Duration::from_secs(86_400);
/// Of the fleet the admission key alone may suspend so many of a hundred within an hour, and of a small one so many.
pub const SUSPENDED_PERCENT: usize = 2;
pub const SUSPENDED_LEAST: usize = 3;
/// How long a quarantine lasts at most.
pub const QUARANTINE: Duration = Duration::from_secs(86_400);
/// How far ahead of this clock a signed time may lie before one of the clocks is called wrong.
pub const CLOCK_AHEAD: Duration = Duration::from_secs(300);

// Of devices that run no node.

/// Such devices of which one node keeps track; whoever was silent longest gives its place to another.
pub const HEARD_DEVICES: usize = 512;
/// Members who hear the same segment and share the guard: with more of them, the others only listen.
pub const CO_HEARERS: usize = 16;
/// Who guards one device.
pub const GUARDIANS: usize = 2;
/// Descriptions, lines of dossiers and events of one record.
pub const HEARD_PER_RECORD: usize = 8;
pub const WATCHED_PER_RECORD: usize = 13;
pub const HAPPENINGS_PER_RECORD: usize = 12;
/// Events that wait for a record; more are counted in one.
pub const HAPPENINGS_WAITING: usize = 64;
/// Of one description.
pub const HEARD_ADDRESSES: usize = 4;
pub const HEARD_NAMES: usize = 3;
pub const HEARD_REASONS: usize = 4;
pub const HEARD_PORTS: usize = 8;
/// Hardware addresses that a member names as its own.
pub const OWN_MACS: usize = 8;
/// Devices of which one word to a co-hearer speaks.
pub const TOLD_PER_WORD: usize = 64;
