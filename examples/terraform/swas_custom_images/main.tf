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

# The account's own images that a server can be made from, the newest first. A
# newer one may appear before any plan, and wipes a server that follows it: see
# "Pin the image" in the guide on selecting images.
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
