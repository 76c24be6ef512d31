# The provider itself runs here. Environment variables tell it where the emulator
# is and which key it knows.

run "images_have_ids" {
  command = plan

  assert {
    condition     = can(regex("^[0-9a-f]{32}$", output.debian.id))
    error_message = "${output.debian.id} is not an image ID."
  }

  assert {
    condition     = can(regex("^[0-9a-f]{32}$", output.wordpress.id))
    error_message = "${output.wordpress.id} is not an image ID."
  }
}

run "the_newest_wordpress_is_taken" {
  command = plan

  assert {
    condition     = output.wordpress.name == "WordPress-6.10.0"
    error_message = "${output.wordpress.name} is not the newest."
  }
}
