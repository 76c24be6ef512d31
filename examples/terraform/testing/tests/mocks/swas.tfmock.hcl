# Values of each data source in tests, unless a test overrides them.

mock_data "swas_image" {
  defaults = {
    id          = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    image_id    = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    region_id   = "cn-hangzhou"
    name        = "Debian-12.10"
    image_name  = "Debian-12.10"
    image_type  = "system"
    platform    = "Linux"
    description = ""
  }
}

mock_data "swas_images" {
  defaults = {
    id        = "mock"
    region_id = "cn-hangzhou"
    ids       = ["00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"]
    names     = ["Debian-12.10", "Ubuntu-24.04"]
    images = [
      {
        id          = "00112233445566778899aabbccddeeff"
        image_id    = "00112233445566778899aabbccddeeff"
        image_name  = "Debian-12.10"
        image_type  = "system"
        platform    = "Linux"
        description = ""
      },
      {
        id          = "ffeeddccbbaa99887766554433221100"
        image_id    = "ffeeddccbbaa99887766554433221100"
        image_name  = "Ubuntu-24.04"
        image_type  = "system"
        platform    = "Linux"
        description = ""
      },
    ]
  }
}

mock_data "swas_regions" {
  defaults = {
    id    = "mock"
    ids   = ["ap-southeast-1", "cn-hangzhou"]
    names = ["Singapore", "China (Hangzhou)"]
    regions = [
      {
        id              = "ap-southeast-1"
        region_id       = "ap-southeast-1"
        local_name      = "Singapore"
        region_endpoint = "swas.ap-southeast-1.aliyuncs.com"
      },
      {
        id              = "cn-hangzhou"
        region_id       = "cn-hangzhou"
        local_name      = "China (Hangzhou)"
        region_endpoint = "swas.cn-hangzhou.aliyuncs.com"
      },
    ]
  }
}

mock_data "swas_custom_images" {
  defaults = {
    id        = "mock"
    region_id = "cn-hangzhou"
    ids       = ["a1b2c3d4e5f60718293a4b5c6d7e8f90"]
    names     = ["web-2025-06"]
    images = [
      {
        id                        = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
        image_id                  = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
        name                      = "web-2025-06"
        description               = ""
        creation_time             = "2025-06-01T08:00:00Z"
        status                    = "available"
        os_type                   = "Linux"
        required_system_disk_size = 40
        required_data_disk_size   = 0
        source_image_name         = "Debian"
        source_image_version      = "12.10"
        in_share                  = false
        in_share_user             = false
        user_id                   = "1234567890123456"
        resource_group_id         = ""
        instance_id               = ""
        tags                      = { env = "prod" }
      },
    ]
  }
}

mock_data "swas_plans" {
  defaults = {
    id        = "mock"
    region_id = "cn-hangzhou"
    ids       = ["swas.s.c2m2s40b3t04"]
    plans = [
      {
        id            = "swas.s.c2m2s40b3t04"
        plan_id       = "swas.s.c2m2s40b3t04"
        core          = 2
        memory        = 2
        disk_size     = 40
        disk_type     = "ESSD"
        bandwidth     = 3
        flow          = 400
        price         = 60
        currency      = "CNY"
        platforms     = ["Linux", "Windows"]
        plan_type     = "NORMAL"
        public_ip_num = 1
        isp_type      = "BGP"
        tokens        = 0
      },
    ]
  }
}
