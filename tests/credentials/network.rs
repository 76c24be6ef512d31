//! Where calls go and how: endpoints, proxies, certificates, the User-Agent.

use libtest_mimic::Failed;
use swas_testing::emulator::Answer;
use swas_testing::network::{ConnectProxy, TlsFront};
use swas_testing::terraform::{Client, TerraformTest};

use super::scene::{Scene, secret};
use super::sources::role;

type Outcome = std::result::Result<(), Failed>;

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::new("the_user_agent_names_everybody", user_agent),
        TerraformTest::new(
            "endpoints_of_the_block_go_before_the_environment",
            endpoints,
        ),
        TerraformTest::new("http_is_spoken_where_the_block_says_so", protocol),
        TerraformTest::new("https_is_spoken_where_nobody_says_otherwise", no_plain_http),
        TerraformTest::new("time_outs_are_those_of_the_block", time_outs),
        TerraformTest::new(
            "a_private_certificate_authority_is_trusted",
            private_authority,
        ),
        TerraformTest::new("proxies_of_the_environment_are_used", proxies),
        TerraformTest::new("sts_is_called_in_the_region", regional_sts),
        TerraformTest::new(
            "credentials_never_go_through_a_proxy_in_plain_text",
            plain_proxy,
        ),
    ]
}

fn scene_with_keys(client: &Client) -> std::result::Result<Scene, Failed> {
    let mut scene = Scene::new(client)?;
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv");
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &secret("LTAIenv"));
    Ok(scene)
}

fn user_agent(client: &Client) -> Outcome {
    for (variable, block, expected) in [
        ("", "", ""),
        ("ci/7", "", " ci/7"),
        (
            "ci/7",
            "configuration_source = \"module/2 (x)\"",
            " module/2 (x)",
        ),
    ] {
        let mut scene = scene_with_keys(client)?;
        scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("reader"));
        scene.env("TF_APPEND_USER_AGENT", variable);
        scene.block(block);
        scene.key()?;
        let version = &client.version;
        let expected = format!(
            "terraform-provider-swas/{} Terraform/{version}{expected}",
            env!("CARGO_PKG_VERSION")
        );
        for action in ["AssumeRole", "ListImages"] {
            let calls = scene.calls(action);
            assert_eq!(calls[0].header("user-agent"), Some(expected.as_str()));
        }
    }
    Ok(())
}

fn endpoints(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    let url = scene.emulator.url();
    scene.block(&format!(
        "endpoints {{\n  swas = \"{url}\"\n  sts = \"{url}\"\n}}"
    ));
    scene.block(&format!(
        "assume_role {{\n  role_arn = \"{}\"\n}}",
        role("reader")
    ));
    for variable in ["ALIBABA_CLOUD_SWAS_ENDPOINT", "ALIBABA_CLOUD_STS_ENDPOINT"] {
        scene.env(variable, super::scene::NOBODY);
    }
    assert!(scene.key()?.starts_with("STS.role-reader."));
    Ok(())
}

fn protocol(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    let host = scene.emulator.address().to_string();
    scene.env("ALIBABA_CLOUD_SWAS_ENDPOINT", &host);
    scene.env("ALIBABA_CLOUD_STS_ENDPOINT", &host);
    scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("reader"));
    scene.block("protocol = \"HTTP\"");
    assert!(scene.key()?.starts_with("STS.role-reader."));
    Ok(())
}

fn no_plain_http(client: &Client) -> Outcome {
    for variable in ["ALIBABA_CLOUD_SWAS_ENDPOINT", "ALIBABA_CLOUD_STS_ENDPOINT"] {
        let mut scene = scene_with_keys(client)?;
        let host = scene.emulator.address().to_string();
        scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("reader"));
        scene.env(variable, &host);
        let output = scene.plan()?;
        assert!(!output.status.success(), "{output}");
        assert!(output.flat_text().contains(&host), "{output}");
    }
    Ok(())
}

fn time_outs(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    scene.block("client_read_timeout = 150");
    scene.emulator.answer_always(Answer::hang());
    let output = scene.plan()?;
    assert!(output.flat_text().contains("silent for 150 ms"), "{output}");
    Ok(())
}

fn private_authority(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    let front = TlsFront::start("localhost", scene.emulator.address())?;
    let endpoint = format!("localhost:{}", front.address.port());
    scene.env("ALIBABA_CLOUD_SWAS_ENDPOINT", &endpoint);
    let output = scene.plan()?;
    assert!(
        output.flat_text().contains("certificate is not trusted"),
        "{output}"
    );

    let file = scene.home_file("authority.pem", &front.authority);
    scene.env("SSL_CERT_FILE", &file);
    assert_eq!(scene.key()?, "LTAIenv");
    Ok(())
}

fn proxies(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    let front = TlsFront::start("swas.example", scene.emulator.address())?;
    let proxy = ConnectProxy::start(front.address)?;
    let file = scene.home_file("authority.pem", &front.authority);
    scene.env("SSL_CERT_FILE", &file);
    scene.env("ALIBABA_CLOUD_SWAS_ENDPOINT", "swas.example");
    scene.env("HTTPS_PROXY", &format!("http://{}", proxy.address));
    assert_eq!(scene.key()?, "LTAIenv");
    assert_eq!(proxy.targets(), ["swas.example:443"]);

    scene.env("NO_PROXY", "example");
    let output = scene.plan()?;
    assert!(!output.status.success(), "{output}");
    assert_eq!(proxy.targets().len(), 1);
    Ok(())
}

fn regional_sts(client: &Client) -> Outcome {
    for (region, expected) in [
        ("cn-hangzhou", "sts.cn-hangzhou.aliyuncs.com:443"),
        ("", "sts.aliyuncs.com:443"),
    ] {
        let mut scene = scene_with_keys(client)?;
        let front = TlsFront::start("*.aliyuncs.com", scene.emulator.address())?;
        let proxy = ConnectProxy::start(front.address)?;
        scene.env("HTTPS_PROXY", &format!("http://{}", proxy.address));
        scene.env("ALIBABA_CLOUD_STS_ENDPOINT", "");
        scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("reader"));
        scene.env("ALIBABA_CLOUD_REGION", region);
        scene.data("data \"swas_images\" \"all\" {\n  region_id = \"us-west-1\"\n}\n");
        // Where it is called is seen, whether the certificate is trusted or not.
        scene.plan()?;
        assert_eq!(proxy.targets(), [expected]);
    }
    Ok(())
}

fn plain_proxy(client: &Client) -> Outcome {
    for source in ["env_uri", "env_ecs"] {
        let mut scene = Scene::new(client)?;
        let proxy = ConnectProxy::start(scene.emulator.address())?;
        let found = super::sources::SOURCES
            .iter()
            .find(|one| one.name == source);
        let found = found.ok_or("no such source")?;
        (found.set)(&mut scene);
        let host = scene.emulator.address().to_string();
        let endpoint = TlsFront::start("localhost", scene.emulator.address())?;
        let file = scene.home_file("authority.pem", &endpoint.authority);
        scene.env("SSL_CERT_FILE", &file);
        scene.env(
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            &format!("localhost:{}", endpoint.address.port()),
        );
        scene.env("HTTP_PROXY", &format!("http://{}", proxy.address));
        assert!(scene.key()?.starts_with(found.key), "{host}");
        assert_eq!(proxy.readable_requests(), 0);
    }
    Ok(())
}
