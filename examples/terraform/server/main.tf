# The cheapest server with 2 GiB for Linux, with the newest Debian, in three
# regions. One block of this provider finds plans and images in all of them; the
# official provider makes the servers, and takes one block for each region.
terraform {
  required_providers {
    swas = {
      source = "swas-rs/swas"
    }
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

provider "swas" {}

provider "alicloud" {
  alias  = "hangzhou"
  region = "cn-hangzhou"
}

provider "alicloud" {
  alias  = "singapore"
  region = "ap-southeast-1"
}

provider "alicloud" {
  alias  = "silicon_valley"
  region = "us-west-1"
}

locals {
  regions = toset(["cn-hangzhou", "ap-southeast-1", "us-west-1"])
}

data "swas_plans" "linux" {
  for_each   = local.regions
  region_id  = each.key
  platform   = "Linux"
  min_memory = 2
}

# The newest there is, for a server that is made anew. "server" has it ignored
# afterwards.
#
# A newer image may appear before any plan, and the official
# alicloud_simple_application_server_instance resets the system disk when its
# image_id changes. Where a server is made of this, pin it there, either for good:
#
#   lifecycle {
#     ignore_changes = [image_id]
#   }
#
# or, with a resource that keeps the ID, until a trigger of your own changes:
#
#   resource "terraform_data" "image" {
#     input            = data.swas_image.debian["cn-hangzhou"].id
#     triggers_replace = var.image_generation
#
#     lifecycle {
#       ignore_changes = [input]
#     }
#   }
data "swas_image" "debian" {
  for_each    = local.regions
  region_id   = each.key
  image_type  = "system"
  name_regex  = "^Debian-"
  most_recent = true
}

module "hangzhou" {
  source    = "./server"
  providers = { alicloud = alicloud.hangzhou }
  plan_id   = data.swas_plans.linux["cn-hangzhou"].plans[0].plan_id
  image_id  = data.swas_image.debian["cn-hangzhou"].id
}

module "singapore" {
  source    = "./server"
  providers = { alicloud = alicloud.singapore }
  plan_id   = data.swas_plans.linux["ap-southeast-1"].plans[0].plan_id
  image_id  = data.swas_image.debian["ap-southeast-1"].id
}

module "silicon_valley" {
  source    = "./server"
  providers = { alicloud = alicloud.silicon_valley }
  plan_id   = data.swas_plans.linux["us-west-1"].plans[0].plan_id
  image_id  = data.swas_image.debian["us-west-1"].id
}
