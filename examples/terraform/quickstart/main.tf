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

locals {
  # Images are sorted as people sort, so the last one is the newest.
  ubuntu = [
    for image in data.swas_images.system.images : image.image_id
    if length(regexall("^Ubuntu-", image.image_name)) > 0
  ]
}

output "images" {
  value = data.swas_images.system.images
}

output "image_id" {
  value = element(local.ubuntu, length(local.ubuntu) - 1)
}
