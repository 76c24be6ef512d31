# All images of the provider's region.
data "swas_images" "all" {}

# Linux applications of another region.
data "swas_images" "wordpress" {
  region_id  = "ap-southeast-1"
  image_type = "app"
  platform   = "Linux"
  name_regex = "^WordPress"
}

# Images with these IDs.
data "swas_images" "selected" {
  image_ids = slice(data.swas_images.all.ids, 0, 2)
}

output "wordpress" {
  value = { for image in data.swas_images.wordpress.images : image.id => image.image_name }
}

output "selected" {
  value = data.swas_images.selected.names
}
