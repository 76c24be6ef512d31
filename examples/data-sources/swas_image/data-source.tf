data "swas_image" "by_name" {
  name       = "Debian-12.5"
  image_type = "system"
}

data "swas_image" "newest" {
  name_regex  = "^Ubuntu-"
  image_type  = "system"
  most_recent = true
}

data "swas_image" "by_id" {
  image_id = data.swas_image.newest.id
}

output "image_id" {
  value = data.swas_image.by_name.id
}

output "newest_name" {
  value = data.swas_image.by_id.image_name
}
