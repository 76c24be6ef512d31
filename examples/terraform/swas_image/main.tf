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

# The image of exactly this name.
data "swas_image" "debian" {
  name = "Debian-12.5"
}

# The newest Ubuntu that there is. A newer one may appear before any plan, and
# wipes a server that follows it: see "Pin the image" in the guide on selecting
# images.
data "swas_image" "ubuntu" {
  name_regex  = "^Ubuntu-"
  image_type  = "system"
  most_recent = true
}

# The image with this ID, for its name and platform.
data "swas_image" "by_id" {
  image_id = data.swas_image.ubuntu.id
}

output "debian" {
  value = data.swas_image.debian.id
}

output "ubuntu" {
  value = data.swas_image.ubuntu.id
}

output "name" {
  value = data.swas_image.by_id.image_name
}
