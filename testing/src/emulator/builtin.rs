//! What the built-in catalog holds.
//!
//! The names follow the style of those in Alibaba Cloud's console; which of
//! them exist there on a given day is beside the point.

use super::catalog::{Catalog, Image, Region, image_id};

const REGIONS: [(&str, &str, &str); 3] = [
    ("cn-hangzhou", "华东1（杭州）", "China (Hangzhou)"),
    ("ap-southeast-1", "新加坡", "Singapore"),
    ("us-west-1", "美国（硅谷）", "US (Silicon Valley)"),
];

/// Name, platform, description.
type Entry = (&'static str, &'static str, Option<&'static str>);

/// Deliberately not in any order that a client could mistake for sorted.
const SYSTEM: [Entry; 15] = [
    ("Ubuntu-20.04", "Linux", Some("Ubuntu 20.04 LTS, 64-bit.")),
    ("Ubuntu-9.10", "Linux", Some("")),
    ("Ubuntu-24.04", "Linux", Some("Ubuntu 24.04 LTS, 64-bit.")),
    ("Ubuntu-22.04", "Linux", Some("Ubuntu 22.04 LTS, 64-bit.")),
    ("Debian-12.5", "Linux", Some("")),
    ("Debian-11.9", "Linux", None),
    ("CentOS-7.9", "Linux", Some("CentOS 7.9, 64-bit.")),
    ("CentOS-Stream-9", "Linux", None),
    ("Alibaba-Cloud-Linux-3.2104", "Linux", Some("")),
    ("AlmaLinux-9.4", "Linux", Some("")),
    ("AlmaLinux-8.10", "Linux", Some("")),
    ("Rocky-Linux-9.4", "Linux", None),
    (
        "Windows-Server-2022-数据中心版",
        "Windows",
        Some("64位中文版"),
    ),
    (
        "Windows-Server-2019-Datacenter",
        "Windows",
        Some("64-bit, English."),
    ),
    ("Windows-Server-2012-R2", "Windows", Some("")),
];

const APP: [Entry; 15] = [
    (
        "WordPress-6.4.3",
        "Linux",
        Some("WordPress on Nginx, PHP and MySQL."),
    ),
    ("WordPress-4.8.1", "Linux", Some("")),
    ("WordPress-6.10.0", "Linux", Some("")),
    (
        "宝塔Linux面板-9.0.0",
        "Linux",
        Some("简单好用的服务器运维面板"),
    ),
    ("宝塔Windows面板-8.1.0", "Windows", Some("")),
    ("LAMP-7.4", "Linux", Some("Apache, MySQL and PHP.")),
    ("LAMP-8.2", "Linux", None),
    ("Node.js-20.12.2", "Linux", Some("")),
    ("Node.js-8.17.0", "Linux", None),
    (
        "Docker-26.1.3",
        "Linux",
        Some("Docker Engine with Compose."),
    ),
    ("GitLab-16.11.2", "Linux", Some("")),
    (
        "Matomo-5.0.3",
        "Linux",
        Some("Web analytics; \"quotes\" & <tags> \\ kept."),
    ),
    ("ASP.NET-4.8", "Windows", None),
    ("K3s", "Linux", Some("")),
    ("Code-Server-4.89.1", "Linux", None),
];

/// The account's own: each region has some that the others have not.
const CUSTOM: [(&str, &[Entry]); 3] = [
    (
        "cn-hangzhou",
        &[
            (
                "my-golden-image-v3",
                "Linux",
                Some("Hardened base, monthly rebuild."),
            ),
            ("my-golden-image-v10", "Linux", Some("")),
            ("my-golden-image-v2", "Linux", None),
            (
                "生产环境-网站前端-2024.06",
                "Linux",
                Some("上线前的最后一个版本"),
            ),
            ("财务系统备份", "Windows", None),
        ],
    ),
    (
        "ap-southeast-1",
        &[
            (
                "my-golden-image-v3",
                "Linux",
                Some("Copied from cn-hangzhou."),
            ),
            ("电商演示站", "Linux", Some("")),
            ("office gateway (spare)", "Windows", None),
        ],
    ),
    (
        "us-west-1",
        &[
            ("my-golden-image-v4", "Linux", Some("")),
            ("build-agent-2024-05-17", "Windows", Some("CI runner.")),
            ("Ubuntu-22.04", "Linux", None),
        ],
    ),
];

pub(super) fn catalog() -> Catalog {
    let regions = REGIONS
        .iter()
        .map(|&(id, chinese_name, english_name)| Region {
            id: id.to_owned(),
            chinese_name: chinese_name.to_owned(),
            english_name: english_name.to_owned(),
            images: images(id),
        })
        .collect();
    Catalog { regions }
}

fn images(region_id: &str) -> Vec<Image> {
    let custom = CUSTOM
        .iter()
        .find(|(region, _)| *region == region_id)
        .map_or(&[] as &[Entry], |(_, images)| images);
    [("app", &APP[..]), ("system", &SYSTEM), ("custom", custom)]
        .into_iter()
        .flat_map(|(image_type, entries)| {
            entries
                .iter()
                .map(move |entry| image(region_id, image_type, entry))
        })
        .collect()
}

fn image(region_id: &str, image_type: &str, &(name, platform, description): &Entry) -> Image {
    Image {
        // A custom image may be named as a system image is.
        id: image_id(region_id, &format!("{image_type}/{name}")),
        name: name.to_owned(),
        image_type: image_type.to_owned(),
        platform: platform.to_owned(),
        description: description.map(str::to_owned),
    }
}
