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

# The account's own images that a server can be made from, the newest first.
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
#     input            = data.swas_custom_images.golden.ids[0]
#     triggers_replace = var.image_generation
#
#     lifecycle {
#       ignore_changes = [input]
#     }
#   }
data "swas_custom_images" "golden" {
  name_regex = "^my-golden-image-"
  status     = "available"
}

output "newest" {
  value = data.swas_custom_images.golden.ids[0]
}

output "made" {
  value = { for image in data.swas_custom_images.golden.images : image.name => image.creation_time }
}
