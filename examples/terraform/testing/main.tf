# A module that looks up images, with tests that need no account: see "tests". A
# newer image may appear before any plan, and wipes a server that follows it: see
# "Pin the image" in the guide on selecting images.
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

data "swas_image" "debian" {
  name_regex  = "^Debian-"
  image_type  = "system"
  most_recent = true
}

data "swas_images" "wordpress" {
  name_regex = "^WordPress-"
  image_type = "app"
}

locals {
  # The list is sorted as people sort, so the newest comes last.
  wordpress = reverse(data.swas_images.wordpress.images)[0]
}

output "debian" {
  value = { id = data.swas_image.debian.id, name = data.swas_image.debian.image_name }
}

output "wordpress" {
  value = { id = local.wordpress.id, name = local.wordpress.image_name }
}
