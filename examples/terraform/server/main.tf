# The cheapest Linux server with at least 2 GiB and the newest Debian, in three regions.
# One provider block finds plans and images in all of them. The alicloud provider creates
# the servers and needs one block per region.
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

# A newer image can change the ID, and alicloud_simple_application_server_instance then
# resets the system disk. The module "server" ignores the change. For other ways to pin an
# image, see docs/guides/pin-an-image.md.
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
