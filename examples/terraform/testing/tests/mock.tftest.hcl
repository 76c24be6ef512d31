mock_provider "swas" {
  source = "./tests/mocks"
}

# All values are those of the mocks.
run "outputs_are_image_ids" {
  command = plan

  assert {
    condition     = can(regex("^[0-9a-f]{32}$", output.debian.id))
    error_message = "${output.debian.id} is not an image ID."
  }
}

# override_data sets the values of one data source.
run "wordpress_images_are_mapped_by_name" {
  command = plan

  override_data {
    target = data.swas_images.wordpress
    values = {
      images = [{
        id          = "11111111111111111111111111111111"
        image_id    = "11111111111111111111111111111111"
        image_name  = "WordPress-6.10.0"
        image_type  = "app"
        platform    = "Linux"
        description = ""
      }]
    }
  }

  assert {
    condition     = output.wordpress["WordPress-6.10.0"] == "11111111111111111111111111111111"
    error_message = "WordPress-6.10.0 is not mapped to its ID."
  }
}
