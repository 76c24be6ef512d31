# Lists the operating systems of a region and selects the newest Ubuntu.
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

# A newer image can change the ID, and alicloud_simple_application_server_instance then
# resets the system disk. Pin the image of a server: see docs/guides/pin-an-image.md.
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
