# The provider itself runs here. Environment variables tell it where the emulator
# is and which key it knows.

run "images_have_ids" {
  command = plan

  assert {
    condition     = can(regex("^[0-9a-f]{32}$", output.debian.id))
    error_message = "${output.debian.id} is not an image ID."
  }

  assert {
    condition     = alltrue([for id in values(output.wordpress) : can(regex("^[0-9a-f]{32}$", id))])
    error_message = "${join(", ", values(output.wordpress))} are not all image IDs."
  }
}

run "the_newest_debian_is_taken" {
  command = plan

  assert {
    condition     = output.debian.name == "Debian-12.10"
    error_message = "${output.debian.name} is not the newest."
  }
}
