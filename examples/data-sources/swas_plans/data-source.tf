# All plans of the provider's region, cheapest first.
data "swas_plans" "all" {}

# Linux plans with at least 2 GiB of memory, for at most 100 a month.
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
