# One server that keeps its image and plan.
terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

variable "plan_id" {
  type        = string
  description = "ID of the plan."
}

variable "image_id" {
  type        = string
  description = "ID of the image."
}

resource "alicloud_simple_application_server_instance" "this" {
  instance_name = "web"
  payment_type  = "Subscription"
  period        = 1
  plan_id       = var.plan_id
  image_id      = var.image_id

  lifecycle {
    # A change of image_id resets the system disk, and a change of plan_id upgrades the
    # server. Newer images and cheaper plans apply to new servers only.
    ignore_changes = [image_id, plan_id]
  }
}

output "id" {
  value = alicloud_simple_application_server_instance.this.id
}
