# A server from the newest Ubuntu: this provider finds the image, and the
# official one makes the server.
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

provider "swas" {
  region = "cn-hangzhou"
}

provider "alicloud" {
  region = "cn-hangzhou"
}

data "swas_image" "ubuntu" {
  name_regex  = "^Ubuntu-"
  image_type  = "system"
  most_recent = true
}

data "alicloud_simple_application_server_plans" "linux" {
  platform = "Linux"
  memory   = 1
}

resource "alicloud_simple_application_server_instance" "web" {
  instance_name = "web"
  payment_type  = "Subscription"
  period        = 1
  plan_id       = data.alicloud_simple_application_server_plans.linux.plans[0].id
  image_id      = data.swas_image.ubuntu.id

  lifecycle {
    # A newer Ubuntu is for the next server, not a reason to reinstall this one.
    ignore_changes = [image_id]
  }
}
