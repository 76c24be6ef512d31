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

# Every image of the provider's region.
data "swas_images" "all" {}

# The WordPress images for Linux in another region.
data "swas_images" "wordpress" {
  region_id  = "ap-southeast-1"
  image_type = "app"
  platform   = "Linux"
  name_regex = "^WordPress"
}

# The images with these IDs. IDs that are not found cause a warning.
data "swas_images" "chosen" {
  image_ids = slice(data.swas_images.all.ids, 0, 2)
}

output "names" {
  value = data.swas_images.all.names
}

output "wordpress" {
  value = { for image in data.swas_images.wordpress.images : image.id => image.image_name }
}

output "chosen" {
  value = data.swas_images.chosen.names
}
