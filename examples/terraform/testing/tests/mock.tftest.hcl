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
    condition     = can(regex("^[0-9a-f]{32}$", output.wordpress.id))
    error_message = "${output.wordpress.id} is not an image ID."
  }
}

# What matters to one test alone is said in it.
run "the_newest_wordpress_is_taken" {
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
    condition     = output.wordpress.name == "WordPress-6.10.0"
    error_message = "${output.wordpress.name} is not the newest."
  }
}
