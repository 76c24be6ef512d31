# A module that looks up images, with tests that need no account: see "tests".
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
#     input            = data.swas_image.debian.id
#     triggers_replace = var.image_generation
#
#     lifecycle {
#       ignore_changes = [input]
#     }
#   }
data "swas_image" "debian" {
  name_regex  = "^Debian-"
  image_type  = "system"
  most_recent = true
}

data "swas_images" "wordpress" {
  name_regex = "^WordPress-"
  image_type = "app"
}

output "debian" {
  value = { id = data.swas_image.debian.id, name = data.swas_image.debian.image_name }
}

output "wordpress" {
  value = { for image in data.swas_images.wordpress.images : image.image_name => image.id }
}
