//! How full the file systems are that lie on storage of this machine.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;
use protocol::limits;
use protocol::statement::host::Disk;
use protocol::text::Name;

use super::host;

/// Disks fill slowly.
const PERIOD: Duration = Duration::from_secs(60);
const MIB: u64 = 1024 * 1024;
/// Mounts that are looked at: a host of containers has thousands.
const MOUNTS: usize = 256;
/// File systems on local storage. Asking one that lives on another machine could block for ever.
const LOCAL: [&str; 14] = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs3", "zfs", "bcachefs",
    "jffs2", "ubifs", "nilfs2",
];

#[derive(Debug, Default)]
pub(super) struct Disks {
    rows: Vec<Disk>,
    looked: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    source: String,
    point: String,
}

impl Disks {
    pub(super) fn read(&mut self, now: Instant) -> Vec<Disk> {
        if self
            .looked
            .is_none_or(|looked| now.saturating_duration_since(looked) >= PERIOD)
        {
            self.looked = Some(now);
            self.rows = measured(&local(&host::text("/proc/self/mounts")));
        }
        self.rows.clone()
    }
}

/// One mount of each device: the one nearest to the root of the tree.
fn local(mounts: &str) -> Vec<Mount> {
    let mut found: Vec<_> = mounts.lines().filter_map(mount).take(MOUNTS).collect();
    found.sort_by_key(|mount| mount.point.len());
    let mut devices = BTreeSet::new();
    found.retain(|mount| devices.insert(mount.source.clone()));
    found
}

fn mount(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ');
    let (source, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
    // The root of a container or of a router is an overlay over storage that is not mounted elsewhere.
    let is_local = LOCAL.contains(&kind) || (kind == "overlay" && point == "/");
    is_local.then(|| Mount {
        source: source.to_owned(),
        point: unescaped(point),
    })
}

/// The kernel writes blanks and backslashes of a path as three octal digits.
fn unescaped(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[3..]);
            }
            None => bytes.extend_from_slice(part.as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn measured(mounts: &[Mount]) -> Vec<Disk> {
    let mut disks: Vec<_> = mounts.iter().filter_map(disk).collect();
    disks.sort_by(|a, b| {
        let is_root = |disk: &Disk| disk.mount.as_str() == "/";
        is_root(b)
            .cmp(&is_root(a))
            .then(b.total_mib.cmp(&a.total_mib))
            .then_with(|| a.mount.cmp(&b.mount))
    });
    disks.truncate(limits::DISKS);
    disks
}

/// The total leaves out what is kept for the administrator, so that used equals total when users can write no more.
fn disk(mount: &Mount) -> Option<Disk> {
    if !Path::new(&mount.point).is_dir() {
        return None;
    }
    let figures = statvfs(mount.point.as_str()).ok()?;
    let unit = wide(figures.fragment_size());
    let used_mib = wide(figures.blocks().saturating_sub(figures.blocks_free())) * unit / MIB;
    let total_mib = used_mib + wide(figures.blocks_available()) * unit / MIB;
    (total_mib > 0).then_some(Disk {
        mount: Name::fitted(&mount.point)?,
        used_mib,
        total_mib,
    })
}

/// The C library's counters have 32 bits on small machines.
fn wide(figure: impl Into<u64>) -> u64 {
    figure.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_storage_counts_and_each_device_once() {
        let mounts = "proc /proc proc rw 0 0\n\
            /dev/sda1 /var/lib/docker/x ext4 rw 0 0\n\
            /dev/sda1 / ext4 rw 0 0\n\
            server:/home /home nfs4 rw 0 0\n\
            tmpfs /tmp tmpfs rw 0 0\n\
            overlay /var/lib/docker/y overlay rw 0 0\n\
            /dev/sdb1 /media/my\\040disk\\134x vfat rw 0 0\n";
        let points: Vec<_> = local(mounts).into_iter().map(|mount| mount.point).collect();
        assert_eq!(points, ["/", "/media/my disk\\x"]);
    }

    #[test]
    fn this_host_has_a_root_that_is_not_larger_than_its_use() {
        let disks = Disks::default().read(Instant::now());
        assert!(disks.iter().all(|disk| disk.used_mib <= disk.total_mib));
        assert!(disks.len() <= limits::DISKS);
    }
}
