# Lists the operating systems of a region and picks the newest Ubuntu.
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

data "swas_images" "system" {
  image_type = "system"
}

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

output "images" {
  value = { for image in data.swas_images.system.images : image.id => image.image_name }
}

output "image_id" {
  value = data.swas_image.ubuntu.id
}
