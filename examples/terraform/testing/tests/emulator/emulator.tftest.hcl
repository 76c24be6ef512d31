# These tests run the provider. Environment variables set the endpoint and the key.

run "newest_debian_is_selected" {
  command = plan

  assert {
    condition     = output.debian.name == "Debian-12.10"
    error_message = "${output.debian.name} is not the newest."
  }
}

run "wordpress_images_have_ids" {
  command = plan

  assert {
    condition     = alltrue([for id in values(output.wordpress) : can(regex("^[0-9a-f]{32}$", id))])
    error_message = "${join(", ", values(output.wordpress))} are not all image IDs."
  }
}
