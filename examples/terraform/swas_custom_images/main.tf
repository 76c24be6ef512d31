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

# The available images of the account, newest first. A newer image can change the ID, and
# alicloud_simple_application_server_instance then resets the system disk. Pin the image
# of a server: see docs/guides/pin-an-image.md.
data "swas_custom_images" "golden" {
  name_regex = "^my-golden-image-"
  status     = "available"
}

output "newest" {
  value = data.swas_custom_images.golden.ids[0]
}

output "creation_times" {
  value = { for image in data.swas_custom_images.golden.images : image.name => image.creation_time }
}
