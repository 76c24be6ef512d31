terraform {
  required_providers {
    swas = {
      source = "swas-rs/swas"
    }
  }
}

provider "swas" {
  region = "cn-hangzhou"
}

# The image with this name.
data "swas_image" "debian" {
  name = "Debian-12.5"
}

# The newest Ubuntu. A newer image can change the ID, and
# alicloud_simple_application_server_instance then resets the system disk. Pin the image
# of a server: see docs/guides/pin-an-image.md.
data "swas_image" "ubuntu" {
  name_regex  = "^Ubuntu-"
  image_type  = "system"
  most_recent = true
}

# The name and platform of the image with this ID.
data "swas_image" "by_id" {
  image_id = data.swas_image.ubuntu.id
}

output "debian" {
  value = data.swas_image.debian.id
}

output "ubuntu" {
  value = data.swas_image.ubuntu.id
}

output "name" {
  value = data.swas_image.by_id.image_name
}
