# A module that selects images. Its tests in "tests" need no account.
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

# A newer image can change the ID, and alicloud_simple_application_server_instance then
# resets the system disk. Pin the image of a server: see docs/guides/pin-an-image.md.
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
