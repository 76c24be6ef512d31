terraform {
  required_providers {
    swas = {
      source = "swas-rs/swas"
    }
  }
}

# Credentials come from environment variables or the profile of the Alibaba Cloud CLI.
provider "swas" {
  region = "cn-hangzhou"
}

data "swas_image" "ubuntu" {
  image_type  = "system"
  name_regex  = "^Ubuntu-"
  most_recent = true
}

output "image_id" {
  value = data.swas_image.ubuntu.id
}
