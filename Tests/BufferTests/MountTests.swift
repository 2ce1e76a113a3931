// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Buffer

/// What the kernel says of mounts, as proc(5) has it.
struct MountTests {
    private static let table = """
        22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro
        30 22 0:30 / /var rw - overlay overlay rw,lowerdir=/a,upperdir=/b
        31 30 8:17 / /var/lib/millpond ro,noatime master:1 propagate_from:2 - ext4 /dev/sdb1 rw,commit=60
        32 22 0:40 / /mnt/a\\040b rw - nfs4 box:/x rw,vers=4.2
        33 22 0:41 / /mnt/a\\040b rw - tmpfs none rw
        34 22 0:42 / /var/lib/mill rw - tmpfs none rw
        broken
        """

    @Test(arguments: [
        ("/", "ext4"), ("/home/a", "ext4"), ("/var", "overlay"), ("/variable", "ext4"),
        ("/var/lib/millpond", "ext4"), ("/var/lib/millpond/x", "ext4"),
        ("/var/lib/milli", "overlay"),
        ("/mnt/a b/c", "tmpfs"),
    ])
    func `the mount that holds a path is found`(path: String, type: String) {
        #expect(Mount.holding(path, in: Self.table)?.type == type)
    }

    @Test func `a mount has the options of both sides, and its device`() throws {
        let mount = try #require(Mount.holding("/var/lib/millpond", in: Self.table))
        #expect(mount.options == ["ro", "noatime", "rw", "commit=60"])
        #expect(mount.device == "8:17" && mount.point == "/var/lib/millpond")
    }

    @Test func `what lies on this box lies on something`() {
        #expect(Mount.holding("/proc/self")?.type == "proc")
        #expect(Mount.holding("/nowhere/at/all") == nil)
    }
}
