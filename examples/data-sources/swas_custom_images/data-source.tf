# Available images with this prefix, newest first.
data "swas_custom_images" "golden" {
  name_regex = "^my-golden-image-"
  status     = "available"
}

# Images with all of these tags.
data "swas_custom_images" "tagged" {
  tags = {
    role = "web"
  }
}

output "newest" {
  value = data.swas_custom_images.golden.ids[0]
}

output "creation_times" {
  value = { for image in data.swas_custom_images.golden.images : image.name => image.creation_time }
}
