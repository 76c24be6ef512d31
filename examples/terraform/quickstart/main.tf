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

# A newer one may appear before any plan, and wipes a server that follows it: see
# "Pin the image" in the guide on selecting images.
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
