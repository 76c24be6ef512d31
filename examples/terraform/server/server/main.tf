# One server, which stays as it is once it is made.
terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

variable "plan_id" {
  type        = string
  description = "What the server is bought as."
}

variable "image_id" {
  type        = string
  description = "What its system disk is made of."
}

resource "alicloud_simple_application_server_instance" "this" {
  instance_name = "web"
  payment_type  = "Subscription"
  period        = 1
  plan_id       = var.plan_id
  image_id      = var.image_id

  lifecycle {
    # A change of image_id wipes the system disk, and one of plan_id is a new
    # purchase. A newer image or a cheaper plan is for the next server.
    ignore_changes = [image_id, plan_id]
  }
}

output "id" {
  value = alicloud_simple_application_server_instance.this.id
}
