//! Comparison of real and synthetic names.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn compared(one: &str, other: &str) -> Option<Ordering> {
    Version::parse(one).compare(&Version::parse(other))
}

fn newest<'a>(names: &[&'a str]) -> Option<&'a str> {
    let is_newer = |name: &str, other: &str| compared(name, other) == Some(Ordering::Greater);
    let mut newest = names.iter().filter(|name| {
        names
            .iter()
            .all(|other| name == &other || is_newer(name, other))
    });
    newest.next().copied()
}

#[test]
fn version_newer_is_greater() {
    for (older, newer) in [
        ("Ubuntu-9.10", "Ubuntu-20.04"),
        ("Ubuntu-20.04", "Ubuntu-22.04"),
        ("CentOS-7.2", "CentOS-7.10"),
        ("CentOS-7", "CentOS-7.9"),
        // A bit width is a word.
        ("debian_8_64_20G", "debian_8_09_64_20G"),
        ("centos_6_64_20G", "centos_6_9_64_20G"),
        ("golden-63", "golden-64"),
        ("golden-1.0.63", "golden-1.0.64"),
        ("golden-2026.1.24-63", "golden-2026.1.24-64"),
        ("CentOS-7 x64", "CentOS-7.9.2009 x64"),
        ("OpenClaw-2026.1.24", "OpenClaw-2026.1.24-3"),
        // A name without a number.
        ("Ubuntu", "Ubuntu-9.10"),
        ("宝塔Linux面板", "宝塔Linux面板-9"),
        // Tokens after the first difference do not matter.
        ("WordPress-4.8.1-Ubuntu-22.04", "WordPress-5.0-Debian-10"),
        ("CentOS 6.8 64位", "CentOS 6.9 32位"),
        // Labeled numbers.
        ("app-1.0", "app-1.0-rev.0"),
        ("app-1", "app-1 update.0"),
        ("SLES 15 x86_64", "SLES 15 SP6 x86_64"),
        ("SLES 15 SP5", "sles 15 sp6"),
        ("RHEL 8 64bit", "RHEL 8 U10 64bit"),
        (
            "Windows Server 2012 数据中心版 64位",
            "Windows Server 2012  R2 数据中心版 64位",
        ),
        (
            "Windows Server 2012 Datacenter",
            "Windows Server 2012 R2 Standard",
        ),
        ("Java 17", "Java 17 Update 3"),
        ("OpenJDK-8u41", "OpenJDK-8u392"),
        // Full-width characters, a "v", leading zeros, and separators do not matter.
        ("Ｕｂｕｎｔｕ　２０．０４", "Ubuntu 22.04"),
        ("app-v1.2", "APP_1.3"),
        ("golden-8", "golden-010"),
        (
            "v99999999999999999999999999999999999998",
            "v99999999999999999999999999999999999999",
        ),
        // Pre-releases.
        ("v1.2-rc1", "v1.2"),
        ("v1.2-rc2", "v1.2-rc10"),
        ("v1.2-beta3", "v1.2-rc1"),
        ("v1.2-alpha", "v1.2-beta"),
        ("v1.1-rc2", "v1.2-rc1"),
        ("1.0-pre1", "1.0"),
        ("1.0b2", "1.0"),
        ("SLES-15-SP6-b1", "SLES-15-SP5"),
        ("vSphere 8.0 U3-b1", "vSphere 8.0 U2"),
        ("vSphere 8.0U3-b1", "vSphere 8.0U2"),
        ("1.0-M3", "1.0"),
        ("Tomcat-11.0.0-M26", "Tomcat-10.1.30"),
        ("1.0-release-candidate-2", "1.0"),
        ("1.0-SNAPSHOT", "1.0"),
        ("宝塔面板-9.0.0-beta版", "宝塔面板-8.0.5"),
        ("宝塔面板-9.0.0-RC1版", "宝塔面板-8.0.5"),
        ("App-2.0-Beta测试版", "App-1.0"),
        ("App-2.0-ReleaseCandidate1", "App-1.0"),
        ("App-2.0-be\u{200b}ta", "App-1.0"),
        ("App-2.0-be\u{2066}ta", "App-1.0"),
        ("App-2.0 测试版", "App-1.0"),
        ("App-2.0 测试", "App-1.0"),
        // Neither a build of a JDK nor a graphics card is a pre-release.
        ("OpenJDK-8u382", "OpenJDK-8u392-b08"),
        ("OpenJDK-8u212", "OpenJDK-8u222-b10"),
        ("jdk8u202-b08", "jdk8u222-b10"),
        ("Ubuntu-20.04", "Ubuntu-22.04-M60"),
        ("golden-nightly-2.4", "golden-2.4"),
        ("app-beta-2.0", "app-1.9"),
        ("app-2.0-rc1", "app-1.9"),
        ("nightly-20240101", "nightly-20240102"),
        // Dates and times.
        ("backup-2024-02-29T23-59", "backup-2024-03-01T09-00"),
        ("db-20240301T090000Z", "db-20240301T100000Z"),
        ("golden-2025-01-15-1430", "golden-2025-01-15-2030"),
        (
            "Canonical-Ubuntu-20.04-2024.01.12-0",
            "Canonical-Ubuntu-22.04-2023.01.12-0",
        ),
        // Year and month as release number.
        ("CentOS-7.8.2003", "CentOS-7.9.2009"),
        ("CentOS-7.8-2003", "CentOS-7.9-2009"),
        ("CentOS 7.8 (2003)", "CentOS 7.9 (2009)"),
        ("app-1.2-2024-02-15", "app-1.3-2024-01-01"),
        ("SEP 14", "SEP 15"),
        ("ubuntu-2004-focal-v20240307", "ubuntu-2204-jammy-v20240112"),
        // A hash after the number that differs.
        ("os-v1.15.1-264e294c", "os-v1.16.1-763f6d4c"),
    ] {
        assert_eq!(
            compared(older, newer),
            Some(Ordering::Less),
            "{older} {newer}"
        );
        assert_eq!(
            compared(newer, older),
            Some(Ordering::Greater),
            "{older} {newer}"
        );
    }
}

#[test]
fn version_same_in_different_spelling_is_equal() {
    for (one, other) in [
        ("Ubuntu-22.04", "ubuntu 22.4"),
        ("v1.2", "1.2.0"),
        ("app-12", "app-12.0.0"),
        ("Windows Server  2012  R2", "Windows Server 2012R2"),
        ("Debian 12 64 bit", "Debian 12 64bit"),
        ("1.24.3", "1.24-3"),
        ("Level 2", "Level2"),
    ] {
        assert_eq!(compared(one, other), Some(Ordering::Equal), "{one} {other}");
    }
}

#[test]
fn version_ambiguous_is_not_comparable() {
    assert_not_comparable(&[
        // Two products.
        ("Debian-12.5", "Ubuntu-22.04"),
        ("Debian", "Ubuntu-22.04"),
        ("Debian", "Debian-GitLab-12"),
        ("Ubuntu-22.04", "Ubuntu-22.04-Docker-26.1"),
        ("Ubuntu 22.04", "Ubuntu 22.04 (kernel 6.8)"),
        ("Ubuntu 22.04", "Ubuntu 22.04 UEFI"),
        ("app-2.0", "web-1.0-rc1"),
        ("rc-1.0", "beta-2.0"),
        ("SLES 15 SP5", "SLES 15 for SAP SP6"),
        ("SQL Server 2019 CU5", "SQL Server 2019 Enterprise CU20"),
        // Betas or builds.
        ("app-2.0-b21", "app-1.9"),
        ("OpenJDK-20.0.2", "OpenJDK-21-b35"),
        ("jbr-17.0.8-b08", "jbr-17.0.9-b12"),
        ("Tesla P100", "Tesla V100"),
        ("SLES-15-SP5", "SLES-15-SP6a"),
        ("vSphere 8.0 U2", "vSphere 8.0 U3b"),
        ("OpenSSH-9.3 p1", "OpenSSH-9.3 p2b"),
        ("CentOS-7.9-P4", "CentOS-7.9-T4"),
        ("GPU", "GPU P100"),
        // Bit widths, architectures and sizes.
        ("Debian 12 32位", "Debian 12 64位"),
        ("Debian 12 32 bit", "Debian 12 64-bit"),
        ("centos-6.3-32", "centos-6.3-64"),
        ("centos-6.3", "centos-6.3-64"),
        ("ubuntu64-14.04", "ubuntu-22.04"),
        ("Debian 12 20 GB云盘", "Debian 12 40 GB云盘"),
        ("Debian 12 20 Gi", "Debian 12 40 Gi"),
        ("Debian", "Debian-64"),
        ("Windows-10-64", "Windows-10-22"),
        ("CentOS-7.9", "CentOS-7.9.64"),
        ("CentOS-7.9", "CentOS-7.9.64.1"),
        ("Debian 12 i-386", "Debian 12 i-686"),
        ("Debian 12 4 Cores 8 GB", "Debian 12 2 Cores 4 GB"),
        ("Debian 12 10 M", "Debian 12 100 M"),
        ("Debian 12 4 C 8 G", "Debian 12 2 C 4 G"),
        ("Debian 12 2 T", "Debian 12 4 T"),
        ("Debian 12 10 Mbit", "Debian 12 100 Mbit"),
        ("Debian 12 2 核心", "Debian 12 4 核心"),
        ("Debian 12 64 位中文版", "Debian 12 32 位中文版"),
        ("Debian 12 x86", "Debian 12 x64"),
        ("Debian 12 x86", "Debian 12 x86_64"),
        ("Debian 12 i386", "Debian 12 i686"),
        ("Rocky-Linux-9.4", "Rocky-Linux-9.4-ARM64"),
        ("alpine-3.20-armv7", "alpine-3.20-armv8"),
        ("Debian 20G", "Debian 40G"),
        ("Debian 2.5 GB", "Debian 3.5 GB"),
        ("Debian 1,024 MB", "Debian 2,048 MB"),
        ("Debian 2 CPU", "Debian 4 CPU"),
        ("Debian 5 Mbps", "Debian 100 Mbps"),
        ("AlmaLinux-10-x86-64-v2", "AlmaLinux-10-x86-64-v3"),
        ("Debian 12 arm v7", "Debian 12 arm v8"),
        ("Debian 12 x 64", "Debian 12 x 86"),
        ("CentOS-7-64", "CentOS-7-86"),
        // Degrees, and digits followed by letters.
        ("Debian gen1", "Debian gen2"),
        ("Debian Level 2.0", "Debian Level 3.0"),
        ("cis-rhel8-l1", "cis-rhel8-l2"),
        ("Linux 等保 2 级", "Linux 等保 3 级"),
        ("Linux 第 1 代", "Linux 第 2 代"),
        ("Linux 3.2104", "Linux 3.2104 等保2.0三级版"),
        ("Linux 等保2.0三级版", "Linux 等保3.0三级版"),
        ("Windows 10 21H2", "Windows 10 22H2"),
        // Hashes and UUIDs.
        ("app-264e294c", "app-763f6d4c"),
        ("app-1.0-4-g264e294", "app-1.0-4-g763f6d4"),
        ("app-1.0-4-g1029384", "app-1.0-4-g5647382"),
        (
            "app-550e8400-e29b-41d4-a716-446655440000",
            "app-550e8401-e29b-41d4-a716-446655440000",
        ),
        // Pre-release markers without an order.
        ("1.0-nightly", "1.0-rc1"),
        ("1.0-snapshot", "1.0-M3"),
        // "latest" can stand for any version.
        ("app-latest", "app-2"),
        ("app-1.3-latest版", "app-1.2"),
        ("app-latest", "app-latest"),
    ]);
}

#[test]
fn version_with_another_kind_of_number_is_not_comparable() {
    assert_not_comparable(&[
        ("app-9", "app-2024"),
        ("app-9", "app-2009"),
        ("app-2024", "app-2204"),
        ("app-2024", "app-20230101"),
        ("app-2", "app-1714500000"),
        ("app-15-12-2023", "app-01-01-2024"),
        ("app-12-25-2023", "app-12-24-2024"),
        ("app-12-2023", "app-01-2024"),
        ("app-W52-2023", "app-W13-2024"),
        ("app-W50-2023-1", "app-W01-2024-1"),
        ("app-15-12-2023-1", "app-01-01-2024-1"),
        ("app-15-12-2023-09-30", "app-01-01-2024-10-00"),
        ("app-15-12-2023T2130", "app-01-01-2024T0915"),
        ("app-151220230930", "app-010120241000"),
        ("app 46.2022", "app 45.2023"),
        ("app-31-12-2011", "app-01-01-2012"),
        ("app-31122011", "app-01012012"),
        ("app-Jan-20-2023", "app-Jan-15-2024"),
        ("app-Jan-20-23", "app-Jan-15-24"),
        ("app-15-Dec-23", "app-01-Jan-24"),
        ("app-15-Dec-2023T0930", "app-05-Dec-2024T0930"),
        ("app-31-Dec-2023版", "app-05-Dec-2024版"),
        ("app-25.12 2010", "app-05.01 2011"),
        ("Windows-Server-2012", "Windows-Server-1809"),
        ("app 15 December 2023", "app 1 January 2024"),
        ("app-31122023", "app-01012024"),
        ("app-122023", "app-012024"),
        ("app-1714500000", "app-1714500000000"),
        ("app-1.24-3", "app-1.24.1"),
        ("app-6.4 (2)", "app-6.4.1"),
        ("app-1.0", "app-1.0~1"),
        ("app-1.0", "app-1.0 2"),
    ]);
}

#[test]
fn version_group_counts_beta_or_build_outside_it() {
    let parse = Version::parse_part;
    for (name, order) in [
        ("app-2.0", Some(Ordering::Greater)),
        ("app-2.0-b2", Some(Ordering::Less)),
        ("app-2.0-b21", None),
    ] {
        let order_of_name = parse("2.0", name).compare(&parse("1.9", "app-1.9"));
        assert_eq!(order_of_name, order, "{name}");
    }
}

fn assert_not_comparable(pairs: &[(&str, &str)]) {
    for (one, other) in pairs {
        assert_eq!(compared(one, other), None, "{one} {other}");
        assert_eq!(compared(other, one), None, "{other} {one}");
    }
}

#[derive(Deserialize)]
struct Group {
    names: Vec<String>,
    expect: Option<String>,
    why: String,
}

#[test]
fn most_recent_of_real_names_is_expected_one() {
    let groups = include_str!("../../../../../tests/data/image-names.json");
    let groups: Vec<Group> = serde_json::from_str(groups).unwrap();
    assert!(groups.len() > 50);
    for Group { names, expect, why } in &groups {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(newest(&names), expect.as_deref(), "{why} {names:?}");
    }
}

/// Names of meaningful and arbitrary parts.
fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "(Ubuntu|Debian|app|latest|nightly|release|candidate|64位|x86_64|arm64|等保2.0三级版)",
        "(v|R|SP|U|rc|b|M|Update[ .]|rev[.]|Level |beta)?[0-9]{1,3}",
        "[0-9]{1,2}[.-][0-9]{1,2}[.-](20[0-9]{2}|[0-9]{1,2})",
        "(20[0-9]{6}(T[0-9]{4})?|[0-9a-f]{8}|32|64|20G|64 bit|２２)",
        ".{0,3}",
    ];
    let separator = prop_oneof!["[-_. ]", "-", ""];
    prop::collection::vec((part, separator), 0..5).prop_map(|parts| {
        parts
            .into_iter()
            .map(|(part, separator)| part + &separator)
            .collect()
    })
}

/// A bit width, an architecture or a size.
fn property() -> impl Strategy<Value = String> {
    let size = "[1-9][0-9]{0,3}([.,][0-9]{1,2})?( |-)?(G|GB|GiB|MB|M|T|TB|C|Cores|vCPU|CPUs|Mbps|Mbit|核|核心)";
    prop_oneof![
        "(32|64) ?-?(位|位中文版|bit|Bits)",
        "(x86|x64|x86_64|x86-64-v[1-4]|amd64|arm64|aarch64|armv[78]|i-?[3-6]86)",
        "(32|64|86)",
        size,
    ]
}

proptest! {
    #[test]
    fn version_order_is_antisymmetric(one in name(), other in name()) {
        prop_assert_eq!(compared(&one, &other), compared(&other, &one).map(Ordering::reverse));
    }

    #[test]
    fn version_is_never_newer_than_itself(name in name()) {
        prop_assert!(matches!(compared(&name, &name), None | Some(Ordering::Equal)), "{name}");
    }

    #[test]
    fn version_differing_in_bit_width_architecture_or_size_is_not_comparable(
        one in property(),
        other in property(),
        number in 1..200_u32,
        separator in "[ _-]",
        name in "(Ubuntu|Debian)[ _-][0-9]{1,2}([.][0-9]{1,2})?",
        end in "([ _-](中文版|UEFI|20G))?",
    ) {
        let with = |property: &str| format!("{name}{separator}{property}{end}");
        let order = compared(&with(&one), &with(&other));
        prop_assert!(matches!(order, None | Some(Ordering::Equal)), "{one} {other}");
        prop_assert_eq!(compared(&with(&one), &format!("{name}{end}")), None, "{}", one);
        let order = compared(&with(&one), &with(&number.to_string()));
        prop_assert!(matches!(order, None | Some(Ordering::Equal)), "{one} {number}");
    }

    #[test]
    fn prerelease_is_never_newer_than_release(one in name(), other in name()) {
        let (one, other) = (Version::parse(&one), Version::parse(&other));
        if one.release.is_some() && other.release.is_none() {
            prop_assert!(!one.is_newer_than(&other));
        }
    }
}
