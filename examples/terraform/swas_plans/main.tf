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

# Every plan of the provider's region, cheapest first.
data "swas_plans" "all" {}

# The plans for Linux with at least 2 GiB that cost at most 100 a month.
data "swas_plans" "small" {
  platform   = "Linux"
  min_memory = 2
  max_price  = 100
}

output "prices" {
  value = { for plan in data.swas_plans.all.plans : plan.id => plan.price }
}

output "cheapest" {
  value = data.swas_plans.small.plans[0].id
}
