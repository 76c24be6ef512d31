# A server with the newest Debian in each of three regions. One block of this
# provider finds the images in all of them; the official provider makes the servers,
# and takes one block for each region.
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

variable "plan_ids" {
  type        = map(string)
  description = "What the server of each region is bought as."
}

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
  plan_id   = var.plan_ids["cn-hangzhou"]
  image_id  = data.swas_image.debian["cn-hangzhou"].id
}

module "singapore" {
  source    = "./server"
  providers = { alicloud = alicloud.singapore }
  plan_id   = var.plan_ids["ap-southeast-1"]
  image_id  = data.swas_image.debian["ap-southeast-1"].id
}

module "silicon_valley" {
  source    = "./server"
  providers = { alicloud = alicloud.silicon_valley }
  plan_id   = var.plan_ids["us-west-1"]
  image_id  = data.swas_image.debian["us-west-1"].id
}
