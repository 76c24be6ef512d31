mock_provider "swas" {
  source = "./tests/mocks"
}

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

# What matters to one test alone is said in it.
run "each_wordpress_has_its_id" {
  command = plan

  override_data {
    target = data.swas_images.wordpress
    values = {
      images = [
        {
          id          = "11111111111111111111111111111111"
          image_id    = "11111111111111111111111111111111"
          image_name  = "WordPress-6.4.3"
          image_type  = "app"
          platform    = "Linux"
          description = ""
        },
        {
          id          = "22222222222222222222222222222222"
          image_id    = "22222222222222222222222222222222"
          image_name  = "WordPress-6.10.0"
          image_type  = "app"
          platform    = "Linux"
          description = ""
        },
      ]
    }
  }

  assert {
    condition     = output.wordpress["WordPress-6.10.0"] == "22222222222222222222222222222222"
    error_message = "WordPress-6.10.0 has not its own ID."
  }
}
