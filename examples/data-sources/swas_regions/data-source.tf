data "swas_regions" "all" {
  accept_language = "en-US"
}

output "names" {
  value = { for region in data.swas_regions.all.regions : region.region_id => region.local_name }
}
