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

# The image of exactly this name.
data "swas_image" "debian" {
  name = "Debian-12.5"
}

# The newest Ubuntu that there is.
#
# A newer image may appear before any plan, and the official
# alicloud_simple_application_server_instance resets the system disk when its
# image_id changes. Where a server is made of this, pin it there, either for good:
#
#   lifecycle {
#     ignore_changes = [image_id]
#   }
#
# or, with a resource that keeps the ID, until a trigger of your own changes:
#
#   resource "terraform_data" "image" {
#     input            = data.swas_image.ubuntu.id
#     triggers_replace = var.image_generation
#
#     lifecycle {
#       ignore_changes = [input]
#     }
#   }
data "swas_image" "ubuntu" {
  name_regex  = "^Ubuntu-"
  image_type  = "system"
  most_recent = true
}

# The image with this ID, for its name and platform.
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
