//! Every bound on what scans, advisories and people can make grow, in one place.

/// Bytes of one XML document.
pub const XML_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of one tag or of the text of one element.
pub const XML_TOKEN_BYTES: usize = 1024 * 1024;
/// Elements inside one another.
pub const XML_DEPTH: usize = 32;
/// Elements in one item of a document: a host with all its ports, a result, a pattern.
pub const XML_ELEMENTS: usize = 400_000;
/// Attributes of one element.
pub const XML_ATTRIBUTES: usize = 32;

/// Hosts of one scan: a network of 16 bits.
pub const HOSTS: usize = 65_536;
/// Ports of one host, all transports together.
pub const PORTS: usize = 4 * 65_536;
/// Addresses or names of one host.
pub const ADDRESSES: usize = 16;
/// Guesses at an operating system that are kept, the best first.
pub const OS_GUESSES: usize = 5;
/// Scripts of one port or host.
pub const SCRIPTS: usize = 64;
/// Characters of what one script says.
pub const SCRIPT_CHARS: usize = 8192;
/// CPE names of one service or one guess.
pub const CPES: usize = 16;
/// Characters of a name, product, version or other short text.
pub const WORD_CHARS: usize = 160;
/// Characters of a sentence: a title, a summary.
pub const LINE_CHARS: usize = 400;
/// Results of a foreign scanner's report.
pub const RESULTS: usize = 200_000;
/// CVE ids that one result names.
pub const RESULT_IDS: usize = 256;
/// Phases of one scan.
pub const PHASES: usize = 4096;

/// Bytes of a CPE name.
pub const CPE_BYTES: usize = 1024;
/// Bytes of a version.
pub const VERSION_BYTES: usize = 256;
/// Bytes of a package URL.
pub const PURL_BYTES: usize = 2048;
/// Qualifiers of a package URL.
pub const PURL_QUALIFIERS: usize = 32;

/// Bytes of one JSON document of advisories: a whole year of NVD.
pub const ADVISORY_FILE_BYTES: usize = 512 * 1024 * 1024;
/// Bytes of one EPSS file, and of one file of the KEV catalogue.
pub const CATALOGUE_BYTES: usize = 64 * 1024 * 1024;
/// Advisories of one feed.
pub const ADVISORIES: usize = 600_000;
/// Other names of one advisory.
pub const ALIASES: usize = 32;
/// Packages and configurations of one advisory.
pub const AFFECTED: usize = 512;
/// Names in one configuration.
pub const CPE_MATCHES: usize = 2048;
/// Ranges of versions of one package.
pub const RANGES: usize = 64;
/// Versions that one package lists one by one.
pub const VERSIONS: usize = 2048;
/// Severities and references of one advisory.
pub const REFERENCES: usize = 16;
/// Characters of an advisory's summary.
pub const SUMMARY_CHARS: usize = 1200;
/// Characters of an id of an advisory.
pub const ID_CHARS: usize = 64;
/// Statements of one VEX document, and of one feed.
pub const VEX_STATEMENTS: usize = 200_000;
/// Products that one VEX document names.
pub const VEX_PRODUCTS: usize = 20_000;
/// Levels of branches in a CSAF product tree.
pub const VEX_DEPTH: usize = 24;
/// Bytes of one line of a feed.
pub const FEED_LINE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of one feed.
pub const FEED_BYTES: usize = 1024 * 1024 * 1024;

/// Patterns of one set.
pub const PATTERNS: usize = 20_000;
/// Bytes of one pattern.
pub const PATTERN_BYTES: usize = 4096;
/// Bytes that one compiled pattern may take.
pub const PATTERN_COMPILED_BYTES: usize = 2 * 1024 * 1024;
/// Texts by which one service names itself.
pub const GREETINGS: usize = 8;
/// Characters of one of them.
pub const GREETING_CHARS: usize = 512;
/// Lines of a head that are looked through for them.
pub const GREETING_HEADERS: usize = 64;
/// Bytes of one file of patterns.
pub const PATTERN_FILE_BYTES: usize = 1024 * 1024;
/// Files of patterns in one feed.
pub const PATTERN_FILES: usize = 64;
/// Bytes of a banner that patterns look at.
pub const BANNER_BYTES: usize = 4096;
/// Values that one pattern gives.
pub const PATTERN_PARAMS: usize = 64;

/// Devices of one fleet.
pub const DEVICES: usize = 20_000;
/// Tags of one device.
pub const TAGS: usize = 32;
/// Components of one software bill of materials.
pub const COMPONENTS: usize = 20_000;
/// Bytes of one software bill of materials.
pub const SBOM_BYTES: usize = 64 * 1024 * 1024;
/// Components inside one another.
pub const SBOM_DEPTH: usize = 16;
/// Bytes of a package manager's status text.
pub const STATUS_BYTES: usize = 64 * 1024 * 1024;
/// Decisions of people about findings.
pub const DECISIONS: usize = 20_000;
/// Characters of a reason.
pub const REASON_CHARS: usize = 1000;

/// Bytes of a filter.
pub const FILTER_BYTES: usize = 2048;
/// Parentheses and negations inside one another.
pub const FILTER_DEPTH: usize = 32;
/// Comparisons in one filter.
pub const FILTER_TERMS: usize = 128;
