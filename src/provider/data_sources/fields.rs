//! The fields of objects in a list. A table describes each of them once.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::terraform::{Attribute, Number, Type};
use aliyun::rpc::number::ApiNumber;

/// A field of objects that describe a `T`.
pub struct Field<T> {
    pub name: &'static str,
    /// A sentence in Markdown.
    pub description: &'static str,
    pub getter: Getter<T>,
}

/// Returns the value of a field.
pub enum Getter<T> {
    Text(fn(&T) -> &str),
    Number(fn(&T) -> Option<ApiNumber>),
    Bool(fn(&T) -> Option<bool>),
    Texts(fn(&T) -> &[String]),
    Map(fn(&T) -> &BTreeMap<String, String>),
}

/// An entry of a response, with the fields that users see.
pub trait Entry: Sized + 'static {
    const FIELDS: &'static [Field<Self>];
}

/// The objects of a list.
#[derive(Debug)]
pub struct Objects<'a, E>(pub Vec<&'a E>);

struct Object<'a, E>(&'a E);

struct FieldValue<'a, E: 'static>(&'a Field<E>, &'a E);

/// A table of fields, each with its name, its getter and its description.
macro_rules! fields {
    ($($name:literal: $getter:ident($get:expr), $description:literal;)*) => {
        &[$($crate::provider::data_sources::fields::Field {
            name: $name,
            description: $description,
            getter: $crate::provider::data_sources::fields::Getter::$getter($get),
        },)*]
    };
}
pub(super) use fields;

/// A computed list of objects that describe an `E`.
pub fn list<E: Entry>(name: &'static str, description: &str) -> Attribute {
    let mut description = format!("{description}\n");
    for field in E::FIELDS {
        description = format!("{description}\n- `{}`: {}", field.name, field.description);
    }
    let fields = E::FIELDS.iter().map(|field| (field.name, field.ty()));
    Attribute::computed(name, Type::Object(fields.collect()).list(), description)
}

/// An optional argument that selects entries by the field of the same name.
pub fn argument<E: Entry>(name: &'static str) -> Attribute {
    let (ty, description) = described::<E>(name);
    Attribute::optional(name, ty, description)
}

/// The type and the description of a field. Empty if there is no such field, which the tests
/// of the pages would show.
pub fn described<E: Entry>(name: &str) -> (Type, &'static str) {
    let field = E::FIELDS.iter().find(|field| field.name == name);
    field.map_or((Type::String, ""), |field| (field.ty(), field.description))
}

impl<T> Field<T> {
    fn ty(&self) -> Type {
        match self.getter {
            Getter::Text(_) => Type::String,
            Getter::Number(_) => Type::Number,
            Getter::Bool(_) => Type::Bool,
            Getter::Texts(_) => Type::String.list(),
            Getter::Map(_) => Type::String.map(),
        }
    }
}

impl<E: Entry> Serialize for Objects<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|entry| Object(*entry)))
    }
}

impl<E: Entry> Serialize for Object<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = E::FIELDS.iter();
        serializer.collect_map(fields.map(|field| (field.name, FieldValue(field, self.0))))
    }
}

impl<E> Serialize for FieldValue<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(field, entry) = self;
        match field.getter {
            Getter::Text(get) => get(entry).serialize(serializer),
            Getter::Number(get) => get(entry).map(Number::from).serialize(serializer),
            Getter::Bool(get) => get(entry).serialize(serializer),
            Getter::Texts(get) => get(entry).serialize(serializer),
            Getter::Map(get) => get(entry).serialize(serializer),
        }
    }
}

impl From<ApiNumber> for Number {
    fn from(number: ApiNumber) -> Self {
        number.get().into()
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::swas::operations::custom_images::model::CustomImage;
    use crate::swas::operations::images::model::Image;
    use crate::swas::operations::plans::Plan;
    use crate::swas::operations::regions::Region;

    /// Values of the API, and how users see them.
    type Forms = Vec<(Value, Value)>;

    fn texts() -> Forms {
        vec![
            (json!("Linux"), json!("Linux")),
            (json!(7), json!("7")),
            (json!(0.5), json!("0.5")),
            (json!(true), json!("true")),
            (json!(null), json!("")),
            (json!(["Linux"]), json!("")),
            (json!({}), json!("")),
        ]
    }

    fn numbers() -> Forms {
        vec![
            (json!(7), json!(7)),
            (json!("7"), json!(7)),
            (json!(" 7 "), json!(7)),
            (json!(0.5), json!("0.5")),
            (json!("1,234.5"), json!("1234.5")),
            (json!(null), json!(null)),
            (json!(""), json!(null)),
            (json!("many"), json!(null)),
            (json!("1,234"), json!(null)),
            (json!(true), json!(null)),
            (json!([7]), json!(null)),
            (json!({}), json!(null)),
        ]
    }

    fn booleans() -> Forms {
        vec![
            (json!(true), json!(true)),
            (json!("True"), json!(true)),
            (json!(" false "), json!(false)),
            (json!(null), json!(null)),
            (json!("yes"), json!(null)),
            (json!(1), json!(null)),
            (json!([true]), json!(null)),
            (json!({}), json!(null)),
        ]
    }

    fn lists() -> Forms {
        vec![
            (json!(["b", "a", "b"]), json!(["a", "b"])),
            (json!(r#"["b", "a"]"#), json!(["a", "b"])),
            (json!(null), json!([])),
            (json!(""), json!([])),
            (json!("Linux"), json!([])),
            (json!([1]), json!([])),
            (json!(1), json!([])),
            (json!({}), json!([])),
        ]
    }

    fn tags() -> Forms {
        vec![
            (json!([{"Key": "a", "Value": 1}]), json!({"a": "1"})),
            (json!(r#"[{"Key": "a", "Value": "1"}]"#), json!({"a": "1"})),
            (json!(null), json!({})),
            (json!("a"), json!({})),
            (json!([["a", "1"]]), json!({})),
            (json!({"a": "1"}), json!({})),
        ]
    }

    fn digits() -> Forms {
        vec![
            (json!(i64::MAX), json!("9223372036854775807")),
            (json!("9223372036854775807"), json!("9223372036854775807")),
            (json!(" 12 "), json!("12")),
            (json!("root"), json!("")),
            (json!(0.5), json!("")),
            (json!(["1"]), json!("")),
        ]
    }

    /// Reads an entry with each form of each field. `fields` has the names in the API and in
    /// the list.
    fn assert_read<E: Entry + DeserializeOwned>(id: &str, fields: &[(&str, &str)], forms: &Forms) {
        for (api_name, name) in fields {
            for (value, expected) in forms {
                let entry = json!({id: "a", *api_name: value});
                let entry: E = serde_json::from_value(entry).unwrap();
                let object = json!(Object(&entry));
                assert_eq!(object[name], *expected, "{api_name} {value}");
            }
        }
    }

    #[test]
    fn field_of_another_type_is_read_if_it_has_one_meaning() {
        assert_read::<Image>(
            "ImageId",
            &[
                ("ImageName", "image_name"),
                ("ImageType", "image_type"),
                ("Platform", "platform"),
                ("Description", "description"),
            ],
            &texts(),
        );
        assert_read::<Region>(
            "RegionId",
            &[
                ("LocalName", "local_name"),
                ("RegionEndpoint", "region_endpoint"),
            ],
            &texts(),
        );
        assert_read::<Plan>(
            "PlanId",
            &[
                ("DiskType", "disk_type"),
                ("Currency", "currency"),
                ("PlanType", "plan_type"),
                ("IspType", "isp_type"),
            ],
            &texts(),
        );
        assert_read::<Plan>(
            "PlanId",
            &[
                ("Core", "core"),
                ("Memory", "memory"),
                ("DiskSize", "disk_size"),
                ("Bandwidth", "bandwidth"),
                ("Flow", "flow"),
                ("OriginPrice", "price"),
                ("PublicIpNum", "public_ip_num"),
                ("Tokens", "tokens"),
            ],
            &numbers(),
        );
        assert_read::<Plan>("PlanId", &[("SupportPlatform", "platforms")], &lists());
        assert_read::<CustomImage>(
            "ImageId",
            &[
                ("Name", "name"),
                ("Description", "description"),
                ("CreationTime", "creation_time"),
                ("Status", "status"),
                ("OsType", "os_type"),
                ("SourceImageName", "source_image_name"),
                ("SourceImageVersion", "source_image_version"),
                ("ResourceGroupId", "resource_group_id"),
                ("InstanceId", "instance_id"),
            ],
            &texts(),
        );
        assert_read::<CustomImage>(
            "ImageId",
            &[
                ("RequiredSystemDiskSize", "required_system_disk_size"),
                ("RequiredDataDiskSize", "required_data_disk_size"),
            ],
            &numbers(),
        );
        assert_read::<CustomImage>(
            "ImageId",
            &[("InShare", "in_share"), ("InShareUser", "in_share_user")],
            &booleans(),
        );
        assert_read::<CustomImage>("ImageId", &[("UserId", "user_id")], &digits());
        assert_read::<CustomImage>("ImageId", &[("Tags", "tags")], &tags());
    }
}
