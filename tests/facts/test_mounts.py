from __future__ import annotations

import pytest

from goshim.base.resources import load_rows
from goshim.facts.mounts import NATIVE, MountTable, is_windows_path
from tests.machine import EXT4, WITH_DRIVES, drive
from tests.tables import for_each

GUID = "7d6e2c0a-0000-0000-0000-000000000001"


def mountinfo(point: str, kind: str, source: str, options: str, root: str = "/") -> str:
    return f"481 23 0:153 {root} {point} rw,noatime - {kind} {source} {options}"


WINDOWS_DRIVES = [
    pytest.param(mountinfo("/mnt/c", "drvfs", "C:", "rw,uid=1000,gid=1000,case=off"), "/mnt/c", id="wsl1 old"),
    pytest.param(
        mountinfo("/mnt/c", "drvfs", r"C:\134", "rw,uid=1000,gid=1000,umask=22,metadata,case=off"), "/mnt/c", id="wsl1"
    ),
    pytest.param(
        mountinfo(
            "/mnt/c",
            "9p",
            r"C:\134",
            "rw,dirsync,aname=drvfs;path=C:\\;uid=1000;gid=1000;symlinkroot=/mnt/,mmap,access=client,msize=65536,"
            "trans=fd,rfd=8,wfd=8",
        ),
        "/mnt/c",
        id="9p kernel 5.15",
    ),
    pytest.param(
        mountinfo(
            "/mnt/c",
            "9p",
            r"C:\134",
            "rw,aname=drvfs;path=C:\\;uid=1000;gid=1000;symlinkroot=/mnt/,cache=5,access=client,msize=65536,trans=fd,"
            "rfd=6,wfd=6",
        ),
        "/mnt/c",
        id="9p kernel 6.6",
    ),
    pytest.param(
        mountinfo(
            "/mnt/c",
            "9p",
            r"C:\134",
            "rw,aname=drvfs;path=C:\\;uid=1000;gid=1000;metadata;umask=22;fmask=11;symlinkroot=/mnt/,cache=0x5,"
            "access=client,msize=65536,trans=fd,rfd=6,wfd=6",
        ),
        "/mnt/c",
        id="9p with metadata",
    ),
    pytest.param(drive("c"), "/mnt/c", id="mountinfo of kernel 6.18"),
    pytest.param(drive("c", "/c"), "/c", id="automount.root=/"),
    pytest.param(
        mountinfo(
            "/mnt/c",
            "9p",
            "drvfs",
            "rw,dirsync,aname=drvfs;path=C:\\;uid=1000;gid=1000;symlinkroot=/mnt/,mmap,msize=262144,trans=virtio",
        ),
        "/mnt/c",
        id="virtio-9p",
    ),
    pytest.param(mountinfo("/mnt/c", "virtiofs", "drvfsC0", "rw"), "/mnt/c", id="virtiofs 2.7.0"),
    pytest.param(mountinfo("/mnt/c", "virtiofs", GUID, "rw"), "/mnt/c", id="virtiofs by GUID"),
    pytest.param(mountinfo("/mnt/c", "virtiofs", "drvfsa", "rw", f"/{GUID}"), "/mnt/c", id="virtiofs aggregate"),
    pytest.param(
        mountinfo("/mnt/c", "9p", r"C:\134", "rw,aname=drvfs;path=C:\\;symlinkroot=/mnt/").replace(
            "rw,noatime -", "rw,noatime shared:7 master:1 -"
        ),
        "/mnt/c",
        id="optional fields",
    ),
]


@pytest.mark.parametrize(("line", "point"), WINDOWS_DRIVES)
def test_a_windows_drive_is_told_from_its_mount(line, point):
    table = MountTable(f"{EXT4}\n{line}\n")
    assert table.on_windows(point)
    assert table.on_windows(f"{point}/Users/me/go")
    assert not table.on_windows("/home/me/go")


@pytest.mark.parametrize(("line", "point"), WINDOWS_DRIVES)
def test_a_path_of_windows_is_found_below_its_drive(line, point):
    table = MountTable(f"{EXT4}\n{line}\n")
    assert table.from_windows("C:\\Users\\me\\go") == f"{point}/Users/me/go"
    assert table.from_windows("D:\\go") is None


def test_a_folder_of_windows_mounted_somewhere_is_on_windows_with_blanks_in_its_options():
    line = (
        "1391 1160 0:151 / /Docker/host rw,noatime - 9p C:\\134Program\\040Files\\134Docker\\134Docker\\134resources "
        "rw,dirsync,aname=drvfs;path=C:\\Program Files\\Docker\\Docker\\resources;symlinkroot=/mnt/,mmap,access=client,"
        "msize=65536,trans=fd,rfd=3,wfd=3"
    )
    table = MountTable(f"{EXT4}\n{line}\n")
    mount = table.owner("/Docker/host/x")
    assert mount is not None
    assert mount.source == "C:\\Program Files\\Docker\\Docker\\resources"
    assert table.on_windows("/Docker/host/x")


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(
            "1391 23 0:151 / /Docker/host rw - 9p C:\\134Program\\040Files\\134Docker "
            "rw,aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/",
            id="a share of a folder",
        ),
        pytest.param(
            "1391 23 0:151 /Users/me/src /home/me/src rw - 9p C:\\134 rw,aname=drvfs;path=C:\\;symlinkroot=/mnt/",
            id="a bind mount of a folder",
        ),
        pytest.param("1391 23 0:151 /src /home/me/src rw - drvfs C: rw,case=off", id="a bind mount under WSL1"),
        pytest.param("1391 23 0:151 /src /home/me/src rw - virtiofs drvfsC0 rw", id="a bind mount of virtiofs"),
        pytest.param(f"1391 23 0:151 /{GUID}/src /home/c rw - virtiofs drvfsa rw", id="a bind mount of the aggregate"),
    ],
)
def test_a_mounted_folder_of_a_drive_is_not_taken_for_the_drive(folder):
    table = MountTable(f"{EXT4}\n{drive('c')}\n{folder}\n")
    assert table.from_windows("C:\\Temp") == "/mnt/c/Temp"


@for_each(
    "line, path",
    [
        (
            mountinfo("/usr/lib/wsl/drivers", "9p", "drivers", "ro,aname=drivers;fmask=222;dmask=222,cache=5,trans=fd"),
            "/usr/lib/wsl/drivers/x",
        ),
        (mountinfo("/usr/lib/wsl/lib", "overlay", "none", "rw,lowerdir=/gpu_lib_packaged:/gpu"), "/usr/lib/wsl/lib/x"),
        (mountinfo("/mnt/wsl", "tmpfs", "none", "rw"), "/mnt/wsl/x"),
        (EXT4, "/home/me"),
        (mountinfo("/home", "virtiofs", "homes", "rw"), "/home/me"),
        (mountinfo("/data", "9p", "hostshare", "rw,trans=virtio,aname=drvfsx"), "/data/x"),
        (mountinfo("/mnt/c", "ext4", "/dev/sdd1", "rw"), "/mnt/c/x"),
    ],
)
def test_another_mount_is_no_windows_drive(line, path):
    assert not MountTable(f"{EXT4}\n{drive('e')}\n{line}\n").on_windows(path)


def test_the_hidden_share_of_all_drives_has_no_letter():
    aggregate = mountinfo("/run/wsl/virtiofs-mounts/drvfsa", "virtiofs", "drvfsa", "rw")
    table = MountTable(f"{EXT4}\n{aggregate}\n{mountinfo('/mnt/c', 'virtiofs', 'drvfsa', 'rw', f'/{GUID}')}\n")
    assert table.from_windows("C:\\Temp") == "/mnt/c/Temp"
    assert table.from_windows("A:\\Temp") is None


def test_of_two_mounts_on_one_point_the_later_shows():
    disk = mountinfo("/mnt/c", "ext4", "/dev/sdd1", "rw")
    assert not MountTable(f"{EXT4}\n{drive('c')}\n{disk}\n").on_windows("/mnt/c/x")
    assert MountTable(f"{EXT4}\n{disk}\n{drive('c')}\n").on_windows("/mnt/c/x")
    assert MountTable(f"{EXT4}\n{drive('c')}\n{disk}\n").from_windows("C:\\x") is None


def test_a_mount_inside_a_drive_is_judged_by_itself():
    table = MountTable(f"{EXT4}\n{mountinfo('/mnt/c/linux', 'ext4', '/dev/sdd1', 'rw')}\n{drive('c')}\n")
    assert table.on_windows("/mnt/c")
    assert table.on_windows("/mnt/c/linuxes")
    assert not table.on_windows("/mnt/c/linux")
    assert not table.on_windows("/mnt/c/linux/go")


def test_a_name_that_only_begins_like_a_drive_is_not_on_it():
    table = MountTable(WITH_DRIVES)
    assert not table.on_windows("/mnt/cache")
    assert table.on_windows("/mnt/c/")


def test_an_escaped_mount_point_is_the_directory_it_means():
    table = MountTable(f"{EXT4}\n{drive('c', chr(92).join(['/my', '040drive', '011c']))}\n")
    assert table.on_windows("/my drive\tc/x")


@for_each(
    "path, linux",
    [
        ("C:\\", "/mnt/c"),
        ("C:/", "/mnt/c"),
        ("c:\\Users\\me\\go", "/mnt/c/Users/me/go"),
        ("D:/go/pkg", "/mnt/d/go/pkg"),
        ("C:\\Program Files\\Go\\", "/mnt/c/Program Files/Go"),
        ("E:\\go", None),
        ("\\\\server\\share\\go", None),
        ("/mnt/c/go", None),
        ("go", None),
        ("C:", None),
        ("C:go", None),
        ("", None),
    ],
)
def test_only_an_absolute_path_on_a_mounted_drive_is_translated(path, linux):
    assert MountTable(WITH_DRIVES).from_windows(path) == linux


def test_a_drive_mounted_as_the_root_is_translated_without_double_slashes():
    assert MountTable(drive("c", "/")).from_windows("C:\\go") == "/go"
    assert MountTable(drive("c", "/")).from_windows("C:\\") == "/"


@for_each(
    "value, is_path",
    [("C:\\go", True), ("z:/", True), ("\\\\srv\\x", True), ("C:", False), ("/c/go", False), ("https://x", False)],
)
def test_the_shape_of_a_windows_path(value, is_path):
    assert is_windows_path(value) is is_path


def test_lines_of_another_shape_are_passed_over():
    table = MountTable(f"garbage\n\n1 2 3 - 9p\n - \n{EXT4}\n36 35 0:1 / /x rw -\n{drive('c')}")
    assert table.on_windows("/mnt/c")
    assert table.owner("/x/y") == table.owner("/")


def test_without_a_mount_table_nothing_is_on_windows():
    assert not MountTable().on_windows("/mnt/c/Windows")
    assert MountTable().from_windows("C:\\Windows") is None


LOCK_PRONE = [
    pytest.param("lxfs", "rootfs", "rw", id="root of WSL1"),
    pytest.param("wslfs", "rootfs", "rw", id="root of WSL1, newer"),
    pytest.param("cifs", "//server/share", "rw,vers=3.1.1,username=me", id="share"),
    pytest.param("smb3", "//server/share", "rw,vers=3.1.1", id="share by its other name"),
    pytest.param("vboxsf", "src", "rw,nodev,iocharset=utf8,uid=0", id="VirtualBox"),
    pytest.param("vmhgfs", ".host:/", "rw", id="VMware, kernel module"),
    pytest.param("fuse.vmhgfs-fuse", "vmhgfs-fuse", "rw,user_id=0,group_id=0", id="VMware, FUSE"),
    pytest.param("prl_fs", "src", "rw", id="Parallels"),
    pytest.param("fuse.prl_fsd", "src", "rw", id="Parallels, FUSE"),
    pytest.param("fuse.grpcfuse", "grpcfuse", "rw,user_id=0,group_id=0", id="Docker Desktop"),
    pytest.param("fakeowner", "/run/host_mark/Users", "rw,fakeowner", id="Docker Desktop, newer"),
]


def is_lock_prone(line: str, path: str) -> bool:
    owner = MountTable(f"{EXT4}\n{line}\n").owner(path)
    assert owner is not None
    return owner.is_lock_prone


@pytest.mark.parametrize(("kind", "source", "options"), LOCK_PRONE)
def test_others_may_hold_files_on_a_mount_that_is_shared(kind, source, options):
    line = mountinfo("/data", kind, source, options)
    assert is_lock_prone(line, "/data/x")
    assert not MountTable(line).on_windows("/data/x")


@pytest.mark.parametrize(("line", "point"), WINDOWS_DRIVES)
def test_others_may_hold_files_on_every_windows_drive(line, point):
    assert is_lock_prone(line, f"{point}/x")


def test_each_row_of_the_data_is_tried_here():
    tried = {param.values[0] for param in LOCK_PRONE}
    assert {row["type"] for row in load_rows("filesystems.toml", "lock_prone")} == tried


@pytest.mark.parametrize(
    ("kind", "source", "options"),
    [
        pytest.param("ext4", "/dev/sdd1", "rw", id="ext4"),
        pytest.param("xfs", "/dev/sdd1", "rw", id="xfs"),
        pytest.param("btrfs", "/dev/sdd1", "rw,subvol=/data", id="btrfs"),
        pytest.param("zfs", "tank/data", "rw", id="zfs"),
        pytest.param("overlay", "overlay", "rw,lowerdir=/a,upperdir=/b,workdir=/c", id="container"),
        pytest.param("tmpfs", "tmpfs", "rw", id="tmpfs"),
        pytest.param("nfs4", "server:/export", "rw,vers=4.2", id="nfs"),
        pytest.param("9p", "drivers", "ro,aname=drivers;fmask=222;dmask=222,cache=5,trans=fd", id="drivers of WSL"),
        pytest.param("9p", "hostshare", "rw,trans=virtio,aname=drvfsx", id="9p of another hypervisor"),
        pytest.param("9p", "hostshare", "rw,trans=virtio", id="9p without a name"),
        pytest.param("virtiofs", "homes", "rw", id="virtiofs of another hypervisor"),
        pytest.param("fuse.sshfs", "me@server:/", "rw,user_id=0", id="sshfs"),
        pytest.param("fuse", "grpcfuse", "rw", id="FUSE of that source alone"),
        pytest.param("ext4", "//server/share", "rw,cifs", id="a word of another field"),
        pytest.param("fuse.gcsfuse", "bucket", "rw", id="a name that only resembles one"),
        pytest.param("ntfs3", "/dev/sdd1", "rw", id="a disk with NTFS, which only this machine has"),
    ],
)
def test_nobody_else_holds_files_on_another_mount(kind, source, options):
    assert not is_lock_prone(mountinfo("/data", kind, source, options), "/data/x")


def test_a_disk_mounted_inside_a_share_is_judged_by_itself():
    share, disk = mountinfo("/data", "cifs", "//s/x", "rw"), mountinfo("/data/disk", "ext4", "/dev/sdd1", "rw")
    assert is_lock_prone(f"{share}\n{disk}", "/data/disks")
    assert not is_lock_prone(f"{share}\n{disk}", "/data/disk/x")


def test_no_row_is_about_a_file_system_that_is_known_to_be_native():
    rows = [*load_rows("filesystems.toml", "windows"), *load_rows("filesystems.toml", "lock_prone")]
    assert {row["type"] for row in rows} & NATIVE == set()
